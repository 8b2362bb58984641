/** All that a seed decides, as data: the cluster, what is done to it, and how it ends. */
import { engineTimers, makeTimers } from '../totem/timers.js';
import type { Action, TimedAction } from './actions.js';
import type { AmbushPlan } from './ambush.js';
import type { ClusterPlan } from './cluster.js';
import { LIVELY_BOUNDARY, plainMachine, QUIET_LINK, WALL_ORIGIN } from './defaults.js';
import type { DurableState } from './disk.js';
import { drawBadness, drawFaults, type FaultSettings } from './faults.js';
import { FOR_SERVICES, GENERATORS, type Generated } from './generators.js';
import type { MachinePlan } from './machine.js';
import type { LinkQuality } from './network.js';
import type { ProcessPlan } from './process.js';
import { Random } from './random.js';
import { drawServices } from './services/plan.js';
import { type Delay, MICROSECOND, MILLISECOND, SECOND } from './time.js';
import type { WorkloadPlan } from './workload.js';

export interface SeedPlan {
  readonly seed: number;
  readonly cluster: ClusterPlan;
  /**
   * Delays have bounds, so that what must happen in the end must happen in time. Otherwise they are wild, and only what must never
   * happen is checked (totem A26).
   */
  readonly isLive: boolean;
  readonly faults: readonly TimedAction[];
  readonly ambush?: AmbushPlan;
  /** ns: when the last fault has ended. */
  readonly faultEnd: number;
  /** Done then: what is broken is mended, or a partition is left for good. */
  readonly final: readonly Action[];
}

export interface DrawOptions {
  /** Instead of a drawn number, 2 to 16. */
  readonly nodes?: number;
  /** A name of GENERATORS, instead of whatever the seed draws. */
  readonly generator?: string;
  /** Executives with services and clients instead of applications that send what they like. */
  readonly services?: boolean;
}

/** A run of many nodes and a lot of load makes one million. */
const EVENT_LIMIT = 10_000_000;
/** Bytes that the kernel charges for a datagram of 1472, about. */
const DATAGRAM_IN_BUFFER = 2304;

export function drawPlan(seed: number, options: DrawOptions = {}): SeedPlan {
  const random = new Random(seed, 'plan');
  const nodes = options.nodes ?? drawNodes(random);
  // What services promise in the end is seen where there is one.
  const isLive = random.chance(options.services === true ? 0.8 : 0.5);
  const drawn = drawMachines(random.fork('machines'), nodes, isLive);
  const machines = options.services === true ? withServices(drawn, random.fork('services')) : drawn;
  const drawnEnd = Math.round(random.logUniform(0.7 * SECOND, random.chance(0.1) ? 15 * SECOND : 5 * SECOND));
  const begin = random.chance(0.3) ? 0 : 0.4 * SECOND;
  const consensus = (machines[0] as MachinePlan).process.timers.consensus * MILLISECOND;
  const settings = { nodes, begin, end: drawnEnd, consensus };
  const { end: faultEnd = drawnEnd, ...generated } = drawGenerated(
    random.fork('faults'),
    settings,
    options.generator ?? (options.services === true ? drawForServices(new Random(seed, 'for services')) : undefined),
  );
  const starts = machines.map((_, node): TimedAction => ({ at: drawStart(random), action: { do: 'start', node } }));
  return {
    seed,
    cluster: {
      seed,
      machines,
      network: drawNetwork(random.fork('network')),
      eventLimit: EVENT_LIMIT,
      budget: Math.round(random.logUniform(200, 12_000)),
    },
    isLive,
    ...generated,
    faults: [...starts, ...generated.faults].sort((a, b) => a.at - b.at),
    faultEnd,
    final: drawFinal(random.fork('final'), nodes),
  };
}

const FOR_ALL = Object.keys(GENERATORS).filter((name) => !FOR_SERVICES.includes(name));

/** A generator that only services need, now and then. */
function drawForServices(random: Random): string | undefined {
  return random.chance(0.06) ? random.pick(FOR_SERVICES) : undefined;
}

/** Mostly a mixture of all kinds of faults; now and then a scenario that goes after one weakness. */
function drawGenerated(random: Random, settings: FaultSettings, name: string | undefined): Generated {
  const chosen = name ?? (random.chance(0.25) ? random.pick(FOR_ALL) : undefined);
  if (chosen === undefined) return { faults: drawFaults(random, settings) };
  const generator = GENERATORS[chosen];
  if (generator === undefined) throw new RangeError(`there is no generator '${chosen}'`);
  return generator(random, settings);
}

function drawNodes(random: Random): number {
  const draw = random.float();
  if (draw < 0.12) return 2;
  if (draw < 0.5) return 3;
  if (draw < 0.7) return 4;
  if (draw < 0.85) return 5;
  return draw < 0.97 ? random.between(6, 8) : random.between(9, 16);
}

/** Mostly together, or one after another. */
function drawStart(random: Random): number {
  return random.chance(0.8) ? random.below(MILLISECOND) : random.below(500 * MILLISECOND);
}

/** What is broken is mended; a partition and dead nodes may be left for good. */
function drawFinal(random: Random, nodes: number): Action[] {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const groups = all.map(() => random.below(2));
  return [
    { do: 'resetQuality' },
    { do: 'heal' },
    ...(random.chance(0.25) ? [{ do: 'partition', groups } as const] : []),
    ...all.map((node): Action => ({ do: 'resume', node })),
    ...(random.chance(0.6) ? all.map((node): Action => ({ do: 'start', node })) : []),
  ];
}

function drawNetwork(random: Random): ClusterPlan['network'] {
  const median = random.logUniform(10 * MICROSECOND, 2 * MILLISECOND);
  const spread = random.pick([1.2, 2, 8]);
  const delay: Delay = { median, p99: median * spread, max: median * spread * 2 };
  const always: Partial<LinkQuality> = random.chance(0.1) ? { ...drawBadness(random), loss: 0 } : {};
  return {
    quality: { ...QUIET_LINK, delay, ...always },
    bandwidth: random.logUniform(5e7, 1e10),
    unicastOnly: random.chance(0.15),
    loopback: random.chance(0.1),
  };
}

function drawMachines(random: Random, nodes: number, isLive: boolean): MachinePlan[] {
  const ids = drawIds(random, nodes);
  const shared = drawShared(random, nodes);
  const drifts = random.chance(0.4);
  const kinds = random.chance(0.5) ? [drawWorkload(random)] : Array.from({ length: nodes }, () => drawWorkload(random));
  // Whoever sends, all must have room for it: twice the largest message.
  const isBig = kinds.some((kind) => (kind?.bigChance ?? 0) > 0);
  return ids.map((node, index) => {
    const deliveryBytes = 1 << random.between(isBig ? 22 : 15, 22);
    const plain = plainMachine(node, nodes);
    return {
      ...plain,
      clock: {
        origin: Math.round(random.uniform(0, 1000 * SECOND)),
        rate: drifts ? random.uniform(0.9, 1.1) : 1,
        wallOrigin: WALL_ORIGIN + (random.chance(0.2) ? random.between(-1e8, 1e8) : 0),
      },
      disk: drawDisk(random),
      syncDelay: random.chance(0.2)
        ? { median: 20 * MILLISECOND, p99: 100 * MILLISECOND, max: 200 * MILLISECOND }
        : plain.syncDelay,
      process: drawProcess(random, { ...plain.process, ...shared, deliveryBytes }, isLive, kinds[index % kinds.length]),
      restartDelay: Math.round(random.logUniform(MILLISECOND, SECOND)),
    };
  });
}

/** The same machines with services on them; state needs room to be sent. */
function withServices(machines: readonly MachinePlan[], random: Random): MachinePlan[] {
  const services = drawServices(
    random,
    machines.map(({ node }) => node),
  );
  return machines.map((machine) => {
    const { workload: _, ...process } = machine.process;
    const room = { deliveryBytes: 1 << 22, submitBytes: 1 << random.between(18, 21) };
    return { ...machine, process: { ...process, ...room, services } };
  });
}

/** Ring order is by number, unsigned: numbers at the edges of signed ones, in any order of machines (S27). */
function drawIds(random: Random, nodes: number): number[] {
  if (random.chance(0.6)) return Array.from({ length: nodes }, (_, index) => index + 1);
  const edges = [1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
  const ids = new Set<number>(random.shuffle(edges).slice(0, random.between(0, 3)));
  while (ids.size < nodes) ids.add(random.between(1, 0xffff_ffff));
  return random.shuffle([...ids].slice(0, nodes));
}

function drawDisk(random: Random): DurableState {
  if (random.chance(0.8)) return { ringSeq: 0n, incarnation: 0n };
  // Below what the wall clock says: otherwise a disk that is set back makes an incarnation twice, which only its salt tells apart.
  return { ringSeq: nearEdge(random), incarnation: random.chance(0.3) ? 2n ** 32n - 100n : 0n };
}

/** Just below a power of two that some arithmetic or other stumbles over (S15). */
function nearEdge(random: Random): bigint {
  return 2n ** BigInt(random.pick([31, 32, 53])) - BigInt(random.between(1, 300));
}

/** What all nodes of a cluster have in common. */
function drawShared(random: Random, nodes: number): Partial<ProcessPlan> {
  const timers = makeTimers({ nodes: random.chance(0.7) ? nodes : 16 });
  const edge = (): boolean => random.chance(0.12);
  const cipher = random.float();
  return {
    timers,
    engineTimers: engineTimers(timers),
    // Equal on all nodes: what one may send, all must be able to hold until it is delivered.
    storePackets: random.pick([256, 512, 1024, 4096]),
    datagramSize: random.chance(0.7) ? 1472 : random.pick([548, 1000, 8972]),
    firstSeq: edge() ? nearEdge(random) : 1n,
    firstTokenSeq: edge() ? nearEdge(random) : 0n,
    firstCounter: edge() ? nearEdge(random) : 1n,
    // Sealing costs time and changes no decision: a few runs are enough.
    ...(cipher < 0.05
      ? {
          protection: { cipher: cipher < 0.03 ? 'aes256gcm' : 'chacha20poly1305', key: groupKey(), clusterName: 'sim' },
        }
      : {}),
  };
}

function groupKey(): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, index) => index);
}

function drawProcess(random: Random, plain: ProcessPlan, isLive: boolean, workload?: WorkloadPlan): ProcessPlan {
  const dataBuffer = Math.round(random.logUniform(1 << 16, 1 << 21));
  const admitted = Math.max(16, Math.floor(dataBuffer / DATAGRAM_IN_BUFFER / 2));
  // Now and then an operator promises more than the buffers hold.
  const window = random.chance(0.15) ? random.between(4, 200) : Math.min(random.between(8, 256), admitted);
  const acceleratedWindow = random.chance(0.5) ? random.between(0, window) : 0;
  const speed = random.logUniform(0.3, 5);
  const lateness = isLive || random.chance(0.7) ? 0.1 * MILLISECOND : random.logUniform(MILLISECOND, 20 * MILLISECOND);
  return {
    ...plain,
    window,
    acceleratedWindow,
    perVisit: random.chance(0.3) ? random.between(1, 40) : 0,
    eventBytes: 1 << random.between(16, 18),
    submitBytes: 1 << random.between(workload !== undefined && workload.bigChance > 0 ? 22 : 14, 20),
    thread: {
      costs: {
        receive: Math.round(2 * MICROSECOND * speed),
        token: Math.round(5 * MICROSECOND * speed),
        send: Math.round(2 * MICROSECOND * speed),
        command: Math.round(MICROSECOND * speed),
      },
      dataBuffer,
      tokenBuffer: 1 << random.between(14, 18),
      timerDelay: { median: lateness, p99: lateness * 4, max: lateness * 10 },
    },
    delays: isLive ? { up: LIVELY_BOUNDARY, down: LIVELY_BOUNDARY } : { up: drawWild(random), down: drawWild(random) },
    consumer: random.chance(0.7)
      ? plain.consumer
      : {
          interval: Math.round(random.logUniform(10 * MICROSECOND, 100 * MILLISECOND)),
          bytes: 1 << random.between(10, 20),
        },
    ...(workload === undefined ? {} : { workload }),
  };
}

/** A loop that is quick, slow, or now and then gone for seconds. */
function drawWild(random: Random): Delay {
  const median = random.logUniform(0.02 * MILLISECOND, 20 * MILLISECOND);
  return { median, p99: median * random.logUniform(2, 500), max: 5 * SECOND };
}

function drawWorkload(random: Random): WorkloadPlan | undefined {
  if (random.chance(0.15)) return undefined;
  const saturating = random.chance(0.3);
  const sizeMin = random.chance(0.1) ? 1 : 8;
  return {
    interval: Math.round(random.logUniform(0.2 * MILLISECOND, 200 * MILLISECOND)),
    burst: Math.round(random.logUniform(1, saturating ? 500 : 50)),
    saturating,
    sizeMin,
    sizeMax: Math.round(random.logUniform(sizeMin + 8, 8000)),
    bigChance: random.chance(0.1) ? random.logUniform(0.001, 0.05) : 0,
    bigMax: 1 << 20,
    priorities: random.chance(0.3)
      ? [1, 1, 1, 1]
      : random.pick([
          [0, 0, 1, 0],
          [0, 1, 1, 1],
          [0, 1, 0, 20],
        ]),
    safe: random.pick([0, 0.1, 0.5, 1]),
    onlyIn: random.chance(0.3) ? random.uniform(0, 0.5) : 0,
    ticket: random.chance(0.2) ? 0.5 : 0,
  };
}
