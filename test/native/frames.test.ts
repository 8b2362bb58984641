import { describe, expect, it } from 'vitest';
import { FrameMemory, padded, walkFrames } from '../../src/native/frames.js';
import { concatenate, frame } from './support/core-side.js';

interface Seen {
  readonly type: number;
  readonly a: number;
  readonly b: number;
  readonly body: number[];
}

function walk(memory: Uint8Array, from: number, to: number): Seen[] {
  const seen: Seen[] = [];
  walkFrames(new FrameMemory(memory), from, to, (type, a, b, start, end) =>
    seen.push({ type, a, b, body: [...memory.subarray(start, end)] }),
  );
  return seen;
}

describe('frames', () => {
  it('start at multiples of 8', () => {
    expect([0, 1, 7, 8, 9, 2 ** 32].map(padded)).toEqual([0, 8, 8, 8, 16, 2 ** 32]);
  });

  it('are walked in order, without their padding', () => {
    const memory = concatenate([frame(1, 2, 3, Uint8Array.of(7)), frame(4, 5, 6, new Uint8Array(0))]);
    expect(walk(memory, 0, memory.length)).toEqual([
      { type: 1, a: 2, b: 3, body: [7] },
      { type: 4, a: 5, b: 6, body: [] },
    ]);
    expect(walk(memory, 16, memory.length)).toEqual([{ type: 4, a: 5, b: 6, body: [] }]);
    expect(walk(memory, 0, 0)).toEqual([]);
  });

  it('go on at the beginning of a ring, after the padding frame at its end', () => {
    const memory = concatenate([
      frame(9, 0, 0, Uint8Array.of(1, 2)),
      frame(8, 0, 0, new Uint8Array(0)),
      new Uint8Array(40),
    ]);
    memory.set(frame(7, 0, 0, Uint8Array.of(3)), 24);
    memory.set(frame(0, 0, 0, new Uint8Array(16)), 40);
    // 64 bytes of ring, far on in its life.
    const turn = 64 * 2 ** 40;
    expect(walk(memory, turn + 24, turn + 64 + 24).map(({ type }) => type)).toEqual([7, 9, 8]);
  });

  it('may lie anywhere in a larger buffer', () => {
    const inner = frame(3, 1, 2, Uint8Array.of(9, 9));
    const outer = new Uint8Array(11 + inner.length);
    outer.set(inner, 11);
    expect(walk(outer.subarray(11), 0, inner.length)).toEqual([{ type: 3, a: 1, b: 2, body: [9, 9] }]);
  });

  it('are refused if their size cannot be', () => {
    const memory = frame(1, 0, 0, new Uint8Array(24));
    const view = new DataView(memory.buffer);
    for (const size of [0, 7, 33, 0xffff_ffff]) {
      view.setUint32(0, size, true);
      expect(() => walk(memory, 0, memory.length)).toThrow(`no frame at 0: size ${size}`);
    }
    view.setUint32(0, 32, true);
    expect(() => walk(memory, 0, 24)).toThrow('no frame at 0: size 32, 24 bytes of 32 left');
  });
});
