import { describe, expect, it } from 'vitest';
import { GENERATORS } from '../../src/sim/generators.js';
import { drawPlan } from '../../src/sim/plan.js';
import { runPlan, runSeed } from '../../src/sim/run-seed.js';
import { traceObserver } from '../../src/sim/trace-lines.js';

/** The trace of a run, all of it. */
async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await runSeed(
    seed,
    { nodes: 3 },
    traceObserver({ packets: true }, (line) => lines.push(line)),
  );
  return lines.join('\n');
}

describe('a seed', () => {
  it('gives the same trace again, byte by byte', { timeout: 60_000 }, async () => {
    const first = await traceOf(42);
    expect(first.length).toBeGreaterThan(10_000);
    expect(await traceOf(42)).toBe(first);
  });

  it('gives lines of one width', { timeout: 60_000 }, async () => {
    const widths = new Set((await traceOf(7)).split('\n').map((line) => line.length));
    expect([...widths]).toEqual([160]);
  });

  it('runs as it would if nobody watched', { timeout: 60_000 }, async () => {
    const watched = await runSeed(
      11,
      {},
      traceObserver({ packets: true }, () => {}),
    );
    const unwatched = await runSeed(11);
    expect({ ...watched, plan: undefined }).toEqual({ ...unwatched, plan: undefined });
  });

  it('ends in time even if the world runs in circles', async () => {
    const plan = drawPlan(3);
    const endless = { ...plan, cluster: { ...plan.cluster, eventLimit: 500 } };
    await expect(runPlan(endless)).rejects.toThrow('more than 500 events');
  });

  for (const generator of Object.keys(GENERATORS)) {
    it(`of ${generator} is legal`, { timeout: 60_000 }, async () => {
      for (const seed of [1, 2]) {
        const { findings, plan } = await runSeed(seed, { generator, nodes: 3 });
        expect(findings).toEqual([]);
        expect(plan.faults.length).toBeGreaterThan(3);
      }
    });
  }

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`number ${seed} is legal, and something happens in it`, { timeout: 60_000 }, async () => {
      const { findings, configurations, delivered } = await runSeed(seed);
      expect(findings).toEqual([]);
      expect(configurations).toBeGreaterThan(2);
      expect(delivered).toBeGreaterThanOrEqual(0);
    });
  }
});
