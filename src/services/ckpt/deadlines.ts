/** Absolute deadlines of the replicated state, the earliest first: a heap in which each item knows its place. */

export interface Timed {
  /** Milliseconds since the Unix epoch, in the time of the cluster; Infinity: never. */
  deadline: number;
  /** In the heap; -1: not there. */
  place: number;
}

export class Deadlines<T extends Timed> {
  readonly #heap: T[] = [];

  get first(): number {
    return this.#heap[0]?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Changes the deadline of an item, which may be new. */
  set(item: T, deadline: number): void {
    this.remove(item);
    item.deadline = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    item.place = this.#heap.length;
    this.#heap.push(item);
    this.#up(item);
  }

  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#put(last, place);
    this.#up(last);
    this.#down(last);
  }

  /** Another object for the same thing. */
  replace(item: T, by: T): void {
    if (item.place < 0) return;
    this.#put(by, item.place);
    item.place = -1;
  }

  /** Takes out what is due, in no particular order. */
  due(time: number): T[] {
    const due: T[] = [];
    for (let item = this.#heap[0]; item !== undefined && item.deadline <= time; item = this.#heap[0]) {
      this.remove(item);
      due.push(item);
    }
    return due;
  }

  #up(item: T): void {
    while (item.place > 0) {
      const parent = this.#heap[(item.place - 1) >> 1]!;
      if (parent.deadline <= item.deadline) return;
      this.#swap(parent, item);
    }
  }

  #down(item: T): void {
    for (;;) {
      const left = this.#heap[2 * item.place + 1];
      const right = this.#heap[2 * item.place + 2];
      const least = right !== undefined && right.deadline < left!.deadline ? right : left;
      if (least === undefined || least.deadline >= item.deadline) return;
      this.#swap(item, least);
    }
  }

  #swap(parent: T, child: T): void {
    const { place } = parent;
    this.#put(parent, child.place);
    this.#put(child, place);
  }

  #put(item: T, place: number): void {
    item.place = place;
    this.#heap[place] = item;
  }
}
