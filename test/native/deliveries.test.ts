import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSeq, walkDeliveries } from '../../src/native/deliveries.js';
import { FrameMemory } from '../../src/native/frames.js';
import type { DeliveredConfiguration } from '../../src/totem/boundary.js';
import { deliveredConfiguration, message } from './support/arbitraries.js';
import { concatenate, encodeConfiguration, encodeMessage, frame, type Message } from './support/core-side.js';
import { readGolden } from './support/golden.js';
import { configurations } from './support/samples.js';

type Delivered = Message | DeliveredConfiguration;

function decodeAll(bytes: Uint8Array): Delivered[] {
  const decoded: Delivered[] = [];
  walkDeliveries(new FrameMemory(bytes), 0, bytes.length, {
    message(sender, priority, flags, ordinal, seqLow, seqHigh, start, end) {
      const seq = joinSeq(seqLow, seqHigh);
      decoded.push({ sender, priority, flags, ordinal, seq, bytes: bytes.slice(start, end) });
    },
    configuration: (change) => decoded.push(change),
  });
  return decoded;
}

const encode = (delivery: Delivered) => ('bytes' in delivery ? encodeMessage(delivery) : encodeConfiguration(delivery));

describe('deliveries', () => {
  it('are messages and configuration changes in one order, with every field', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(message, deliveredConfiguration), { maxLength: 10 }), (list) => {
        expect(decodeAll(concatenate(list.map(encode)))).toEqual(list);
      }),
    );
  });

  it('are understood as the core writes them on record', () => {
    const golden = readGolden('deliveries');
    const expected: Record<string, Delivered> = {
      message: {
        sender: 0xfffffffe,
        priority: 2,
        flags: 3,
        ordinal: 0x41424344,
        seq: 0x20000000000001n,
        bytes: Uint8Array.from(Buffer.from('deposit 100')),
      },
      ...configurations,
    };
    expect([...golden.keys()]).toEqual(Object.keys(expected));
    for (const [name, bytes] of golden) expect(decodeAll(bytes), name).toEqual([expected[name]]);
  });

  it('are refused if they are of no known type', () => {
    expect(() => decodeAll(frame(3, 0, 0, new Uint8Array(16)))).toThrow('no delivery has type 3');
  });

  it('allocate nothing for a message', () => {
    const count = 1000;
    const one = encodeMessage({
      sender: 1,
      priority: 3,
      flags: 0,
      ordinal: 0,
      seq: 2n ** 53n,
      bytes: new Uint8Array(64),
    });
    const bytes = concatenate(Array.from({ length: count }, () => one));
    const memory = new FrameMemory(bytes);
    let seen = 0;
    const visitor = {
      message: () => {
        seen++;
      },
      configuration: () => {},
    };
    const pass = () => walkDeliveries(memory, 0, bytes.length, visitor);
    for (let i = 0; i < 200; i++) pass();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200; i++) pass();
    const perMessage = (process.memoryUsage().heapUsed - before) / (200 * count);
    expect(seen).toBe(400 * count);
    expect(perMessage).toBeLessThan(4);
  });
});
