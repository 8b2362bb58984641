import { describe, expect, it } from 'vitest';
import { describeAction, type TimedAction } from '../../src/sim/actions.js';
import { drawFaults } from '../../src/sim/faults.js';
import { GENERATORS } from '../../src/sim/generators.js';
import { drawPlan } from '../../src/sim/plan.js';
import { Random } from '../../src/sim/random.js';

const settings = { nodes: 4, begin: 1e8, end: 3e9, consensus: 17e7 };

function check(faults: readonly TimedAction[]): void {
  for (const { at, action } of faults) {
    expect(at).toBeLessThanOrEqual(settings.end);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(describeAction(action)).toMatch(/^\S/);
    if ('node' in action) expect(action.node).toBeLessThan(settings.nodes);
    if (action.do === 'cut') expect(action.from).not.toBe(action.to);
    if (action.do === 'stall') expect(at + action.for).toBeLessThanOrEqual(settings.end);
  }
  expect(faults.map(({ at }) => at)).toEqual(faults.map(({ at }) => at).toSorted((a, b) => a - b));
}

describe('drawn faults', () => {
  it('end when they must, name nodes that exist, and come in order', () => {
    for (let seed = 0; seed < 200; seed++) check(drawFaults(new Random(seed), settings));
  });

  it('are of few kinds at a time, and of every kind in some run', () => {
    const all = new Set<string>();
    const sizes: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const kinds = new Set(drawFaults(new Random(seed), settings).map(({ action }) => action.do));
      for (const kind of kinds) all.add(kind);
      sizes.push(kinds.size);
    }
    expect(sizes).toContain(0);
    expect(all.size).toBeGreaterThanOrEqual(12);
  });

  it('of a generator keep the same rules', () => {
    for (const [name, generator] of Object.entries(GENERATORS)) {
      for (let seed = 0; seed < 30; seed++) {
        const { faults, ambush, end = settings.end } = generator(new Random(seed, name), settings);
        check(faults);
        expect(faults.length + (ambush?.limit ?? 0)).toBeGreaterThan(0);
        if (ambush !== undefined) expect(ambush.until).toBeLessThanOrEqual(end);
      }
    }
  });
});

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const text = (seed: number): string =>
      JSON.stringify(drawPlan(seed), (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('has as many nodes as it is told, each with a number of its own', () => {
    for (let nodes = 2; nodes <= 16; nodes++) {
      const { cluster } = drawPlan(nodes, { nodes });
      expect(new Set(cluster.machines.map(({ node }) => node)).size).toBe(nodes);
    }
  });

  it('covers both kinds of delays, all sizes of clusters, and numbers near every edge', () => {
    const plans = Array.from({ length: 400 }, (_, seed) => drawPlan(seed));
    expect(new Set(plans.map(({ isLive }) => isLive)).size).toBe(2);
    const sizes = plans.map(({ cluster }) => cluster.machines.length);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([2, 16]);
    const firsts = plans.map(({ cluster }) => cluster.machines[0]!.process.firstSeq);
    for (const power of [31n, 32n, 53n]) {
      expect(firsts.some((first) => first < 2n ** power && first > 2n ** power - 1000n)).toBe(true);
    }
  });

  it('gives every node room for the largest message of any', () => {
    for (let seed = 0; seed < 300; seed++) {
      const { machines } = drawPlan(seed).cluster;
      const largest = Math.max(
        ...machines.map(({ process }) => Math.min(process.workload?.bigMax ?? 0, process.submitBytes / 2 - 64)),
      );
      const isBig = machines.some(({ process }) => (process.workload?.bigChance ?? 0) > 0);
      if (isBig)
        for (const { process } of machines) expect(process.deliveryBytes / 2 - 64).toBeGreaterThanOrEqual(largest);
    }
  });

  it('refuses a generator that does not exist', () => {
    expect(() => drawPlan(1, { generator: 'S99' })).toThrow(RangeError);
  });
});
