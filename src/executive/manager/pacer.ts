/**
 * How fast a sender of state goes: those who work meanwhile order OTHERS_SHARE times as many bytes as it does, so that they keep more than
 * half of the ring. Where nobody works it goes as fast as the ring.
 */
import type { ManagerClock } from './clock.js';

/** Chunks on the way: enough that the ring never waits for one. */
export const CHUNKS_IN_FLIGHT = 4;
const OTHERS_SHARE = 2;
/** So long those who work hardly keep it waiting, in ms. */
const REST_MAX = 26;

export class Pacer {
  readonly #clock: ManagerClock;
  readonly #go: () => void;
  #inFlight = 0;
  /** Bytes that others may order before the next chunk goes. */
  #debt = 0;
  /** Bytes that others ordered since the last chunk came back. */
  #others = 0;
  /** Chunks that came back since others ordered anything: after as many as may be on the way, nobody works. */
  #quiet = CHUNKS_IN_FLIGHT;
  #cancel: (() => void) | undefined;

  /** `go`: a chunk may be sent again. */
  constructor(clock: ManagerClock, go: () => void) {
    this.#clock = clock;
    this.#go = go;
  }

  get isOpen(): boolean {
    return this.#inFlight < CHUNKS_IN_FLIGHT && this.#debt === 0;
  }

  sent(): void {
    this.#inFlight += 1;
  }

  /** A chunk came back, ordered. */
  returned(bytes: number): void {
    this.#inFlight -= 1;
    this.#quiet += 1;
    this.#debt = Math.max(0, this.#debt + OTHERS_SHARE * bytes - this.#others);
    this.#others = 0;
    if (this.#debt === 0 || this.#quiet > CHUNKS_IN_FLIGHT) this.#paid();
    else this.#cancel ??= this.#clock.after(REST_MAX, () => this.#paid());
  }

  /** Others ordered this. */
  ordered(bytes: number): void {
    this.#others += bytes;
    this.#quiet = 0;
    if (this.#debt > 0 && this.#others >= this.#debt) this.#paid();
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #paid(): void {
    this.#debt = 0;
    this.end();
    this.#go();
  }
}
