import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyError, BodyReader, BodyWriter } from '../../src/ipc/body.js';

test('What is written is read', () => {
  const written = fc.record({
    u8: fc.nat(0xff),
    bool: fc.boolean(),
    u16: fc.nat(0xffff),
    u32: fc.nat(0xffff_ffff),
    u64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    f64: fc.double({ noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 600 }),
    text: fc.string({ unit: 'grapheme', maxLength: 300 }),
    rest: fc.uint8Array({ maxLength: 50 }),
  });
  fc.assert(
    fc.property(written, ({ u8, bool, u16, u32, u64, f64, bytes, text, rest }) => {
      const writer = new BodyWriter(4).u8(u8).bool(bool).u16(u16).u32(u32).u64(u64).f64(f64).bytes(bytes).text(text);
      const body = writer.rest(rest).finish();
      const reader = new BodyReader(body);
      const read = [reader.u8(), reader.bool(), reader.u16(), reader.u32(), reader.u64(), reader.f64()];
      expect(read).toEqual([u8, bool, u16, u32, u64, f64]);
      expect([...reader.bytes()]).toEqual([...bytes]);
      expect(reader.text()).toBe(text);
      expect([...reader.rest()]).toEqual([...rest]);
      reader.end();
    }),
  );
});

test('Nothing is read beyond the end', () => {
  const short = () => new BodyReader(Buffer.from([3, 0, 0, 0, 1, 2]), 0, 6);
  expect(() => short().bytes()).toThrow(BodyError);
  expect(() => short().u64()).toThrow(BodyError);
  expect(() => short().take(7)).toThrow(BodyError);
  expect(() => new BodyReader(Buffer.from([5, 0, 65])).text()).toThrow(BodyError);
  expect(() => new BodyReader(Buffer.alloc(0)).u8()).toThrow(BodyError);
  expect(() => new BodyReader(Buffer.alloc(9), 0, 4).u32() + new BodyReader(Buffer.alloc(9), 4, 6).u32()).toThrow(
    BodyError,
  );
});

test('What is no boolean, no number, no UTF-8, too long or too much is refused', () => {
  expect(() => new BodyReader(Buffer.from([2])).bool()).toThrow(BodyError);
  const nan = new BodyWriter().f64(Number.NaN).finish();
  expect(() => new BodyReader(nan).f64()).toThrow(BodyError);
  expect(() => new BodyReader(Buffer.from([1, 0, 0xff])).text()).toThrow(BodyError);
  expect(() => new BodyReader(new BodyWriter().bytes(Buffer.alloc(5)).finish()).bytes(4)).toThrow(BodyError);
  expect(() => new BodyReader(new BodyWriter().text('abc').finish()).text(2)).toThrow(BodyError);
  expect(() => new BodyReader(Buffer.from([1])).end()).toThrow(BodyError);
});
