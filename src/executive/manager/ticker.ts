/** Watches the earliest deadline of the services, and says when it is over. Infinity: there is none, or others watch. */
import type { ManagerClock } from './clock.js';

export class Ticker {
  readonly #clock: ManagerClock;
  readonly #over: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: ManagerClock, over: () => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** `at`: ms since the Unix epoch. */
  watch(at: number): void {
    if (this.#at === at) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#cancel = undefined;
      this.#over();
    });
  }
}
