/** What a child of the command tells of a seed; plain enough for a pipe. */
import type { DrawOptions } from './plan.js';
import { formatFinding } from './report.js';
import { runSeed } from './run-seed.js';

export interface SeedReport {
  readonly seed: number;
  readonly live: boolean;
  readonly nodes: number;
  /** One line each, the first in time first. */
  readonly findings: readonly string[];
  /** Their predicates, each once. */
  readonly predicates: readonly string[];
  readonly end: number;
  readonly delivered: number;
  readonly configurations: number;
}

/** Of one seed; one cause shows in many places. */
const FINDINGS_TOLD = 20;

/** Runs it. Whatever it throws is a finding, too. */
export async function reportSeed(seed: number, options: DrawOptions): Promise<SeedReport> {
  try {
    const { plan, findings, end, delivered, configurations } = await runSeed(seed, options);
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

/** A seed that came to no verdict. */
export function failedReport(seed: number, error: string): SeedReport {
  const nothing = { live: false, nodes: 0, end: 0, delivered: 0, configurations: 0 };
  return { seed, ...nothing, findings: [error], predicates: ['threw'] };
}
