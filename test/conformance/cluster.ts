/** What conformance statements are run against: a cluster of executives, whatever they and their connections are made of. */
import type { Clm } from '../../src/client/clm/types.js';
import type { Evt } from '../../src/client/evt/types.js';

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
