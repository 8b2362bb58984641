/** Who waits for room, in the order of their waiting. While anybody waits nobody else is let in, or newcomers would get ahead. */

/** Called when there is room. False: it was refused again, keeps its place, and the others wait on. */
export type Attempt = () => boolean;

export class Turns {
  readonly #waiting: Attempt[] = [];
  #isServing = false;

  /** Nobody waits, or one of them has its turn just now. */
  get isOpen(): boolean {
    return this.#isServing || this.#waiting.length === 0;
  }

  /** Bounded by the callers: one entry for each that waits. Returns how to give it up. */
  wait(attempt: Attempt): () => void {
    this.#waiting.push(attempt);
    return () => {
      const index = this.#waiting.indexOf(attempt);
      if (index >= 0) this.#waiting.splice(index, 1);
    };
  }

  /** Lets them in as long as there is room. */
  serve(hasRoom: () => boolean): void {
    while (!this.#isServing && hasRoom()) {
      const attempt = this.#waiting[0];
      if (attempt === undefined) return;
      this.#isServing = true;
      let isDone = true;
      try {
        isDone = attempt();
      } finally {
        this.#isServing = false;
      }
      if (!isDone) return;
      if (this.#waiting[0] === attempt) this.#waiting.shift();
    }
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}
