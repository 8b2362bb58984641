/**
 * Who waits for room in the send queues, in the order of their waiting (one queue a priority). While anybody waits, nobody else is
 * let in: a new caller would otherwise starve those who came before.
 */
import { PRIORITIES, RECOVERY } from './port.js';

/** Called when there is room. True: it had its turn. False: it was refused again, keeps its place, and the others wait on. */
export type Attempt = () => boolean;

export class Flow {
  readonly #waiting: Attempt[][] = Array.from({ length: PRIORITIES }, () => []);
  readonly #refused: boolean[] = Array.from({ length: PRIORITIES }, () => false);
  #isServing = false;
  #isClosed = false;

  /** From now on nothing is let in but synchronisation, without which others would have to wait for what was let in before. */
  close(): void {
    this.#isClosed = true;
  }

  /** False: the queue refused and has not said since that it has room, or somebody waits. */
  isOpen(priority: number): boolean {
    if (this.#isClosed && priority !== RECOVERY) return false;
    return this.#isServing || (!this.#refused[priority] && this.#waiting[priority]!.length === 0);
  }

  /** The queue of this priority refused; the core tells when it has room. */
  refuse(priority: number): void {
    this.#refused[priority] = true;
  }

  isRefused(priority: number): boolean {
    return this.#refused[priority]!;
  }

  /** Waits for the next turn. Bounded by the caller: one entry a connection, one a service. */
  wait(priority: number, attempt: Attempt): void {
    this.#waiting[priority]!.push(attempt);
  }

  cancel(priority: number, attempt: Attempt): void {
    const waiting = this.#waiting[priority]!;
    const index = waiting.indexOf(attempt);
    if (index >= 0) waiting.splice(index, 1);
  }

  /** The event `room`: a bit for each priority whose queue is at most half full. */
  room(mask: number): void {
    for (let priority = 0; priority < PRIORITIES; priority++) {
      if ((mask & (1 << priority)) !== 0 && !(this.#isClosed && priority !== RECOVERY)) this.#serve(priority);
    }
  }

  #serve(priority: number): void {
    this.#refused[priority] = false;
    const waiting = this.#waiting[priority]!;
    while (!this.#refused[priority]) {
      const attempt = waiting[0];
      if (attempt === undefined) return;
      this.#isServing = true;
      let isDone = true;
      try {
        isDone = attempt();
      } finally {
        this.#isServing = false;
      }
      // The attempt may have cancelled itself, or have joined the queue again behind the others.
      if (!isDone) return;
      if (waiting[0] === attempt) waiting.shift();
    }
  }
}
