/**
 * The deadlines of one connection: one heap and one timer. A timer of Node takes at most 2^31 - 1 ms and fires at once beyond that, so
 * it is armed for what it can and armed again.
 */

/** Milliseconds that one arming of the timer may last. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Deadline {
  /** On the clock of performance.now(). */
  readonly at: number;
  readonly expire: () => void;
  /** Position in the heap; -1: not in it. */
  index: number;
}

export class Deadlines {
  readonly #heap: Deadline[] = [];
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#heap.length;
  }

  /** `ms` from now; Infinity never comes, and needs no entry. */
  add(ms: number, expire: () => void): Deadline {
    const deadline: Deadline = { at: performance.now() + ms, expire, index: -1 };
    if (ms === Number.POSITIVE_INFINITY) return deadline;
    deadline.index = this.#heap.length;
    this.#heap.push(deadline);
    this.#up(deadline);
    this.#arm();
    return deadline;
  }

  remove(deadline: Deadline): void {
    const { index } = deadline;
    if (index < 0) return;
    deadline.index = -1;
    const last = this.#heap.pop()!;
    if (last !== deadline) {
      this.#heap[index] = last;
      last.index = index;
      this.#up(last);
      this.#down(last);
    }
    if (this.#heap.length === 0) this.#disarm();
  }

  clear(): void {
    for (const deadline of this.#heap) deadline.index = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at >= this.#armedFor) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    const ms = Math.min(Math.max(0, Math.ceil(first.at - now)), LONGEST_TIMER_MS);
    this.#armedFor = Math.min(first.at, now + ms);
    this.#timer = setTimeout(() => this.#expire(), ms);
  }

  #expire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.remove(first);
      first.expire();
    }
    this.#arm();
  }

  #up(deadline: Deadline): void {
    while (deadline.index > 0) {
      const parent = this.#heap[(deadline.index - 1) >> 1]!;
      if (parent.at <= deadline.at) return;
      this.#swap(parent, deadline);
    }
  }

  #down(deadline: Deadline): void {
    for (;;) {
      const left = this.#heap[2 * deadline.index + 1];
      const right = this.#heap[2 * deadline.index + 2];
      const least = right !== undefined && right.at < left!.at ? right : left;
      if (least === undefined || least.at >= deadline.at) return;
      this.#swap(deadline, least);
    }
  }

  #swap(parent: Deadline, child: Deadline): void {
    const { index } = parent;
    parent.index = child.index;
    child.index = index;
    this.#heap[parent.index] = parent;
    this.#heap[child.index] = child;
  }
}
