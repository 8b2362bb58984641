/** The changes of a checkpoint, queued for whoever iterates. */
import { type AisError, aisError } from '../../ais-error.js';
import type { BodyReader } from '../../ipc/body.js';
import { WATCH_ENDED, WATCH_KINDS } from '../../ipc/ckpt.js';
import type { SectionChange } from './types.js';

/** Changes that were told and not taken. */
export const WATCH_QUEUE_MAX = 65536;

interface Taker {
  readonly resolve: (result: IteratorResult<SectionChange>) => void;
  readonly reject: (error: unknown) => void;
}

export class Watch implements AsyncIterableIterator<SectionChange>, AsyncDisposable {
  readonly #stop: (watch: Watch) => void;
  #changes: SectionChange[] = [];
  #first = 0;
  readonly #takers: Taker[] = [];
  #isOver = false;
  /** Told once, after what was queued. */
  #error: AisError | undefined;

  /** `stop`: nothing more is wanted. Again once all was taken that had been queued by then. */
  constructor(stop: (watch: Watch) => void) {
    this.#stop = stop;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SectionChange>> {
    const change = this.#changes[this.#first];
    if (change !== undefined) {
      this.#first++;
      if (2 * this.#first > this.#changes.length) {
        this.#changes = this.#changes.slice(this.#first);
        this.#first = 0;
      }
      return { done: false, value: change };
    }
    if (!this.#isOver) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    const error = this.#error;
    this.#error = undefined;
    this.#stop(this);
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<SectionChange>> {
    this.end();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  hear(fn: number, body: BodyReader): void {
    const kind = WATCH_KINDS[fn];
    if (kind !== undefined) this.#add({ section: Buffer.from(body.rest()), kind });
    else if (fn === WATCH_ENDED)
      this.#fail(
        aisError('SA_AIS_ERR_BAD_HANDLE', 'ckpt.watch', 'the checkpoint is no longer open', { hint: 'open it again' }),
      );
  }

  /** Changes that were told before it was over are still to be taken, or why it is. */
  get isHolding(): boolean {
    return this.#first < this.#changes.length || this.#error !== undefined;
  }

  /** What was queued is gone. */
  end(): void {
    this.#changes = [];
    this.#first = 0;
    this.#error = undefined;
    this.#over();
  }

  #add(change: SectionChange): void {
    if (this.#isOver) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: change });
    else if (this.#changes.length - this.#first < WATCH_QUEUE_MAX) this.#changes.push(change);
    else this.#fail(aisError('SA_AIS_ERR_NO_RESOURCES', 'ckpt.watch', `${WATCH_QUEUE_MAX} changes were not taken`));
  }

  #fail(error: AisError): void {
    if (this.#isOver) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.reject(error);
    else this.#error = error;
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const taker of this.#takers.splice(0)) taker.resolve({ done: true, value: undefined });
    this.#stop(this);
  }
}
