/** What ends at a deadline, the earliest first. What ended before its time stays in the heap until it is the first, or most have. */

export interface Expiring {
  /** ms since the Unix epoch; Infinity: never. */
  readonly deadline: number;
  isGone: boolean;
}

export class Expiry<T extends Expiring> {
  #heap: T[] = [];
  #gone = 0;

  add(item: T): void {
    if (item.deadline === Number.POSITIVE_INFINITY) return;
    this.#heap.push(item);
    this.#up(this.#heap.length - 1);
  }

  /** The item ends for another reason. */
  remove(item: T): void {
    item.isGone = true;
    if (item.deadline === Number.POSITIVE_INFINITY) return;
    this.#gone += 1;
    if (2 * this.#gone <= this.#heap.length) return;
    // Sorted by deadline, an array is a heap.
    this.#heap = this.#heap.filter(({ isGone }) => !isGone).sort((a, b) => a.deadline - b.deadline);
    this.#gone = 0;
  }

  /** Infinity: nothing ends. */
  get next(): number {
    this.#skip();
    return this.#heap[0]?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** The first whose deadline is `time` or earlier; it is no longer in. */
  takeDue(time: number): T | undefined {
    if (this.next > time) return undefined;
    return this.#pop();
  }

  #skip(): void {
    while (this.#heap[0]?.isGone) {
      this.#pop();
      this.#gone -= 1;
    }
  }

  #pop(): T {
    const first = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (last !== first) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #up(from: number): void {
    const heap = this.#heap;
    const item = heap[from]!;
    let at = from;
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.deadline > item.deadline; parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  #down(from: number): void {
    const heap = this.#heap;
    const item = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.deadline < heap[child]!.deadline) child += 1;
      if (heap[child]!.deadline >= item.deadline) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = item;
  }
}
