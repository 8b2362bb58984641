import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Ais } from '../../src/client/types.js';
import { ckptConformance } from '../conformance/ckpt.js';
import { clmConformance } from '../conformance/clm.js';
import type { Cluster, ConformanceCluster } from '../conformance/cluster.js';
import { evtConformance } from '../conformance/evt.js';
import { partitionProblem } from './support/partition.js';
import { RealCluster, type Way } from './support/real-cluster.js';

/** What messages are given to arrive, in milliseconds, where a statement waits for nothing else. */
const SOON_MS = 50;

const problem = partitionProblem();
if (problem !== undefined) console.log(`conformance on real executives is left out: ${problem}`);

async function forClmAndEvt(way: Way, nodes: number): Promise<Cluster> {
  const cluster = await RealCluster.start(way, nodes);
  const first = new Map<number, Ais>();
  return {
    node: async (node) => {
      const known = first.get(node) ?? (await cluster.connect(node));
      first.set(node, known);
      return known;
    },
    connect: (node) => cluster.connect(node),
    start: (node) => cluster.start(node),
    crash: async (node) => {
      first.delete(node);
      await cluster.crash(node);
    },
    partition: (...parts) => cluster.partition(...parts),
    merge: () => cluster.merge(),
    pass: (ms) => delay(ms + SOON_MS),
    close: () => cluster.close(),
  };
}

async function forCkpt(way: Way): Promise<ConformanceCluster> {
  const cluster = await RealCluster.start(way, 3);
  return {
    connect: (node) => cluster.connect(node),
    crash: (node) => cluster.crash(node),
    restart: (node) => cluster.start(node),
    partition: (...parts) => cluster.partition(...parts),
    merge: () => cluster.merge(),
    now: () => Date.now(),
    wait: (ms) => delay(ms + SOON_MS),
    close: () => cluster.close(),
  };
}

describe.skipIf(problem !== undefined).each(['socket', 'process'] as const)('Real executives, %s', (way) => {
  clmConformance((nodes) => forClmAndEvt(way, nodes));
  ckptConformance(() => forCkpt(way));
  evtConformance((nodes) => forClmAndEvt(way, nodes));
});
