/** CLM: cluster membership, as users see it. */
import type { WaitOptions } from '../types.js';

/** A node that is or was a member. */
export interface ClusterNode {
  nodeId: number;
  name: string;
  address: string;
  family: 'IPv4' | 'IPv6';
  /** False: it has left. */
  member: boolean;
  /** ms since the Unix epoch. */
  bootTimestamp: number;
  /** The view since which it is in the cluster, without having been away. */
  initialViewNumber: number;
}

/** The members after a change of the membership. */
export interface ClusterChange {
  /** Equal on all members for the same change; grows. */
  viewNumber: number;
  /** Id of the regular configuration that it belongs to. */
  configuration: string;
  numberOfMembers: number;
  /** Ascending by node id. With changesOnly just those that changed. A node that was away for less than a configuration, or started
   *  again, is in it twice: as it left, then as it joined. */
  nodes: readonly (ClusterNode & { change: 'none' | 'joined' | 'left' | 'reconfigured' })[];
}

/** Cluster membership: who is there. */
export interface Clm {
  /** Of a member; any other node is SA_AIS_ERR_NOT_EXIST. */
  node(nodeId: number | 'local', options?: WaitOptions): Promise<ClusterNode>;
  /** SA_TRACK_CURRENT. */
  current(options?: WaitOptions): Promise<ClusterChange>;
  /** SA_TRACK_CHANGES, or with `changesOnly` SA_TRACK_CHANGES_ONLY; tracks from the moment that the promise resolves, one item a
   *  configuration. With `current` the first item is the state then. Any number at once. Nothing is dropped:
   *  what nobody takes is kept, up to 65,536 nodes; then the iterator ends with SA_AIS_ERR_NO_RESOURCES. */
  track(options?: { current?: boolean; changesOnly?: boolean } & WaitOptions): Promise<ClmTrack>;
}

/** Changes of the membership, one after the other. */
export interface ClmTrack extends AsyncIterable<ClusterChange>, AsyncDisposable {
  /** The iterators end. A second time: SA_AIS_ERR_NOT_EXIST. */
  stop(): Promise<void>;
}
