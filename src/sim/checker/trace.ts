/**
 * What one process did, in its own order: the records of docs/BOUNDARY.md 'Trace', decoded. src/native/trace.ts decodes
 * them.
 *
 * Times are nanoseconds of one clock for all processes of a history: the simulator's own, or CLOCK_MONOTONIC of the one
 * host. A harness whose processes have clocks of their own translates while it decodes. A number holds 104 days of them
 * exactly, and beyond that rounds without changing their order.
 */

import type { Member, RingId } from '../../totem/boundary.js';

/** The process began. Always the first record. */
export interface TraceStart {
  readonly kind: 'start';
  readonly time: number;
  readonly node: number;
  readonly incarnation: bigint;
}

/** A configuration was delivered. One event for record 1 and the member records that follow it. */
export interface TraceConfiguration {
  readonly kind: 'configuration';
  readonly time: number;
  readonly configuration: 'regular' | 'transitional';
  /** Regular: its own id. Transitional: the id of the ring that it leads to. */
  readonly ring: RingId;
  /** The ring that the process comes from; representative 0 at boot. */
  readonly old: RingId;
  /** Ascending by node. */
  readonly members: readonly Member[];
}

/**
 * `send`: the last fragment of a message got its sequence number. `deliver`: the message was appended to the
 * deliveries.
 */
export interface TraceMessage {
  readonly kind: 'send' | 'deliver';
  readonly time: number;
  /** The ring in which it was sequenced. */
  readonly ring: RingId;
  /** Of the packet that completed it. */
  readonly seq: bigint;
  /** Within that packet. */
  readonly ordinal: number;
  /** Node that sent it. Its incarnation follows from the members of the ring. */
  readonly origin: number;
  readonly priority: number;
  readonly safe: boolean;
  /** Bytes. */
  readonly length: number;
  /** FNV-1a 64 over the message. */
  readonly hash: bigint;
  /** The first eight bytes of the message as a little-endian number, zero padded. */
  readonly label: bigint;
}

/**
 * The process entered Gather: nothing of this ring is sent or delivered any more, except by the install of the next
 * one.
 */
export interface TraceFreeze {
  readonly kind: 'freeze';
  readonly time: number;
  readonly ring: RingId;
}

export type TraceEvent = TraceStart | TraceConfiguration | TraceMessage | TraceFreeze;

/**
 * All that one process did. The tail of a process that was killed is complete but for a record that was being written.
 */
export interface ProcessTrace {
  readonly process: Member;
  readonly events: readonly TraceEvent[];
}
