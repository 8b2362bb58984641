/** A child of the command: runs the seeds that it is given and reports each. */

import type { Assignment, SeedReport } from './jobs.js';
import type { DrawOptions } from './plan.js';
import { formatFinding } from './report.js';
import { runSeed } from './run-seed.js';

process.on('message', ({ seeds, options }: Assignment) => {
  for (const seed of seeds) process.send?.(reportSeed(seed, options));
});

function reportSeed(seed: number, options: DrawOptions): SeedReport {
  try {
    const { plan, findings, end, delivered, configurations } = runSeed(seed, options);
    return {
      seed,
      live: plan.isLive,
      nodes: plan.cluster.machines.length,
      findings: findings.slice(0, 20).map(formatFinding),
      predicates: [...new Set(findings.map(({ predicate }) => predicate))],
      end,
      delivered,
      configurations,
    };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const nothing = { live: false, nodes: 0, end: 0, delivered: 0, configurations: 0 };
    return { seed, ...nothing, findings: [text], predicates: ['threw'], error: text };
  }
}
