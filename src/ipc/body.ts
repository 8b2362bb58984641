/**
 * Bodies of frames and of the messages of services: little-endian, nothing aligned. A reader checks every length before it reads, so
 * that what came from a client or from the network can be parsed first and acted on afterwards.
 */

/** The bytes are not what the reader expects. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FIRST_CAPACITY = 256;
const LOW = (1n << 64n) - 1n;

/** Writes a body, value by value. */
export class BodyWriter {
  #memory: Buffer;
  #size = 0;

  /** `capacity`: bytes that are expected; it grows. */
  constructor(capacity = FIRST_CAPACITY) {
    this.#memory = Buffer.allocUnsafe(capacity);
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#memory[at] = value;
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  u16(value: number): this {
    const at = this.#take(2);
    this.#memory.writeUInt16LE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    this.#memory.writeUInt32LE(value, at);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#take(8);
    this.#memory.writeBigUInt64LE(value, at);
    return this;
  }

  /** A place in the total order: 24 bytes. */
  position(value: bigint): this {
    return this.u64(value & LOW)
      .u64((value >> 64n) & LOW)
      .u64(value >> 128n);
  }

  /** Times and durations in milliseconds, Infinity among them; counts below 2^53. */
  f64(value: number): this {
    const at = this.#take(8);
    this.#memory.writeDoubleLE(value, at);
    return this;
  }

  /** u32 length, bytes. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).rest(value);
  }

  /** u16 length in bytes, UTF-8. */
  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.u16(length);
    const at = this.#take(length);
    this.#memory.write(value, at);
    return this;
  }

  /** Bytes without a length: up to the end of the body. */
  rest(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#memory.set(value, at);
    return this;
  }

  get size(): number {
    return this.#size;
  }

  /** The body; the writer is done. */
  finish(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }

  #take(bytes: number): number {
    const at = this.#size;
    this.#size += bytes;
    if (this.#size > this.#memory.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#size, 2 * this.#memory.length));
      this.#memory.copy(grown, 0, 0, at);
      this.#memory = grown;
    }
    return at;
  }
}

/** Reads what a BodyWriter wrote, and throws BodyError if it is something else. */
export class BodyReader {
  readonly memory: Buffer;
  #at: number;
  readonly #end: number;

  constructor(memory: Buffer, start = 0, end = memory.length) {
    this.memory = memory;
    this.#at = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.memory[this.#take(1)]!;
  }

  /** @throws {BodyError} Neither 0 nor 1. */
  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new BodyError(`${value} for a boolean`);
    return value === 1;
  }

  u16(): number {
    return this.memory.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.memory.readUInt32LE(this.#take(4));
  }

  u64(): bigint {
    return this.memory.readBigUInt64LE(this.#take(8));
  }

  position(): bigint {
    return this.u64() | (this.u64() << 64n) | (this.u64() << 128n);
  }

  /** @throws {BodyError} NaN: no time and no count is one. */
  f64(): number {
    const value = this.memory.readDoubleLE(this.#take(8));
    if (Number.isNaN(value)) throw new BodyError('no number');
    return value;
  }

  /** A view; copy what is kept. */
  bytes(most = this.remaining): Buffer {
    const length = this.u32();
    if (length > most) throw new BodyError(`${length} bytes, at most ${most}`);
    const at = this.#take(length);
    return this.memory.subarray(at, at + length);
  }

  /** A view of so many bytes. */
  take(length: number): Buffer {
    const at = this.#take(length);
    return this.memory.subarray(at, at + length);
  }

  text(most = 0xffff): string {
    const length = this.u16();
    if (length > most) throw new BodyError(`a text of ${length} bytes, at most ${most}`);
    const at = this.#take(length);
    try {
      return utf8.decode(this.memory.subarray(at, at + length));
    } catch {
      throw new BodyError('a text that is no UTF-8');
    }
  }

  /** A view of all that is left. */
  rest(): Buffer {
    const at = this.#at;
    this.#at = this.#end;
    return this.memory.subarray(at, this.#end);
  }

  /** @throws {BodyError} There is more than was read. */
  end(): void {
    if (this.remaining > 0) throw new BodyError(`${this.remaining} bytes too many`);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#end - at) throw new BodyError(`${bytes} bytes wanted, ${this.#end - at} left`);
    this.#at += bytes;
    return at;
  }
}
