import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import type { Ais } from '../../src/client/types.js';
import { ckptConformance } from '../conformance/ckpt.js';
import { clmConformance } from '../conformance/clm.js';
import type { ConformanceCluster } from '../conformance/cluster.js';
import { evtConformance } from '../conformance/evt.js';
import { partitionProblem } from './support/partition.js';
import { RealCluster, type Way } from './support/real-cluster.js';

/** What messages are given to arrive, in milliseconds, where a statement waits for nothing else. */
const SOON_MS = 50;

const problem = partitionProblem();
if (problem !== undefined) console.log(`conformance on real executives is left out: ${problem}`);

async function makeReal(way: Way): Promise<ConformanceCluster<Ais>> {
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
  clmConformance(() => makeReal(way));
  ckptConformance(() => makeReal(way));
  evtConformance(() => makeReal(way));
});
