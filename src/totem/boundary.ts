/**
 * What membership and the ring's core say to each other, as values. docs/BOUNDARY.md is the source; src/native turns these into bytes
 * and back. No I/O here.
 */

/** Equality on all three, order on `seq` alone. */
export interface RingId {
  readonly representative: number;
  readonly nonce: number;
  readonly seq: bigint;
}

/** A process: a node that restarted is another identity. */
export interface Identity {
  readonly node: number;
  readonly incarnation: bigint;
  readonly salt: bigint;
}

/** A process as joins name it. */
export interface Member {
  readonly node: number;
  readonly incarnation: bigint;
}

export interface JoinBody {
  /** Highest ring sequence that the sender knows. */
  readonly ringSeq: bigint;
  /** The ring that it installed last. */
  readonly old: RingId;
  readonly rotationCount: number;
  readonly flags: number;
  readonly versionMin: number;
  readonly versionMax: number;
  readonly proc: readonly Member[];
  readonly fail: readonly Member[];
  /** From whom it had authenticated packets within the last consensus period. */
  readonly heard: readonly Member[];
}

export interface CommitEntry {
  readonly identity: Identity;
  readonly filled: boolean;
  readonly receivedFlag: boolean;
  readonly old: RingId;
  readonly aru: bigint;
  readonly highDelivered: bigint;
  /** Packets a rotation that this member's receive buffers admit. */
  readonly window: number;
  readonly acceleratedWindow: number;
  /** deliver_memb over the members of its old ring, ascending: bit i of byte i / 8. 16 bytes. */
  readonly deliverMembers: Uint8Array;
}

export interface CommitTokenBody {
  readonly ring: RingId;
  readonly tokenSeq: number;
  /** Ascending by node. */
  readonly entries: readonly CommitEntry[];
}

export interface MergeDetectBody {
  readonly ring: RingId;
  readonly members: readonly number[];
  readonly heard: readonly number[];
}

export interface LeaveBody {
  readonly ring: RingId;
}

/** Packet types of control packets, as on the wire. */
export type ControlPacket =
  | { readonly packet: 'mergeDetect'; readonly body: MergeDetectBody }
  | { readonly packet: 'join'; readonly body: JoinBody }
  | { readonly packet: 'commitToken'; readonly body: CommitTokenBody }
  | { readonly packet: 'leave'; readonly body: LeaveBody };

export type Command =
  | {
      readonly type: 'createRing';
      readonly handle: number;
      readonly ring: RingId;
      readonly window: number;
      readonly acceleratedWindow: number;
      readonly members: readonly Identity[];
    }
  | { readonly type: 'freeze'; readonly handle: number }
  | { readonly type: 'seal'; readonly handle: number }
  | {
      readonly type: 'recoveryBegin';
      readonly handle: number;
      readonly old: number;
      readonly lowAru: bigint;
      readonly copy: boolean;
      /** For each member of the new ring, ascending, its index in `oldRings`. */
      readonly oldRingOfMember: readonly number[];
      readonly oldRings: readonly RingId[];
    }
  | { readonly type: 'tokenStart'; readonly handle: number }
  | {
      readonly type: 'install';
      readonly handle: number;
      /** 0 at boot. */
      readonly old: number;
      readonly highDelivered: bigint;
      readonly deliverMembers: readonly number[];
      readonly transitional: readonly number[];
    }
  | { readonly type: 'destroy'; readonly handle: number }
  /** `node` 0: to all. */
  | ({ readonly type: 'control'; readonly node: number } & ControlPacket)
  | { readonly type: 'plug'; readonly mask: number }
  | { readonly type: 'probe'; readonly node: number; readonly count: number; readonly intervalNs: bigint }
  | { readonly type: 'drain' }
  | { readonly type: 'lag'; readonly milliseconds: number };

export type RingMode = 'forming' | 'running' | 'frozen' | 'sealed';

export interface RingSummary {
  readonly handle: number;
  readonly mode: RingMode;
  readonly receivedFlag: boolean;
  readonly aru: bigint;
  readonly high: bigint;
  readonly highDelivered: bigint;
}

export type CoreEvent =
  | ({ readonly type: 'control'; readonly sender: Identity; readonly link: number } & ControlPacket)
  | { readonly type: 'tokenLoss'; readonly handle: number }
  | { readonly type: 'failedToReceive'; readonly handle: number; readonly culprit: number }
  | { readonly type: 'recovered'; readonly handle: number }
  | ({ readonly type: 'summary' } & RingSummary)
  | { readonly type: 'unreachable'; readonly peer: Identity }
  | { readonly type: 'pong'; readonly peer: Identity; readonly lagMs: number; readonly roundTripUs: number }
  | { readonly type: 'paused'; readonly withoutStepNs: bigint; readonly withoutTokenNs: bigint }
  /** `command` counts from 1. */
  | { readonly type: 'refused'; readonly command: number; readonly reason: number }
  | { readonly type: 'installed'; readonly handle: number }
  | { readonly type: 'drained' }
  /** `seq` 0n: not originated, the ring was another one. */
  | { readonly type: 'placed'; readonly ticket: bigint; readonly seq: bigint }
  | { readonly type: 'room'; readonly mask: number }
  | { readonly type: 'slow'; readonly handle: number }
  | { readonly type: 'stale'; readonly peer: Identity; readonly highest: bigint };

export interface DeliveredConfiguration {
  readonly kind: 'regular' | 'transitional';
  /** Regular: its own id. Transitional: the id of the ring that it leads to. */
  readonly ring: RingId;
  /** The ring before; representative 0 at boot. */
  readonly old: RingId;
  readonly members: readonly Identity[];
}
