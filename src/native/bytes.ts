/**
 * Little-endian fields of the boundary, checked: a value that does not fit its field is an error, never another value.
 */

import type { Identity, RingId } from '../totem/boundary.js';

/** Grows as needed; a writer is used for one frame. */
export class ByteWriter {
  #bytes = new Uint8Array(128);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, checked(value, 0xff));
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, checked(value, 0xffff), true);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, checked(value, 0xffff_ffff), true);
  }

  u64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} is no unsigned integer of 64 bits`);
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
  }

  zeros(count: number): void {
    this.#room(count);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  ringId(id: RingId): void {
    this.u32(id.representative);
    this.u32(id.nonce);
    this.u64(id.seq);
  }

  identity(identity: Identity): void {
    this.u32(identity.node);
    this.u32(0);
    this.u64(identity.incarnation);
    this.u64(identity.salt);
  }

  /** What was written, in memory of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  /** Reserves zeros and returns where they start. Called before #bytes and #view are looked at: it may replace them. */
  #room(count: number): number {
    const at = this.#size;
    this.#size += count;
    if (this.#size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#size, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

function checked(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not within 0 to ${max}`);
  return value;
}

/** Reads within [at, end) of a view; running over the end throws a RangeError. */
export class ByteReader {
  readonly #view: DataView;
  #at: number;
  readonly #end: number;

  constructor(view: DataView, at: number, end: number) {
    this.#view = view;
    this.#at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A copy: the memory below belongs to the core and is used again. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, count).slice();
  }

  ringId(): RingId {
    return { representative: this.u32(), nonce: this.u32(), seq: this.u64() };
  }

  identity(): Identity {
    const node = this.u32();
    this.skip(4);
    return { node, incarnation: this.u64(), salt: this.u64() };
  }

  /** `count` times what `read` reads. */
  list<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw new RangeError(`a frame ends ${count - (this.#end - at)} bytes too early`);
    this.#at = at + count;
    return at;
  }
}
