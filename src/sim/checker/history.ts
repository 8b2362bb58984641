/**
 * What the checker is given: the traces, and what only the harness knows. Every part but the traces and the end is
 * optional; a predicate that needs a part that is missing is not checked (docs/CHECKER.md has the table). Times are
 * those of the traces.
 */

import type { Member, RingId } from '../../totem/boundary.js';
import type { ProcessTrace } from './trace.js';

/** The process stopped for good: killed, crashed, or left. */
export interface Crash {
  readonly process: Member;
  readonly time: number;
}

/** One call of the API, and its answer. */
export interface Submit {
  readonly process: Member;
  readonly time: number;
  /** First eight bytes, as in the trace. */
  readonly label: bigint;
  /** FNV-1a 64, as in the trace. Left out: the label alone tells the message. */
  readonly hash?: bigint;
  readonly accepted: boolean;
  readonly priority: number;
  readonly safe: boolean;
  /** Originated in that ring or not at all. */
  readonly onlyIn?: RingId;
  /** Asks for a `Placed` of that ticket. */
  readonly ticket?: bigint;
}

/** The answer to a ticket. `seq` 0n: not originated, the ring was another one. */
export interface Placed {
  readonly process: Member;
  readonly time: number;
  readonly ticket: bigint;
  readonly seq: bigint;
}

/** From `time` on the node's disk holds this ring sequence, whatever happens to the node. */
export interface Persisted {
  readonly node: number;
  readonly time: number;
  readonly ringSeq: bigint;
}

/** A packet with this ring sequence left the node. */
export interface OnWire {
  readonly node: number;
  readonly time: number;
  readonly ringSeq: bigint;
}

/** The size of something that has a bound. */
export interface Sample {
  readonly process: Member;
  readonly time: number;
  /** What was measured: a key of `limits`. */
  readonly name: string;
  readonly value: number;
}

/**
 * A time in which nothing disturbs the processes: none starts, stops or pauses, no link changes, nothing is lost, the
 * load is steady (`stable` of totem 2.1).
 */
export interface Calm {
  readonly from: number;
  /** The end of the history, or when the next disturbance comes. */
  readonly until: number;
  /** The processes that run, each with the nodes with which it can talk in both directions. */
  readonly processes: readonly { readonly process: Member; readonly reaches: readonly number[] }[];
}

/** A time in which the harness knows a reason why this process may form a ring of itself (totem A25). */
export interface Alone {
  readonly process: Member;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
}

/** What the bound T_b is made of (totem A24), in nanoseconds. */
export interface Timing {
  readonly token: number;
  readonly consensus: number;
  readonly merge: number;
  readonly failureToReceive: number;
  /** The longest that can be running when calm begins. */
  readonly quarantine: number;
  /** One sync of the ring sequence to the disk. */
  readonly persistence: number;
  /** The longest delay between the ring and membership, one way. */
  readonly boundaryDelay: number;
  /** The longest rotation, and how many of them recovery needs: 2 × (old messages / window + 4). */
  readonly rotation: number;
  readonly recoveryRotations: number;
  /** Dead ids that may still be in a proc set. Left out: every process of the history that is not there any more. */
  readonly failed?: number;
  /** Regular configurations that one process may deliver in a calm. Left out: not checked. */
  readonly configurations?: number;
  /** From origination to delivery at all members, in calm. Left out: not checked. */
  readonly delivery?: number;
  /** From an accepted submit to origination, in calm. Left out: not checked. */
  readonly origination?: number;
}

export interface History {
  readonly traces: readonly ProcessTrace[];
  /** When the traces end for those who still run. */
  readonly end: number;
  readonly crashes?: readonly Crash[];
  readonly submits?: readonly Submit[];
  readonly placed?: readonly Placed[];
  readonly persisted?: readonly Persisted[];
  readonly onWire?: readonly OnWire[];
  readonly samples?: readonly Sample[];
  /** Highest legal value of each sample. A sample without a limit is itself a violation of E22. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly calm?: readonly Calm[];
  /** Without it E4, E17, E18 and the liveness halves of E8 and E21 are off (totem A26). */
  readonly timing?: Timing;
  readonly alone?: readonly Alone[];
  /**
   * `distinct` (the default): no origin sends the same bytes twice, so that a second send is a violation. `any`: it
   * may; such messages are told apart by where they were sequenced.
   */
  readonly contents?: 'distinct' | 'any';
  /** Others than the harness send, too (services do): a send without a submit is no violation. */
  readonly othersSend?: boolean;
  /** Nodes whose disk was set back or wiped: their ring sequences and incarnations promise nothing (scenario S41). */
  readonly forgetful?: readonly number[];
  /** How far apart times of the same moment may be, ns. 1 (the default) is what rounding does in the simulator. */
  readonly clockError?: number;
  /** How long the deliveries of one install may take, ns; 0 if they are always one step (the default). */
  readonly installSpan?: number;
}

export type Predicate =
  | 'E1'
  | 'E2'
  | 'E3'
  | 'E4'
  | 'E5'
  | 'E6'
  | 'E7'
  | 'E8'
  | 'E9'
  | 'E10'
  | 'E11'
  | 'E12'
  | 'E13'
  | 'E14'
  | 'E15'
  | 'E16'
  | 'E17'
  | 'E18'
  | 'E21'
  | 'E22'
  | 'E23'
  | 'E24';

export interface Violation {
  readonly predicate: Predicate;
  /** Where it shows. */
  readonly process: Member;
  readonly time: number;
  /**
   * Of the first bad event in the trace of that process; its length if an event is missing at the end; -1 if it is none
   * of a trace.
   */
  readonly index: number;
  /** For an engineer: who did what, and what should have been. */
  readonly text: string;
}
