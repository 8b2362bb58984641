/** The way between a client and its executive: bytes in order, after a delay, until one end is gone. */
import type { Carrier } from '../../ipc/frame-stream.js';
import type { EventQueue } from '../event-queue.js';
import type { Random } from '../random.js';
import { MICROSECOND } from '../time.js';

/** ns in the mean. */
const DELAY = 100 * MICROSECOND;

/** Where bytes arrive. */
export interface PipeEnd {
  push(chunk: Buffer): void;
  gone(): void;
}

export class Pipe implements Carrier {
  unsent = 0;
  readonly isBusy = false;
  onRoom: () => void = () => {};
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #end: PipeEnd;
  #last = 0;
  #isCut = false;

  constructor(queue: EventQueue, random: Random, end: PipeEnd) {
    this.#queue = queue;
    this.#random = random;
    this.#end = end;
  }

  write(chunk: Buffer, written: () => void): void {
    const copy = Buffer.from(chunk);
    written();
    if (this.#isCut) return;
    this.unsent += copy.length;
    this.#later(() => {
      this.unsent -= copy.length;
      if (this.#isCut) return;
      this.#end.push(copy);
      this.onRoom();
    });
  }

  /** All that was written is on the way. */
  drop(): void {}

  end(): void {
    this.#later(() => this.#end.gone());
  }

  /** Its writer has died: what is on the way is lost. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.end();
  }

  #later(run: () => void): void {
    const at = Math.max(this.#last + 1, this.#queue.now + Math.ceil(this.#random.exponential(DELAY)));
    this.#last = at;
    this.#queue.at(at, () => {
      run();
      this.#queue.yieldAfter();
    });
  }
}
