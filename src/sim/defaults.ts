/** A cluster in which nothing goes wrong: what scenarios start from, and what a seed varies. */
import { engineTimers, makeTimers } from '../totem/timers.js';
import type { ClusterPlan } from './cluster.js';
import type { MachinePlan } from './machine.js';
import type { LinkQuality } from './network.js';
import type { ProcessPlan } from './process.js';
import { type Delay, MICROSECOND, MILLISECOND, SECOND } from './time.js';
import type { WorkloadPlan } from './workload.js';

/** Delays across the boundary under which liveness is promised (totem A26). */
export const LIVELY_BOUNDARY: Delay = { median: 0.1 * MILLISECOND, p99: 10 * MILLISECOND, max: 40 * MILLISECOND };

export const QUIET_LINK: LinkQuality = {
  loss: 0,
  dataLoss: 0,
  tokenLoss: 0,
  delay: { median: 50 * MICROSECOND, p99: 200 * MICROSECOND, max: MILLISECOND },
  duplicate: 0,
  copies: 1,
  reorder: 0,
  reorderDelay: 0,
  pathMtu: 65_507,
  corrupt: 0,
};

/** Early on the first day of 2026: what wall clocks show when a simulation begins. */
export const WALL_ORIGIN = 1_767_225_600_000;

/** A trickle of small messages. */
export const TRICKLE: WorkloadPlan = {
  interval: 20 * MILLISECOND,
  burst: 1,
  saturating: false,
  sizeMin: 8,
  sizeMax: 1000,
  bigChance: 0,
  bigMax: 1000,
  priorities: [0, 1, 1, 1],
  safe: 0.3,
  onlyIn: 0,
  ticket: 0,
};

export function plainProcess(nodes: number): ProcessPlan {
  const timers = makeTimers({ nodes });
  return {
    timers,
    engineTimers: engineTimers(timers),
    datagramSize: 1472,
    window: 64,
    acceleratedWindow: 0,
    perVisit: 0,
    storePackets: 2048,
    firstSeq: 1n,
    firstTokenSeq: 0n,
    firstCounter: 1n,
    deliveryBytes: 1 << 22,
    eventBytes: 1 << 17,
    submitBytes: 1 << 22,
    protection: { cipher: 'none' },
    thread: {
      costs: { receive: 2 * MICROSECOND, token: 5 * MICROSECOND, send: 2 * MICROSECOND, command: MICROSECOND },
      dataBuffer: 1 << 20,
      tokenBuffer: 1 << 18,
      timerDelay: { median: 50 * MICROSECOND, p99: 200 * MICROSECOND, max: MILLISECOND },
    },
    delays: { up: { ...LIVELY_BOUNDARY, p99: MILLISECOND }, down: { ...LIVELY_BOUNDARY, p99: MILLISECOND } },
    consumer: { interval: 0, bytes: 1 << 22 },
  };
}

export function plainMachine(node: number, nodes: number): MachinePlan {
  return {
    node,
    clock: { origin: SECOND, rate: 1, wallOrigin: WALL_ORIGIN },
    disk: { ringSeq: 0n, incarnation: 0n },
    syncDelay: { median: MILLISECOND, p99: 10 * MILLISECOND, max: 50 * MILLISECOND },
    process: plainProcess(nodes),
    restartDelay: 100 * MILLISECOND,
  };
}

export function plainCluster(nodes: number, seed: number): ClusterPlan {
  return {
    seed,
    network: { quality: QUIET_LINK, bandwidth: 1e9, unicastOnly: false, loopback: false },
    machines: Array.from({ length: nodes }, (_, index) => plainMachine(index + 1, nodes)),
    budget: Number.POSITIVE_INFINITY,
    eventLimit: Number.POSITIVE_INFINITY,
  };
}
