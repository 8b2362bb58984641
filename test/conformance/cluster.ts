/** What the conformance suites need of a cluster, whatever it is made of: a model in one process, or executives behind sockets. */
import type { Ckpt } from '../../src/client/ckpt/types.js';
import type { Clm } from '../../src/client/clm/types.js';
import type { Evt } from '../../src/client/evt/types.js';

/** One connection of a client. */
export interface ConformanceClient {
  readonly ckpt: Ckpt;
  close(): Promise<void>;
}

export interface ConformanceCluster {
  /** A new connection to node 1, 2 or 3, all of which run in one configuration at first. */
  connect(node: number): Promise<ConformanceClient>;
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

/** A connection to one executive. */
export interface Client {
  readonly nodeId: number;
  readonly clm: Clm;
  readonly evt: Evt;
  close(): Promise<void>;
}

/** Nodes are named 1, 2, 3 …; their node ids may be others. */
export interface Cluster {
  /** A connection to this node: the same one at each call. */
  node(node: number): Promise<Client>;
  /** Another connection. */
  connect(node: number): Promise<Client>;
  /** An executive that was not there, or crashed, joins the others. */
  start(node: number): Promise<void>;
  crash(node: number): Promise<void>;
  /** Each part is a component from now on. */
  partition(...parts: readonly number[][]): Promise<void>;
  /** All that live are one component again. */
  merge(): Promise<void>;
  /** Time of the cluster passes, in milliseconds; what is due has happened. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Executives 1 to `nodes`, in one configuration. */
export type MakeCluster = (nodes: number) => Promise<Cluster>;
