import { describe, expect, it } from 'vitest';
import { drawPlan, type SeedPlan } from '../../src/sim/plan.js';
import { runPlan } from '../../src/sim/run-seed.js';
import { shrink } from '../../src/sim/shrink.js';

/** A cluster that cannot work: one node counts its packets from another number than the rest. */
function misconfigured(seed: number): SeedPlan {
  const plan = drawPlan(seed, { nodes: 3 });
  const [first, ...rest] = plan.cluster.machines;
  const odd = { ...first!, process: { ...first!.process, firstSeq: first!.process.firstSeq + 7n } };
  return { ...plan, cluster: { ...plan.cluster, machines: [odd, ...rest] } };
}

describe('a failing run', () => {
  it('is made smaller, and still fails in the same way', { timeout: 120_000 }, async () => {
    const plan = misconfigured(17);
    const { findings } = await runPlan(plan);
    expect(findings.length).toBeGreaterThan(0);
    const shrunk = await shrink(plan, findings);
    expect(shrunk.plan.faults.length).toBeLessThan(plan.faults.length);
    expect(shrunk.plan.faults.length).toBeGreaterThanOrEqual(3);
    const again = await runPlan(shrunk.plan);
    expect(again.findings.map(({ predicate }) => predicate)).toContain(findings[0]!.predicate);
    expect(again.findings).toEqual(shrunk.findings);
  });

  it('has to fail', async () => {
    await expect(shrink(drawPlan(1), [])).rejects.toThrow('without a violation');
  });
});
