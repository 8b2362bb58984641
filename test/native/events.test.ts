import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkEvents } from '../../src/native/events.js';
import { FrameMemory } from '../../src/native/frames.js';
import type { CoreEvent } from '../../src/totem/boundary.js';
import { coreEvent } from './support/arbitraries.js';
import { concatenate, encodeEvent, frame } from './support/core-side.js';
import { readGolden } from './support/golden.js';
import { events } from './support/samples.js';

function decodeAll(bytes: Uint8Array): CoreEvent[] {
  const decoded: CoreEvent[] = [];
  walkEvents(new FrameMemory(bytes), 0, bytes.length, (event) => decoded.push(event));
  return decoded;
}

describe('events', () => {
  it('are what the core said, in its order', () => {
    fc.assert(
      fc.property(fc.array(coreEvent, { maxLength: 5 }), (list) => {
        expect(decodeAll(concatenate(list.map(encodeEvent)))).toEqual(list);
      }),
    );
  });

  it('are understood as the core writes them on record', () => {
    const golden = readGolden('events');
    expect([...golden.keys()]).toEqual(Object.keys(events));
    for (const [name, bytes] of golden) expect(decodeAll(bytes), name).toEqual([events[name]]);
  });

  it('share nothing with memory that will be used again', () => {
    const bytes = concatenate(Object.values(events).map(encodeEvent));
    const decoded = decodeAll(bytes);
    bytes.fill(0xff);
    expect(decoded).toEqual(Object.values(events));
  });

  it('are refused if they are of no known type, mode or size', () => {
    expect(() => decodeAll(frame(31, 0, 0, new Uint8Array(8)))).toThrow('no event has type 31');
    expect(() => decodeAll(frame(20, 0, 0, Uint8Array.of(1, 0, 0, 0, 5)))).toThrow('no ring has mode 5');
    expect(() => decodeAll(frame(17, 0, 0, new Uint8Array(2)))).toThrow(RangeError);
  });
});
