/** The consumer of a session that is iterated: a queue with a bound in bytes, taken from one by one or all at once. */
import { type Consumer, EVENT_OVERHEAD, type EvsEvent } from './inbox.js';
import type { Configuration, Message } from './types.js';

/** Events that were taken and still have a place in the array. */
const MAX_TAKEN = 4096;

type Taker = () => void;

export class EventQueue implements Consumer {
  /** It reached its bound: nothing more comes before onRoom(). */
  onFull: () => void = () => {};
  /** It was at its bound and is below it again. */
  onRoom: () => void = () => {};
  readonly #bound: number;
  #events: EvsEvent[] = [];
  /** Index of the first that was not taken. */
  #first = 0;
  #bytes = 0;
  #isFull = false;
  #isOver = false;
  /** Who waits for an event, in order. */
  readonly #takers: Taker[] = [];

  /** Bytes. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  message(message: Message): boolean {
    return this.#put(message, EVENT_OVERHEAD + message.data.length);
  }

  configuration(configuration: Configuration): boolean {
    return this.#put(configuration, EVENT_OVERHEAD);
  }

  endOfBatch(): void {}

  /** Nothing more comes, and what was queued is gone. */
  end(): void {
    this.#isOver = true;
    this.#events = [];
    this.#first = 0;
    this.#bytes = 0;
    for (const taker of this.#takers.splice(0)) taker();
  }

  async *each(): AsyncGenerator<EvsEvent, undefined, undefined> {
    for (;;) {
      while (this.#isWaiting) await this.#more();
      if (this.#isOver) return;
      const event = this.#events[this.#first]!;
      this.#first++;
      if (this.#first === this.#events.length || this.#first === MAX_TAKEN) {
        this.#events = this.#events.slice(this.#first);
        this.#first = 0;
      }
      this.#taken(sizeOf(event));
      yield event;
    }
  }

  async *batches(): AsyncGenerator<readonly EvsEvent[], undefined, undefined> {
    for (;;) {
      while (this.#isWaiting) await this.#more();
      if (this.#isOver) return;
      const batch = this.#first === 0 ? this.#events : this.#events.slice(this.#first);
      this.#events = [];
      this.#first = 0;
      this.#taken(this.#bytes);
      yield batch;
    }
  }

  #put(event: EvsEvent, bytes: number): boolean {
    this.#events.push(event);
    this.#bytes += bytes;
    this.#takers.shift()?.();
    if (this.#bytes < this.#bound) return true;
    if (!this.#isFull) {
      this.#isFull = true;
      this.onFull();
    }
    return false;
  }

  #taken(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.#isFull || this.#bytes >= this.#bound) return;
    this.#isFull = false;
    this.onRoom();
  }

  /**
   * To be asked again after each wait, and right before something is taken: several iterators share the queue, and the session may end
   * between any two turns of theirs.
   */
  get #isWaiting(): boolean {
    return !this.#isOver && this.#first === this.#events.length;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

function sizeOf(event: EvsEvent): number {
  return event.type === 'message' ? EVENT_OVERHEAD + event.data.length : EVENT_OVERHEAD;
}
