import { describe, expect, test } from 'vitest';
import { Random } from '../../src/totem/random.js';

function draw(seed: bigint, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.u32());
}

describe('random numbers', () => {
  test('are the same for the same seed, and others for the next', () => {
    expect(draw(7n, 100)).toEqual(draw(7n, 100));
    const shared = new Set(draw(7n, 1000));
    expect(draw(8n, 1000).some((value) => shared.has(value))).toBe(false);
  });

  test('start from all 64 bits of a seed, also from 0', () => {
    expect(draw(1n << 63n, 4)).not.toEqual(draw(0n, 4));
    expect(new Set(draw(0n, 100)).size).toBe(100);
  });

  test('stay in their ranges and fill them evenly', () => {
    const random = new Random(1n);
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random.upTo(5);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(5);
      const bucket = Math.floor(value * 2);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // Six standard deviations of a bucket of 1000.
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(180);
  });
});
