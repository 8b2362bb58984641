import { describe, expect, it } from 'vitest';
import { Random } from '../../src/sim/random.js';

describe('Random', () => {
  it('gives the same numbers for the same seed and stream', () => {
    const first = new Random(2 ** 53 - 1, 'a');
    const second = new Random(2 ** 53 - 1, 'a');
    expect(Array.from({ length: 50 }, () => first.u32())).toEqual(Array.from({ length: 50 }, () => second.u32()));
  });

  it('gives other numbers for another seed, another stream, or a seed that differs above 32 bits alone', () => {
    const starts = [new Random(1), new Random(2), new Random(1, 'a'), new Random(1, 'b'), new Random(1 + 2 ** 32)];
    expect(new Set(starts.map((random) => random.u32())).size).toBe(starts.length);
  });

  it('forks streams that do not depend on what is drawn from each other', () => {
    const one = new Random(7).fork('x');
    const parent = new Random(7);
    const two = parent.fork('x');
    parent.u32();
    expect(one.u32()).toBe(two.u32());
  });

  it('stays within the bounds that it is given', () => {
    const random = new Random(3);
    for (let i = 0; i < 1000; i++) {
      expect(random.float()).toBeGreaterThanOrEqual(0);
      expect(random.float()).toBeLessThan(1);
      expect(random.between(3, 5)).toBeGreaterThanOrEqual(3);
      expect(random.between(3, 5)).toBeLessThanOrEqual(5);
      expect(random.logUniform(2, 8)).toBeGreaterThanOrEqual(2);
      expect(random.logUniform(2, 8)).toBeLessThanOrEqual(8);
      expect(random.exponential(5)).toBeGreaterThanOrEqual(0);
    }
  });

  it('reaches every choice, about equally often', () => {
    const random = new Random(4);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[random.below(4)]! += 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('never gives a chance of nothing, and always a chance of one', () => {
    const random = new Random(5);
    for (let i = 0; i < 100; i++) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    }
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    const shuffled = new Random(6).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });

  it('refuses to pick from nothing', () => {
    expect(() => new Random(1).pick([])).toThrow(RangeError);
  });
});
