import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEADER_SIZE } from '../../../src/gmi/header.js';
import { ANNOUNCEMENT_SIZE } from '../../../src/services/evs/limits.js';
import {
  type AnnouncedRoute,
  decodeAnnouncement,
  decodeWithdrawal,
  encodeAnnouncements,
  encodeWithdrawal,
  MESSAGE_HEADER_SIZE,
  messageHeader,
} from '../../../src/services/evs/messages.js';

const name = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .filter((text) => Buffer.byteLength(text) <= 255);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const route: fc.Arbitrary<AnnouncedRoute> = fc.record({
  id: u32,
  session: u32,
  isSafe: fc.boolean(),
  groups: fc.array(name, { maxLength: 20 }),
});

function decodeAll(messages: Iterable<Buffer>): AnnouncedRoute[] {
  return [...messages].flatMap((message) => decodeAnnouncement(message, HEADER_SIZE, message.length)!);
}

test('Service and message header together take at most 16 bytes', () => {
  expect(MESSAGE_HEADER_SIZE).toBeLessThanOrEqual(16);
  expect(messageHeader(0xffff_ffff)).toHaveLength(MESSAGE_HEADER_SIZE);
});

describe('An announcement', () => {
  test('is read as it was written, in however many messages', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 50 }), (routes) => {
        expect(decodeAll(encodeAnnouncements(routes))).toEqual(routes);
      }),
    );
  });

  test('of many routes is cut where the size says', () => {
    const groups = Array.from({ length: 50 }, (_, i) => String(i).padStart(100, 'x'));
    const routes = Array.from({ length: 40 }, (_, id) => ({ id, session: 1, isSafe: false, groups }));
    const messages = [...encodeAnnouncements(routes)];
    expect(messages.length).toBeGreaterThan(4);
    for (const message of messages) expect(message.length).toBeLessThanOrEqual(ANNOUNCEMENT_SIZE + HEADER_SIZE);
    expect(decodeAll(messages)).toEqual(routes);
  });

  test('that is cut short anywhere is refused as a whole', () => {
    const [message] = encodeAnnouncements([
      { id: 1, session: 2, isSafe: true, groups: ['one', 'two'] },
      { id: 2, session: 2, isSafe: false, groups: ['three'] },
    ]);
    const whole = new Set([HEADER_SIZE, HEADER_SIZE + 19, message!.length]);
    for (let end = HEADER_SIZE; end <= message!.length; end++) {
      expect(decodeAnnouncement(message!, HEADER_SIZE, end) !== undefined).toBe(whole.has(end));
    }
  });

  test('of any other bytes is refused or read, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeAnnouncement(Buffer.from(bytes), 0, bytes.length);
        decodeWithdrawal(Buffer.from(bytes), 0, bytes.length);
      }),
    );
  });

  test('with a name that is no UTF-8, or empty, or with too many names, is refused', () => {
    const [message] = encodeAnnouncements([{ id: 1, session: 2, isSafe: false, groups: ['ab'] }]);
    const broken = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(message!);
      change(copy);
      return decodeAnnouncement(copy, HEADER_SIZE, copy.length);
    };
    expect(broken((copy) => copy.fill(0xff, copy.length - 1))).toBeUndefined();
    expect(broken((copy) => copy.writeUInt8(0, HEADER_SIZE + 11))).toBeUndefined();
    expect(broken((copy) => copy.writeUInt16LE(2000, HEADER_SIZE + 9))).toBeUndefined();
    expect(broken((copy) => copy.writeUInt8(2, HEADER_SIZE + 8))).toBeUndefined();
    expect(broken(() => {})).toEqual([{ id: 1, session: 2, isSafe: false, groups: ['ab'] }]);
  });
});

test('A withdrawal is read as it was written, and refused if it is cut', () => {
  fc.assert(
    fc.property(fc.array(u32, { maxLength: 50 }), (routes) => {
      const message = encodeWithdrawal(routes);
      expect(decodeWithdrawal(message, HEADER_SIZE, message.length)).toEqual(routes);
    }),
  );
  expect(decodeWithdrawal(encodeWithdrawal([1, 2]), HEADER_SIZE, HEADER_SIZE + 7)).toBeUndefined();
});
