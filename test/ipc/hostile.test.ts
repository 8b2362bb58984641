import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ACKNOWLEDGE,
  CANCEL,
  FRAME_MAX,
  HELLO,
  PROTOCOL_NAME,
  PROTOCOL_VERSION,
  REQUEST,
} from '../../src/ipc/frame.js';
import { OPEN_REQUESTS_MAX } from '../../src/ipc/link.js';
import { until, useLinks } from './support/link-pair.js';

const links = useLinks();
beforeEach(() => links().serve());

function frame(kind: number, ...parts: (number[] | Uint8Array)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5);
  head.writeUInt32LE(body.length + 1, 0);
  head[4] = kind;
  return Buffer.concat([head, body]);
}

const hello = frame(HELLO, [PROTOCOL_VERSION], PROTOCOL_NAME);
const request = (tag: number, body: Uint8Array = Buffer.alloc(0)) => frame(REQUEST, [64, 1, 0, 0, tag, 0, 0, 0], body);

/** Sends it and gives what came until the executive closed. */
async function provoke(...chunks: Buffer[]): Promise<string> {
  const { socket, received, closed } = await links().raw();
  for (const chunk of chunks) socket.write(chunk);
  await closed;
  return received();
}

/** Another client, which notices nothing. */
async function expectOthersServed(): Promise<void> {
  const { link, handler } = await links().connect();
  handler.onRequest = ({ tag, body }) => handler.link.answer(tag, { code: 'SA_AIS_OK', body });
  const answer = await new Promise((resolve) => link.request(64, 1, 0, Buffer.from('x'), resolve));
  expect(answer).toEqual({ code: 'SA_AIS_OK', body: Buffer.from('x') });
  link.close();
}

describe('A client is told what it did wrong, and ended', () => {
  test.each<[string, Buffer[], string]>([
    ['another protocol', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'a frame of 542393671 bytes'],
    ['JSON of former times', [Buffer.from([3, 0, 0, 0, 1, 0x7b, 0x7d])], 'no hello'],
    ['a request for a hello', [request(1)], 'no hello'],
    ['a hello of another protocol', [frame(HELLO, [PROTOCOL_VERSION], Buffer.from('http'))], 'no hello'],
    ['two hellos', [hello, hello], 'a frame of kind 1'],
    ['an unknown kind', [hello, frame(99)], 'a frame of kind 99'],
    ['a frame of no bytes', [hello, Buffer.alloc(4)], 'a frame of 0 bytes'],
    ['a frame that is too long', [hello, Buffer.from([0xff, 0xff, 0xff, 0x7f])], `at most ${FRAME_MAX}`],
    ['a large frame before a hello', [Buffer.from([0, 0, 16, 0, HELLO])], 'a frame of 1048576 bytes, at most 64'],
    ['a request that is cut off', [hello, frame(REQUEST, [64, 1, 0])], 'cut off'],
    ['a cancel that is cut off', [hello, frame(CANCEL, [1])], 'bytes wanted'],
    ['a cancel of no request', [hello, frame(CANCEL, [0, 0, 0, 0])], 'a cancel of no request'],
    ['an acknowledgement that is cut off', [hello, frame(ACKNOWLEDGE, [1, 2, 3])], 'bytes wanted'],
    ['a tag twice', [hello, request(5), request(5)], 'tag 5 twice'],
  ])('%s', async (_, chunks, what) => {
    const received = await provoke(...chunks);
    expect(received).toContain(what);
    expect(received).toMatch(/SA_AIS_ERR_(LIBRARY|VERSION)/);
    await expectOthersServed();
  });

  test('one that says nothing', { timeout: 10_000 }, async () => {
    const { received, closed } = await links().raw();
    await closed;
    expect(received()).toContain('no hello within');
  });

  test('one that ignores its window', async () => {
    const { socket, received, closed } = await links().raw();
    socket.write(hello);
    await until(() => links().handlers.length === 1);
    links().handlers[0]!.isTaking = false;
    const big = request(0, Buffer.alloc(1 << 18));
    for (let i = 0; i < 10; i++) socket.write(big);
    await closed;
    expect(received()).toContain('not taken up');
    expect(links().handlers[0]!.requests.length).toBeLessThan(8);
  });

  test('one that asks more than it may', async () => {
    const { socket, received, closed } = await links().raw();
    socket.write(hello);
    const many = Array.from({ length: OPEN_REQUESTS_MAX + 1 }, (_, i) => {
      const one = request(0);
      one.writeUInt32LE(i + 1, 9);
      return one;
    });
    socket.write(Buffer.concat(many));
    await closed;
    expect(received()).toContain(`more than ${OPEN_REQUESTS_MAX} requests`);
  });
});

test('Random frames, whole, cut off and run together, end no executive', async () => {
  const kinds = fc.constantFrom(HELLO, REQUEST, CANCEL, ACKNOWLEDGE, 16, 17, 18, 19, 20, 99);
  const frames = fc.tuple(kinds, fc.uint8Array({ maxLength: 40 })).map(([kind, body]) => frame(kind, body));
  const garbage = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  const requests = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 })).map(([tag, body]) => {
    return request(tag, body);
  });
  const streams = fc.record({
    isPolite: fc.boolean(),
    parts: fc.array(fc.oneof(frames, requests, garbage), { maxLength: 12 }),
    cut: fc.integer({ min: 0, max: 400 }),
    step: fc.integer({ min: 1, max: 200 }),
  });
  await fc.assert(
    fc.asyncProperty(streams, async ({ isPolite, parts, cut, step }) => {
      const bytes = Buffer.concat(isPolite ? [hello, ...parts] : parts).subarray(0, cut);
      const { socket, closed } = await links().raw();
      for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
      socket.end();
      await closed;
    }),
    { numRuns: 3000 },
  );
  await expectOthersServed();
  await until(() => links().handlers.every(({ isClosed }) => isClosed));
}, 60_000);
