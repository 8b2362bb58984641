/** Checkpoint clients on a model cluster. */
import { Aborts } from '../../../src/client/aborts.js';
import { Calls } from '../../../src/client/calls.js';
import { CkptClient } from '../../../src/client/ckpt/ckpt.js';
import { Deadlines } from '../../../src/client/deadlines.js';
import { ServiceCalls } from '../../../src/client/service-calls.js';
import { BodyReader, BodyWriter } from '../../../src/ipc/body.js';
import { CKPT } from '../../../src/ipc/ckpt.js';
import type { Checkpoint } from '../../../src/services/ckpt/checkpoint.js';
import { CkptService, type CkptStatus } from '../../../src/services/ckpt/service.js';
import { CkptShadow } from '../../../src/services/ckpt/shadow.js';
import { Snapshot } from '../../../src/services/ckpt/snapshot.js';
import type { CkptState } from '../../../src/services/ckpt/state.js';
import type { ConformanceClient, ConformanceCluster } from '../../conformance/cluster.js';
import { ModelCluster, settled } from '../model.js';

export function modelCluster(): ModelCluster {
  return new ModelCluster(() => new CkptService());
}

export class TestClient implements ConformanceClient {
  readonly ckpt: CkptClient;
  readonly calls: Calls;
  readonly link;

  constructor(cluster: ModelCluster, node: number) {
    this.link = cluster.node(node).connect();
    this.calls = new Calls(new Deadlines(), new Aborts());
    const patience = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' as const };
    this.ckpt = new CkptClient(new ServiceCalls(this.link, CKPT, this.calls, patience));
  }

  async close(): Promise<void> {
    this.ckpt.close();
    this.link.close();
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

/** The whole state of a node, in a form that can be compared. */
export function dumpOf(cluster: ModelCluster, node: number): object {
  return dump((cluster.node(node).service as CkptService).state());
}

export function dump(state: CkptState): object {
  const byId = (a: Checkpoint, b: Checkpoint) => (a.id < b.id ? -1 : 1);
  return [...state.checkpoints.values()].sort(byId).map((checkpoint) => {
    const { id, name, attributes, isLinked, isOpen, deadline, activeReplica, generated, used } = checkpoint;
    const openers = [...checkpoint.openers].map(
      (each) => `${each.node}/${each.connection}/${each.handle}/${each.rights}`,
    );
    const sections = [...checkpoint.sections.values()].map((section) => [
      section.key,
      section.memory.subarray(0, section.size).toString('latin1'),
      section.deadline,
      section.lastUpdate,
      section.born,
      section.version,
    ]);
    const body = new BodyWriter();
    checkpoint.lineage.write(body);
    const lineage = body.finish().toString('hex');
    const plain = {
      id,
      name,
      attributes,
      isLinked,
      isOpen,
      deadline,
      activeReplica,
      generated,
      used,
      lineage,
    };
    return { ...plain, openers: openers.sort(), sections: sections.sort() };
  });
}

/** What another node would have after a snapshot of the state. */
export function reloaded(state: CkptState): CkptState {
  const shadow = new CkptShadow();
  const snapshot = new Snapshot(state);
  for (let next = snapshot.next(); !next.done; next = snapshot.next())
    shadow.load(new BodyReader(Buffer.from(next.value)));
  return shadow.state;
}
