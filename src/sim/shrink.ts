/**
 * Makes a failing seed small enough to read: leaves out faults, then senders, as long as the same predicate is still violated. What is
 * left out shifts the chances of the rest, so that the smallest run is another one than the first; it fails all the same.
 */

import type { SeedPlan } from './plan.js';
import type { Finding } from './report.js';
import { runPlan } from './run-seed.js';

/** Runs that it may take. */
const RUNS_MAX = 300;

export interface Shrunk {
  readonly plan: SeedPlan;
  readonly findings: readonly Finding[];
  readonly runs: number;
}

/** `plan` must fail. */
export function shrink(plan: SeedPlan, findings: readonly Finding[]): Shrunk {
  const [first] = findings;
  if (first === undefined) throw new Error('a run without a violation cannot be made smaller');
  let best: Shrunk = { plan, findings, runs: 0 };
  let runs = 0;
  const tryPlan = (candidate: SeedPlan): boolean => {
    if (runs >= RUNS_MAX) return false;
    runs++;
    const result = runPlan(candidate);
    if (!result.findings.some(({ predicate }) => predicate === first.predicate)) return false;
    best = { plan: candidate, findings: result.findings, runs };
    return true;
  };
  withoutAmbush(plan, tryPlan);
  leaveOutFaults(() => best.plan, tryPlan);
  leaveOutSenders(() => best.plan, tryPlan);
  return { ...best, runs };
}

function withoutAmbush(plan: SeedPlan, tryPlan: (plan: SeedPlan) => boolean): void {
  if (plan.ambush === undefined) return;
  const { ambush: _, ...rest } = plan;
  tryPlan(rest);
}

/** Halves first, then ever smaller parts, until no single one can be left out. Starts stay. */
function leaveOutFaults(current: () => SeedPlan, tryPlan: (plan: SeedPlan) => boolean): void {
  for (let size = Math.ceil(current().faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < current().faults.length; ) {
      const plan = current();
      const firstStarts = plan.cluster.machines.length;
      const kept = plan.faults.filter((fault, at) => at < from || at >= from + size || isFirstStart(plan, fault));
      const isSmaller = kept.length < plan.faults.length && kept.length >= firstStarts;
      if (!isSmaller || !tryPlan({ ...plan, faults: kept })) from += size;
    }
  }
}

function isFirstStart(plan: SeedPlan, fault: SeedPlan['faults'][number]): boolean {
  const { action } = fault;
  return (
    action.do === 'start' &&
    plan.faults.find((one) => one.action.do === 'start' && one.action.node === action.node) === fault
  );
}

function leaveOutSenders(current: () => SeedPlan, tryPlan: (plan: SeedPlan) => boolean): void {
  for (let index = 0; index < current().cluster.machines.length; index++) {
    const plan = current();
    const machines = plan.cluster.machines.map((machine, at) => {
      if (at !== index || machine.process.workload === undefined) return machine;
      const { workload: _, ...process } = machine.process;
      return { ...machine, process };
    });
    if (machines[index] !== plan.cluster.machines[index]) tryPlan({ ...plan, cluster: { ...plan.cluster, machines } });
  }
}
