/** Checkpoint clients on a model cluster. */
import { Aborts } from '../../../src/client/aborts.js';
import { Calls } from '../../../src/client/calls.js';
import { CkptClient } from '../../../src/client/ckpt/ckpt.js';
import { Deadlines } from '../../../src/client/deadlines.js';
import { ServiceCalls } from '../../../src/client/service-calls.js';
import { CKPT } from '../../../src/ipc/ckpt.js';
import { CkptService, type CkptStatus } from '../../../src/services/ckpt/service.js';
import type { ConformanceClient, ConformanceCluster } from '../../conformance/cluster.js';
import { ModelCluster, settled } from '../model.js';

export function modelCluster(): ModelCluster {
  return new ModelCluster(() => new CkptService());
}

export class TestClient implements ConformanceClient {
  readonly ckpt: CkptClient;
  readonly calls: Calls;
  readonly #link;

  constructor(cluster: ModelCluster, node: number) {
    this.#link = cluster.node(node).connect();
    this.calls = new Calls(new Deadlines(), new Aborts());
    const patience = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' as const };
    this.ckpt = new CkptClient(new ServiceCalls(this.#link, CKPT, this.calls, patience));
  }

  async close(): Promise<void> {
    this.ckpt.close(undefined);
    this.#link.close();
    await settled();
  }
}

export function statusOf(cluster: ModelCluster, node: number): CkptStatus {
  return cluster.node(node).service.status!() as CkptStatus;
}

export const EMPTY: CkptStatus = {
  checkpoints: 0,
  unlinked: 0,
  sections: 0,
  bytes: 0,
  openers: 0,
  watches: 0,
  iterators: 0,
};

/** Three nodes of a model, for the conformance suite. */
export async function conformanceModel(): Promise<ConformanceCluster> {
  const cluster = modelCluster();
  cluster.start(1, 2, 3);
  return {
    connect: async (node) => new TestClient(cluster, node),
    crash: async (node) => {
      await settled();
      cluster.crash(node);
      cluster.form(...cluster.nodes.keys());
    },
    restart: async (node) => {
      cluster.start(node);
      cluster.form(...cluster.nodes.keys());
    },
    partition: async (...groups) => {
      await settled();
      for (const group of groups) cluster.form(...group);
    },
    merge: async () => {
      await settled();
      cluster.form(...cluster.nodes.keys());
    },
    now: () => cluster.time,
    wait: async (ms) => {
      await settled();
      cluster.advance(ms);
      await settled();
    },
    close: async () => {
      await settled();
      const digests = cluster.digests(...cluster.nodes.keys());
      if (new Set(digests).size !== 1) throw new Error('the replicas differ');
      if (cluster.violations.length > 0) throw new Error(cluster.violations.join(', '));
    },
  };
}
