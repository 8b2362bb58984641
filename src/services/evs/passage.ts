/**
 * Which of a session's own messages have passed their place in the total order. Messages of one sender keep their order within a
 * priority, so a counter a priority is enough; one that was refused its configuration leaves a hole in the count.
 */
import { PRIORITIES } from '../../gmi/port.js';

interface Waiter {
  readonly targets: readonly number[];
  readonly done: () => void;
}

export class Passage {
  readonly #accepted: number[] = new Array(PRIORITIES).fill(0);
  readonly #passed: number[] = new Array(PRIORITIES).fill(0);
  readonly #holes: Set<number>[] = Array.from({ length: PRIORITIES }, () => new Set());
  readonly #waiters = new Set<Waiter>();

  /** Returns the ordinal of the last of them among the session's messages of this priority. */
  accept(priority: number, count = 1): number {
    this.#accepted[priority]! += count;
    return this.#accepted[priority]!;
  }

  /** The next message of this priority came by. */
  pass(priority: number): void {
    this.#passed[priority]!++;
    this.#skipHoles(priority);
  }

  /** The message of this ordinal will never come. */
  drop(priority: number, ordinal: number): void {
    this.#holes[priority]!.add(ordinal);
    this.#skipHoles(priority);
  }

  /** Calls back once all that was accepted until now has passed: at once, if it has. */
  whenPassed(done: () => void): () => void {
    const waiter: Waiter = { targets: [...this.#accepted], done };
    if (this.#hasPassed(waiter)) {
      done();
      return () => {};
    }
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  #skipHoles(priority: number): void {
    const holes = this.#holes[priority]!;
    while (holes.size > 0 && holes.delete(this.#passed[priority]! + 1)) this.#passed[priority]!++;
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) {
      if (!this.#hasPassed(waiter)) continue;
      this.#waiters.delete(waiter);
      waiter.done();
    }
  }

  #hasPassed(waiter: Waiter): boolean {
    return waiter.targets.every((target, priority) => this.#passed[priority]! >= target);
  }
}
