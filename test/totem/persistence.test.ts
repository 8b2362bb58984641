import { describe, expect, test } from 'vitest';
import { nextIncarnation, RESERVED_BLOCK, RING_SEQ_MAX, RING_STEP, RingSequence } from '../../src/totem/persistence.js';

describe('incarnations', () => {
  test('rise above the stored one and above the clock', () => {
    expect(nextIncarnation(0n, 1_700_000_000_000n)).toBe(1_700_000_000_000n);
    // A clock that was set back.
    expect(nextIncarnation(1_700_000_000_000n, 5n)).toBe(1_700_000_000_001n);
    expect(nextIncarnation(5n, 5n)).toBe(6n);
  });
});

describe('the ring sequence', () => {
  test('may not be used beyond the mark on the disk', () => {
    const sequence = new RingSequence(100n);
    const first = sequence.next();
    expect(first).toBe(100n + RING_STEP);
    expect(sequence.covers(first)).toBe(false);
    expect(sequence.durable).toBe(100n);
    const mark = sequence.request();
    expect(mark).toBe(first + RESERVED_BLOCK);
    sequence.persisted(mark ?? 0n);
    expect(sequence.covers(first)).toBe(true);
    expect(sequence.durable).toBe(first);
  });

  test('is reserved in blocks, ahead, one request at a time', () => {
    const sequence = new RingSequence(0n);
    sequence.persisted(sequence.request() ?? 0n);
    let requests = 0;
    let waited = 0;
    for (let i = 0; i < 1024; i++) {
      if (!sequence.covers(sequence.next())) waited++;
      const mark = sequence.request();
      expect(sequence.request()).toBeUndefined();
      if (mark === undefined) continue;
      requests++;
      sequence.persisted(mark);
    }
    expect(waited).toBe(0);
    // 1024 rings use 4096 numbers; each write reserves half a block anew.
    expect(requests).toBe(7);
  });

  test.each([2n ** 31n, 2n ** 32n, 2n ** 53n])('goes on across %s', (edge) => {
    const sequence = new RingSequence(edge - 2n);
    expect(sequence.next()).toBe(edge + 2n);
  });

  test('learns from others but tells only what is on the disk', () => {
    const sequence = new RingSequence(0n);
    expect(sequence.learn(5000n)).toBe(true);
    expect(sequence.durable).toBe(0n);
    expect(sequence.learn(10n)).toBe(true);
    expect(sequence.next()).toBe(5000n + RING_STEP);
  });

  test('learns nothing from a damaged number', () => {
    const sequence = new RingSequence(8n);
    expect(sequence.learn(RING_SEQ_MAX + 1n)).toBe(false);
    expect(sequence.next()).toBe(8n + RING_STEP);
  });

  test('does not fall when an older write is confirmed late', () => {
    const sequence = new RingSequence(0n);
    sequence.persisted(4096n);
    sequence.persisted(1024n);
    expect(sequence.covers(4096n)).toBe(true);
  });
});
