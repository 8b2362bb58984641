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

/** Whether it still fails. */
type Try = (plan: SeedPlan) => Promise<boolean>;

/** `plan` must fail. */
export async function shrink(plan: SeedPlan, findings: readonly Finding[]): Promise<Shrunk> {
  const [first] = findings;
  if (first === undefined) throw new Error('a run without a violation cannot be made smaller');
  let best: Shrunk = { plan, findings, runs: 0 };
  let runs = 0;
  const tryPlan = async (candidate: SeedPlan): Promise<boolean> => {
    if (runs >= RUNS_MAX) return false;
    runs++;
    const result = await runPlan(candidate);
    if (!result.findings.some(({ predicate }) => predicate === first.predicate)) return false;
    best = { plan: candidate, findings: result.findings, runs };
    return true;
  };
  await withoutAmbush(plan, tryPlan);
  await leaveOutFaults(() => best.plan, tryPlan);
  await leaveOutSenders(() => best.plan, tryPlan);
  return { ...best, runs };
}

async function withoutAmbush(plan: SeedPlan, tryPlan: Try): Promise<void> {
  if (plan.ambush === undefined) return;
  const { ambush: _, ...rest } = plan;
  await tryPlan(rest);
}

/** Halves first, then ever smaller parts, until no single one can be left out. Starts stay. */
async function leaveOutFaults(current: () => SeedPlan, tryPlan: Try): Promise<void> {
  for (let size = Math.ceil(current().faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < current().faults.length; ) {
      const plan = current();
      const firstStarts = plan.cluster.machines.length;
      const kept = plan.faults.filter((fault, at) => at < from || at >= from + size || isFirstStart(plan, fault));
      const isSmaller = kept.length < plan.faults.length && kept.length >= firstStarts;
      if (!isSmaller || !(await tryPlan({ ...plan, faults: kept }))) from += size;
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

async function leaveOutSenders(current: () => SeedPlan, tryPlan: Try): Promise<void> {
  for (let index = 0; index < current().cluster.machines.length; index++) {
    const plan = current();
    const machines = plan.cluster.machines.map((machine, at) => {
      if (at !== index || machine.process.workload === undefined) return machine;
      const { workload: _, ...process } = machine.process;
      return { ...machine, process };
    });
    if (machines[index] !== plan.cluster.machines[index])
      await tryPlan({ ...plan, cluster: { ...plan.cluster, machines } });
  }
}
