/**
 * Reads that have to see whatever was acknowledged anywhere before them: they wait until a message of this node, sent after they came,
 * passes in the total order. One is on the way at a time; what comes meanwhile shares the next.
 */
export class Barrier {
  readonly #send: () => boolean;
  /** Waits for the message that is on the way. */
  #first: (() => void)[] = [];
  #next: (() => void)[] = [];
  #isOnTheWay = false;

  /** `send`: false, there is no room; retry() follows when there is. */
  constructor(send: () => boolean) {
    this.#send = send;
  }

  add(run: () => void): void {
    this.#next.push(run);
    this.retry();
  }

  /** There may be room. */
  retry(): void {
    if (this.#isOnTheWay || this.#next.length === 0 || !this.#send()) return;
    this.#isOnTheWay = true;
    this.#first = this.#next;
    this.#next = [];
  }

  /** It came by. Returns who waited for it. */
  passed(): readonly (() => void)[] {
    const waited = this.#first;
    this.#first = [];
    this.#isOnTheWay = false;
    this.retry();
    return waited;
  }

  /** It came by where it does not count: the same again, at the next retry(). */
  again(): void {
    this.#next = [...this.#first, ...this.#next];
    this.#first = [];
    this.#isOnTheWay = false;
  }
}
