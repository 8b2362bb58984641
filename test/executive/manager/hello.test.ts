import { expect, test } from 'vitest';
import { decodeHello, encodeHello, GREETING_MAX, type Hello } from '../../../src/executive/manager/hello.js';
import { BodyError, BodyReader } from '../../../src/ipc/body.js';

const hello: Hello = {
  lineage: 'start 1 x',
  oldMembers: [1, 0xffff_ffff],
  lastPrimaryView: 12,
  rememberedView: 16,
  hasSeenAll: true,
  time: 1_700_000_000_000,
  founder: 'start 1 w',
  age: 1234,
  isBehind: true,
  history: ['1.4.0000000a', '1.8.0000000b'],
  services: [
    { number: 2, isBlank: true, digest: Buffer.alloc(0), greeting: Buffer.from('hi') },
    { number: 255, isBlank: false, digest: Buffer.alloc(32, 7), greeting: Buffer.alloc(GREETING_MAX) },
  ],
};

test('A hello is what was said', () => {
  expect(decodeHello(new BodyReader(encodeHello(hello)))).toEqual(hello);
});

test('Whatever is cut off, too long or too much is refused', () => {
  const bytes = encodeHello(hello);
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeHello(new BodyReader(bytes, 0, length))).toThrow(BodyError);
  expect(() => decodeHello(new BodyReader(Buffer.concat([bytes, Buffer.from([0])])))).toThrow(BodyError);
  const loud = { ...hello, services: [{ ...hello.services[0]!, greeting: Buffer.alloc(GREETING_MAX + 1) }] };
  expect(() => decodeHello(new BodyReader(encodeHello(loud)))).toThrow(BodyError);
  const old = { ...hello, history: Array.from({ length: 33 }, (_, index) => `${index}`) };
  expect(() => decodeHello(new BodyReader(encodeHello(old)))).toThrow(BodyError);
  for (const age of [Number.NaN, -1])
    expect(() => decodeHello(new BodyReader(encodeHello({ ...hello, age })))).toThrow(BodyError);
});
