/** Items that a user asks for one by one: who waits already has the next at once, else it is kept until someone asks. */
export class Pull<T> implements AsyncIterable<T> {
  readonly #take: () => T | undefined;
  readonly #waiting: { readonly iterator: object; readonly resolve: (result: IteratorResult<T, undefined>) => void }[] =
    [];
  #isOver = false;
  /** Told once, after what is kept. */
  #error: unknown;

  /** `take`: the next of those that are kept. */
  constructor(take: () => T | undefined) {
    this.#take = take;
  }

  /** True: somebody waited, and has it. */
  offer(item: T): boolean {
    const first = this.#waiting.shift();
    first?.resolve({ done: false, value: item });
    return first !== undefined;
  }

  /** Nothing more comes; nothing that is kept is given out. */
  end(): void {
    this.#isOver = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Nothing more comes: who asks for more than is kept is told why. */
  fail(error: Error): void {
    this.#error = error;
  }

  /** Several iterators share the items. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
    let hasReturned = false;
    const iterator: AsyncIterator<T, undefined, undefined> = {
      next: async () => {
        if (this.#isOver || hasReturned) return { done: true, value: undefined };
        const item = this.#take();
        if (item !== undefined) return { done: false, value: item };
        if (this.#error !== undefined) {
          this.end();
          throw this.#error;
        }
        return new Promise((resolve) => this.#waiting.push({ iterator, resolve }));
      },
      return: async () => {
        hasReturned = true;
        this.#release(iterator);
        return { done: true, value: undefined };
      },
    };
    return iterator;
  }

  #release(iterator: object): void {
    const own = this.#waiting.filter((waiting) => waiting.iterator === iterator);
    for (const waiting of own) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve({ done: true, value: undefined });
    }
  }
}
