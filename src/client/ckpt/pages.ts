/** What is iterated in pages: the first is asked for at once, so that it shows what existed then. */
import type { BodyReader } from '../../ipc/body.js';
import { END_ITERATOR, NEXT_PAGE, numberBody } from '../../ipc/ckpt.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';

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
  /** Settles when the page is there, with whether it is the last. */
  #page: Promise<boolean>;
  /** Of the page, those that were not given. */
  #items: T[] = [];
  /** One after another, however many are asked for at once. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The executive keeps what is left for the next page. */
  #isKept = false;
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

  /** Items that were read already, and are not to be given. A page that is still to come knows that they are gone. */
  drop(isGone: (item: T) => boolean): void {
    this.#items = this.#items.filter((item) => !isGone(item));
  }

  async #next(): Promise<IteratorResult<T>> {
    if (!this.#isOver) this.#settings.check();
    while (!this.#isOver) {
      const isLast = await this.#here();
      this.#settings.check();
      const item = this.#items.shift();
      if (item !== undefined) return { done: false, value: item };
      if (isLast) this.#over();
      else if (!this.#isOver) this.#page = this.#ask(NEXT_PAGE, numberBody(this.#number));
    }
    return { done: true, value: undefined };
  }

  async #here(): Promise<boolean> {
    try {
      return await this.#page;
    } catch (error) {
      this.#over();
      this.#giveUp();
      throw error;
    }
  }

  #ask(fn: number, body: Buffer): Promise<boolean> {
    const { calls, operation, options, owner, read } = this.#settings;
    const page = calls.call<boolean>({
      operation,
      options,
      fn,
      body,
      owner,
      hasEffect: false,
      result: (answer) => {
        const isLast = answer.bool();
        this.#isKept = !isLast;
        this.#items = Array.from({ length: answer.u32() }, () => read(answer));
        return isLast;
      },
      late: (answer) => {
        this.#isKept = !answer.bool();
        this.#giveUp();
      },
    });
    // It is looked at when the next item is asked for.
    page.catch(() => {});
    return page;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#over();
    const giveUp = () => this.#giveUp();
    this.#page.then(giveUp, giveUp);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settings.ended(this);
  }

  #giveUp(): void {
    if (!this.#isKept) return;
    this.#isKept = false;
    this.#settings.calls.tell(END_ITERATOR, numberBody(this.#number));
  }
}
