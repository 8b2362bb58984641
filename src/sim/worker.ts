/** A child of the command: runs the seeds that it is given and reports each. */
import { type Assignment, type FromChild, failedReport, type SeedReport } from './jobs.js';
import type { DrawOptions } from './plan.js';
import { formatFinding } from './report.js';
import { runSeed } from './run-seed.js';

/** Of one seed; one cause shows in many places. */
const FINDINGS_TOLD = 20;

process.on('message', ({ seeds, options }: Assignment) => {
  for (const seed of seeds) {
    tell({ begins: seed });
    tell({ report: reportSeed(seed, options) });
  }
});

function tell(message: FromChild): void {
  process.send?.(message);
}

function reportSeed(seed: number, options: DrawOptions): SeedReport {
  try {
    const { plan, findings, end, delivered, configurations } = runSeed(seed, options);
    return {
      seed,
      live: plan.isLive,
      nodes: plan.cluster.machines.length,
      findings: findings.slice(0, FINDINGS_TOLD).map(formatFinding),
      predicates: [...new Set(findings.map(({ predicate }) => predicate))],
      end,
      delivered,
      configurations,
    };
  } catch (error) {
    return failedReport(seed, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
