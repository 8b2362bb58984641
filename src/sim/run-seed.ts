/** One seed from beginning to end: faults, calm, verdict. The same seed gives the same run, event by event. */
import { Ambush } from './ambush.js';
import { check } from './checker/check.js';
import { convergenceBound } from './checker/convergence.js';
import type { Timing } from './checker/history.js';
import { Cluster } from './cluster.js';
import { TRICKLE } from './defaults.js';
import { checkHarness } from './harness-checks.js';
import type { Observer } from './observer.js';
import { type DrawOptions, drawPlan, type SeedPlan } from './plan.js';
import { Random } from './random.js';
import type { Finding } from './report.js';
import type { Judged } from './services/checker/check.js';
import { isLasting } from './services/ckpt-user.js';
import { isLastingChannel } from './services/evt-user.js';
import { nodeState } from './services/node-state.js';
import { MILLISECOND, SECOND } from './time.js';

export interface SeedResult {
  readonly plan: SeedPlan;
  readonly findings: readonly Finding[];
  /** ns of virtual time. */
  readonly end: number;
  /** Events of the simulation: the work that it was. */
  readonly steps: number;
  readonly delivered: number;
  readonly configurations: number;
}

/** After everything has settled: to see that it stays so, and that messages pass. */
const CALM_TAIL = 2.5 * SECOND;
/** Where no bounds hold, a while in which what is left may still go wrong. */
const WILD_TAIL = 2 * SECOND;
/** Receptions that senders may cause in the calm. */
const CALM_BUDGET = 600;
/** Regular configurations that a process may go through in calm, beside two for each process. */
const CONFIGURATIONS_MORE = 4;
/** In calm: from acceptance to the wire, and from the wire to all members. */
const ORIGINATION = SECOND;
const DELIVERY = SECOND;

export async function runSeed(seed: number, options: DrawOptions = {}, observer?: Observer): Promise<SeedResult> {
  return runPlan(drawPlan(seed, options), observer);
}

export async function runPlan(plan: SeedPlan, observer?: Observer): Promise<SeedResult> {
  const cluster = new Cluster(plan.cluster, observer);
  if (plan.ambush !== undefined) new Ambush(cluster, new Random(plan.seed, 'ambush'), plan.ambush);
  try {
    for (const { at, action } of plan.faults) cluster.queue.at(at, () => cluster.apply(action));
    await cluster.runInTurns(plan.faultEnd);
    for (const machine of cluster.machines) machine.settle();
    for (const action of plan.final) cluster.apply(action);
    cluster.calmDown({ ...TRICKLE, interval: 100 * MILLISECOND }, CALM_BUDGET);
    const timing = plan.isLive ? timingOf(plan, cluster) : undefined;
    if (timing === undefined) await cluster.runInTurns(plan.faultEnd + WILD_TAIL);
    else await runCalm(cluster, plan, timing);
    return judge(cluster, plan, timing);
  } finally {
    cluster.close();
  }
}

async function runCalm(cluster: Cluster, plan: SeedPlan, timing: Timing): Promise<void> {
  const from = cluster.queue.now;
  const processes = cluster.reachability();
  const bound = convergenceBound(timing, processes.length, timing.failed ?? 0);
  await cluster.runInTurns(from + bound + CALM_TAIL);
  cluster.recorder.calm.push({ from, until: cluster.queue.now, processes });
  for (const { process } of cluster.recorder.processes) {
    cluster.recorder.mayBeAlone(process, 0, plan.faultEnd + bound, 'faults');
  }
}

/** The parts of T_b (totem A24), for the slowest clock of the cluster. */
function timingOf(plan: SeedPlan, cluster: Cluster): Timing {
  const machines = plan.cluster.machines;
  const slowest = Math.min(...machines.map(({ clock }) => clock.rate));
  const longest = (of: (machine: (typeof machines)[number]) => number): number => Math.max(...machines.map(of));
  const timer = (name: 'token' | 'consensus' | 'merge' | 'failToReceive' | 'quarantineMax' | 'dampMax'): number =>
    (longest(({ process }) => process.timers[name]) * MILLISECOND) / slowest;
  const hop =
    plan.cluster.network.quality.delay.max + longest(({ process }) => process.timers.retransmitMin * MILLISECOND);
  const smallest = Math.min(...machines.map(({ process }) => process.window));
  const running = cluster.reachability().length;
  return {
    token: timer('token'),
    consensus: timer('consensus'),
    merge: timer('merge'),
    failureToReceive: timer('failToReceive'),
    quarantine: Math.max(timer('dampMax'), cluster.mayBeQuarantined ? timer('quarantineMax') : 0),
    persistence: longest(({ syncDelay }) => syncDelay.max),
    boundaryDelay: longest(({ process: { delays } }) => Math.max(delays.up.max, delays.down.max)),
    rotation: hop * machines.length,
    recoveryRotations: 2 * (longest(({ process }) => process.storePackets) / smallest + 4),
    failed: machines.length - running,
    configurations: 2 * running + CONFIGURATIONS_MORE,
    delivery: DELIVERY,
    origination: ORIGINATION,
  };
}

function servicesOf(cluster: Cluster, plan: SeedPlan, hasSettled: boolean): Judged | undefined {
  const services = plan.cluster.machines[0]?.process.services;
  if (services === undefined) return undefined;
  const hosts = cluster.machines.flatMap(({ process }) => process?.services ?? []);
  const { journal } = cluster.recorder;
  const { quorum: options } = services;
  const quorum = options === undefined ? 'none' : options.twoNode ? 'two nodes' : 'majority';
  return { journal, quorum, nodes: hosts.map(nodeState), hasSettled, isLasting, isLastingChannel };
}

function judge(cluster: Cluster, plan: SeedPlan, timing: Timing | undefined): SeedResult {
  const history = cluster.history(timing);
  const services = servicesOf(cluster, plan, timing !== undefined);
  const findings = [...checkHarness(cluster.recorder, cluster.queue.now, services), ...check(history)];
  let delivered = 0;
  let configurations = 0;
  for (const { events } of history.traces) {
    for (const { kind } of events) {
      if (kind === 'deliver') delivered++;
      else if (kind === 'configuration') configurations++;
    }
  }
  return { plan, findings, end: cluster.queue.now, steps: cluster.queue.count, delivered, configurations };
}
