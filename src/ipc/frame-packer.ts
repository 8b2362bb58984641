/** Packs frames into chunks, so that what is sent in one tick leaves with one write. */
import { giveChunk, takeChunk } from './chunks.js';
import { FRAME_HEADER_SIZE, LENGTH_SIZE } from './frame.js';

const NOTHING = Buffer.alloc(0);

/** Takes the bytes of a chunk; `written` gives the memory back. */
export type WriteChunk = (chunk: Buffer, written: () => void) => void;

export class FramePacker {
  /** Where the frame that was begun last is to be put. */
  memory: Buffer = NOTHING;
  /** Counts frames, and chunks that have left. */
  begun = 0;
  #used = 0;
  /** Where the frame begins that was begun last. */
  #last = 0;
  readonly #write: WriteChunk;
  readonly #onFirst: () => void;

  /** `onFirst`: a first frame waits, so a flush() should follow. */
  constructor(write: WriteChunk, onFirst: () => void) {
    this.#write = write;
    this.#onFirst = onFirst;
  }

  /** Bytes that wait for flush(). */
  get pending(): number {
    return this.#used;
  }

  /** Begins a frame with so many bytes of body, all of which the caller writes at the place in `memory` that it returns. */
  begin(kind: number, bytes: number): number {
    const size = FRAME_HEADER_SIZE + bytes;
    if (this.#used + size > this.memory.length) {
      const isFirst = this.#used === 0;
      this.flush();
      this.memory = takeChunk(size);
      if (isFirst) this.#onFirst();
    }
    const at = this.#used;
    this.#last = at;
    this.begun++;
    this.#used += size;
    this.memory.writeUInt32LE(size - LENGTH_SIZE, at);
    this.memory[at + LENGTH_SIZE] = kind;
    return at + FRAME_HEADER_SIZE;
  }

  /**
   * The frame that was begun last grows: returns where the bytes go, or -1 if there is no room for them, or it would have more than
   * `most`. While `begun` has not changed it is the same frame.
   */
  extend(bytes: number, most: number): number {
    const at = this.#used;
    const size = at + bytes - this.#last;
    if (at + bytes > this.memory.length || size > most) return -1;
    this.#used += bytes;
    this.memory.writeUInt32LE(size - LENGTH_SIZE, this.#last);
    return at;
  }

  flush(): void {
    if (this.#used === 0) return;
    const { memory } = this;
    const chunk = memory.subarray(0, this.#used);
    this.memory = NOTHING;
    this.#used = 0;
    this.begun++;
    this.#write(chunk, () => giveChunk(memory));
  }
}
