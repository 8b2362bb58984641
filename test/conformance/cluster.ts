/** What the conformance suites need of a cluster, whatever it is made of: a model in one process, or executives behind sockets. */
import type { Ckpt } from '../../src/client/ckpt/types.js';
import type { Clm } from '../../src/client/clm/types.js';
import type { Evt } from '../../src/client/evt/types.js';

/** One connection of a client, for the suite of checkpoints. */
export interface ConformanceClient {
  readonly ckpt: Ckpt;
  close(): Promise<void>;
}

/** One connection of a client, for the suites of membership and events. */
export interface ClmEvtClient {
  readonly nodeId: number;
  readonly clm: Clm;
  readonly evt: Evt;
  close(): Promise<void>;
}

export interface ConformanceCluster<Client = ConformanceClient> {
  /** A new connection to node 1, 2 or 3, all of which run in one configuration at first; their node ids may be others. */
  connect(node: number): Promise<Client>;
  /** The executive is gone, and the others have noticed. */
  crash(node: number): Promise<void>;
  /** It is a member again, synchronised. */
  restart(node: number): Promise<void>;
  /** Each group is a configuration of its own; all of them make one again with merge(). */
  partition(...groups: number[][]): Promise<void>;
  merge(): Promise<void>;
  /** The time of the cluster, in milliseconds since the Unix epoch. */
  now(): number;
  /** Time passes. */
  wait(ms: number): Promise<void>;
  close(): Promise<void>;
}
