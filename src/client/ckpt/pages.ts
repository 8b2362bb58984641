/** What is iterated in pages: the first is asked for at once, so that it shows what existed then. */
import type { BodyReader } from '../../ipc/body.js';
import { END_ITERATOR, NEXT_PAGE, numberBody } from '../../ipc/ckpt.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';

interface Page<T> {
  readonly isLast: boolean;
  readonly items: T[];
}

export interface PagesSettings<T> {
  readonly operation: string;
  readonly calls: ServiceCalls;
  readonly owner: object;
  readonly options: WaitOptions | undefined;
  /** What asks for the first page of iterator `number`. */
  readonly fn: number;
  readonly body: (number: number) => Buffer;
  readonly read: (body: BodyReader) => T;
  /** Throws if nothing may be given any more. */
  readonly check: () => void;
  readonly ended: (pages: Pages<T>) => void;
}

export class Pages<T> implements AsyncIterableIterator<T> {
  readonly #settings: PagesSettings<T>;
  readonly #number: number;
  #page: Promise<Page<T>>;
  /** One after another, however many are asked for at once. */
  #turn: Promise<unknown> = Promise.resolve();
  #dropped: ((item: T) => boolean)[] = [];
  #isOver = false;

  constructor(settings: PagesSettings<T>) {
    this.#settings = settings;
    this.#number = settings.calls.newObject();
    this.#page = this.#ask(settings.fn, settings.body(this.#number));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    const next = this.#turn.then(() => this.#next());
    this.#turn = next.catch(() => {});
    return next;
  }

  async return(): Promise<IteratorResult<T>> {
    this.#end();
    return { done: true, value: undefined };
  }

  /** Items that were read already, and are not to be given. */
  drop(isGone: (item: T) => boolean): void {
    this.#dropped.push(isGone);
  }

  async #next(): Promise<IteratorResult<T>> {
    if (!this.#isOver) this.#settings.check();
    while (!this.#isOver) {
      const page = await this.#taken();
      this.#settings.check();
      for (let item = page.items.shift(); item !== undefined; item = page.items.shift()) {
        const given = item;
        if (!this.#dropped.some((isGone) => isGone(given))) return { done: false, value: given };
      }
      if (page.isLast) this.#over();
      else if (!this.#isOver) {
        // What is read from now on is no longer there if it was deleted before.
        this.#dropped = [];
        this.#page = this.#ask(NEXT_PAGE, numberBody(this.#number));
      }
    }
    return { done: true, value: undefined };
  }

  async #taken(): Promise<Page<T>> {
    try {
      return await this.#page;
    } catch (error) {
      this.#over();
      throw error;
    }
  }

  #ask(fn: number, body: Buffer): Promise<Page<T>> {
    const { calls, operation, options, owner, read } = this.#settings;
    const page = calls.call<Page<T>>({
      operation,
      options,
      fn,
      body,
      owner,
      hasEffect: false,
      result: (answer) => {
        const isLast = answer.bool();
        return { isLast, items: Array.from({ length: answer.u32() }, () => read(answer)) };
      },
      late: () => this.#tellEnd(),
    });
    // It is looked at when the next item is asked for.
    page.catch(() => {});
    return page;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#over();
    this.#page.then(
      ({ isLast }) => {
        if (!isLast) this.#tellEnd();
      },
      () => {},
    );
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settings.ended(this);
  }

  /** Without room for it the iterator stays until its checkpoint or the connection is closed. */
  #tellEnd(): void {
    this.#settings.calls.tell(END_ITERATOR, numberBody(this.#number));
  }
}
