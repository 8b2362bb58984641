/** Who may order a message now: one after the other, and nobody before those who wait. */
import type { Flow } from '../../gmi/flow.js';
import { MEDIUM } from '../../gmi/port.js';

export class WaitingLine {
  readonly #flow: Flow;
  readonly #isReady: () => boolean;
  readonly #onRoom: () => void;
  /** In the order of waiting; one entry a connection. */
  #waiting = new Set<() => void>();
  #isServing = false;
  #isWatchingRoom = false;

  /** `isReady`: whether the state of the node allows it. `onRoom` follows watchRoom(), once. */
  constructor(flow: Flow, isReady: () => boolean, onRoom: () => void) {
    this.#flow = flow;
    this.#isReady = isReady;
    this.#onRoom = onRoom;
  }

  get isOpen(): boolean {
    const isTurn = this.#isServing || this.#waiting.size === 0;
    return isTurn && this.#isReady() && this.#flow.isOpen(MEDIUM);
  }

  /** Calls back, in the order of waiting, when `isOpen`. Returns how to give it up. */
  wait(attempt: () => void): () => void {
    this.#waiting.add(attempt);
    this.watchRoom();
    return () => this.#waiting.delete(attempt);
  }

  /** Whoever waits in the flow keeps others from sending: only while there is no room. */
  watchRoom(): void {
    if (this.#isWatchingRoom || (this.#flow.isOpen(MEDIUM) && !this.#flow.isRefused(MEDIUM))) return;
    this.#isWatchingRoom = true;
    this.#flow.wait(MEDIUM, () => {
      this.#isWatchingRoom = false;
      this.#onRoom();
      return true;
    });
  }

  /** Those who wait have their turn, as long as it is open. */
  serve(): void {
    this.#isServing = true;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    let served = 0;
    while (served < waiting.length && this.isOpen) waiting[served++]!();
    // Who was refused again stands behind those who had no turn yet.
    this.#waiting = new Set([...waiting.slice(served), ...this.#waiting]);
    this.#isServing = false;
    if (this.#waiting.size > 0) this.watchRoom();
  }
}
