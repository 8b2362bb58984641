import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/native/bytes.js';
import { identity, ringId, u16, u32, u64 } from './support/arbitraries.js';

const readerOf = (bytes: Uint8Array) =>
  new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);

describe('fields of the boundary', () => {
  it('are read as they were written, however many there are', () => {
    const row = fc.record({ a: u16, b: u32, c: u64, ring: ringId, identity, bytes: fc.uint8Array({ maxLength: 50 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const writer = new ByteWriter();
        for (const { a, b, c, ring, identity, bytes } of rows) {
          writer.u16(a);
          writer.u32(b);
          writer.u64(c);
          writer.ringId(ring);
          writer.identity(identity);
          writer.bytes(bytes);
        }
        const reader = readerOf(writer.finish());
        for (const expected of rows) {
          const row = {
            a: reader.u16(),
            b: reader.u32(),
            c: reader.u64(),
            ring: reader.ringId(),
            identity: reader.identity(),
            bytes: reader.bytes(expected.bytes.length),
          };
          expect(row).toEqual(expected);
        }
        expect(reader.left).toBe(0);
      }),
    );
  });

  it('refuse a value that does not fit instead of writing another one', () => {
    const writer = new ByteWriter();
    for (const value of [-1, 256, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => writer.u8(value)).toThrow(RangeError);
    expect(() => writer.u16(65_536)).toThrow(RangeError);
    expect(() => writer.u32(2 ** 32)).toThrow(RangeError);
    expect(() => writer.u64(2n ** 64n)).toThrow(RangeError);
    expect(() => writer.u64(-1n)).toThrow(RangeError);
  });

  it('are little-endian', () => {
    const writer = new ByteWriter();
    writer.u16(0x0102);
    writer.u32(0x03040506);
    writer.u64(0x0708090a0b0c0d0en);
    expect(Buffer.from(writer.finish()).toString('hex')).toBe('0201060504030e0d0c0b0a090807');
  });

  it('are never read beyond the end, even where the memory goes on', () => {
    const view = new DataView(new ArrayBuffer(16));
    const reader = new ByteReader(view, 4, 8);
    expect(() => reader.u64()).toThrow(RangeError);
    expect(reader.u32()).toBe(0);
    expect(() => reader.u8()).toThrow('a frame ends 1 bytes too early');
  });

  it('are copied out of memory that will be used again', () => {
    const memory = Uint8Array.of(1, 2, 3);
    const copy = readerOf(memory).bytes(3);
    memory.fill(0);
    expect([...copy]).toEqual([1, 2, 3]);
  });
});
