/** Puts a stream of bytes together to frames: one buffer that bytes are read into and frames are parsed in, in place. */
import { FRAME_HEADER_SIZE, FRAME_MAX, FrameError, LENGTH_SIZE } from './frame.js';

/** Bytes of the buffer; it grows for a frame that is larger. */
const BASE_SIZE = 64 << 10;
/** Bytes that a read finds room for, at least. */
const LEAST_SPACE = 16 << 10;
/** Reads without a large frame after which a large buffer is given back. */
const SMALL_READS = 64;

export interface FrameVisitor {
  /** The body is memory[start, end): valid until endOfBatch() has returned. @throws {FrameError} */
  frame(kind: number, memory: Buffer, start: number, end: number): void;
  /** All frames that came together have been visited. */
  endOfBatch(): void;
}

export class FrameReader {
  /** Bytes after the length, of the largest frame. */
  most = FRAME_MAX;
  readonly #visitor: FrameVisitor;
  #memory: Buffer = Buffer.allocUnsafeSlow(BASE_SIZE);
  /** Of what is not parsed. */
  #start = 0;
  #end = 0;
  /** Bytes of the frame that is incomplete, length included. */
  #wanted = 0;
  #smallReads = 0;
  #isStopped = false;

  constructor(visitor: FrameVisitor) {
    this.#visitor = visitor;
  }

  /** Where the next bytes go. Whatever was handed out of the buffer before is no longer valid. */
  space(least = LEAST_SPACE): Buffer {
    this.#makeRoom(least);
    return this.#end === 0 ? this.#memory : this.#memory.subarray(this.#end);
  }

  /** So many bytes were put into space(). @throws {FrameError} The stream cannot be read on. */
  received(bytes: number): void {
    this.#end += bytes;
    try {
      this.#parse();
    } finally {
      this.#visitor.endOfBatch();
    }
  }

  /** The same for bytes that are elsewhere: what is whole is visited there, only the rest is copied. @throws {FrameError} */
  push(chunk: Buffer): void {
    if (this.#start < this.#end) {
      this.space(chunk.length).set(chunk);
      this.received(chunk.length);
      return;
    }
    const own = this.#memory;
    this.#memory = chunk;
    this.#start = 0;
    this.#end = 0;
    try {
      this.received(chunk.length);
    } finally {
      const rest = chunk.subarray(this.#start, this.#end);
      this.#memory = own;
      this.#start = 0;
      this.#end = 0;
      this.space(rest.length).set(rest);
      this.#end = rest.length;
    }
  }

  /** Nothing more is visited, also of what is there. */
  stop(): void {
    this.#isStopped = true;
  }

  #parse(): void {
    const memory = this.#memory;
    while (!this.#isStopped && this.#end - this.#start >= LENGTH_SIZE) {
      const length = memory.readUInt32LE(this.#start);
      if (length === 0 || length > this.most) throw new FrameError(`a frame of ${length} bytes, at most ${this.most}`);
      const end = this.#start + LENGTH_SIZE + length;
      this.#wanted = LENGTH_SIZE + length;
      if (end > this.#end) break;
      const at = this.#start;
      this.#start = end;
      this.#wanted = 0;
      this.#visitor.frame(memory[at + LENGTH_SIZE]!, memory, at + FRAME_HEADER_SIZE, end);
    }
    if (this.#isStopped) this.#start = this.#end;
  }

  #makeRoom(least: number): void {
    const held = this.#end - this.#start;
    if (held === 0) {
      this.#start = 0;
      this.#end = 0;
      this.#shrink();
    }
    const needed = Math.max(held + least, this.#wanted);
    if (this.#memory.length - this.#start >= needed) return;
    if (this.#memory.length >= needed) {
      this.#memory.copyWithin(0, this.#start, this.#end);
    } else {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * this.#memory.length, FRAME_MAX + BASE_SIZE)));
      this.#memory.copy(grown, 0, this.#start, this.#end);
      this.#memory = grown;
      this.#smallReads = 0;
    }
    this.#start = 0;
    this.#end = held;
  }

  /** A connection that once had a large frame does not keep the memory for it. */
  #shrink(): void {
    if (this.#memory.length === BASE_SIZE) return;
    this.#smallReads++;
    if (this.#smallReads < SMALL_READS) return;
    this.#memory = Buffer.allocUnsafeSlow(BASE_SIZE);
  }
}
