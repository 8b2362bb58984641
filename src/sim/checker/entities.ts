/**
 * The nouns of totem section 2, made once from the traces and shared by all predicates. Everything that has a `number`
 * is dense, so that predicates can keep what they know about it in typed arrays.
 */

import type { Member, RingId } from '../../totem/boundary.js';
import type { TraceEvent, TraceMessage } from './trace.js';

/** A process: a restarted node is another one. Those that are only named by others have no events. */
export interface Process {
  readonly number: number;
  readonly name: Member;
  readonly events: readonly TraceEvent[];
  /** Infinity if it never stopped. */
  crashed: number;
  /** False for a process that others name and that has no trace. */
  readonly traced: boolean;
  readonly views: View[];
  readonly stays: Stay[];
  /** Message of each event that is a send or a delivery inside a view, else undefined. */
  readonly messages: (Message | undefined)[];
  /** What it delivered, each message once, and the index of each of these events. */
  readonly delivered: Message[];
  readonly deliveredAt: number[];
  /** What it sent, and the index of each of these events. */
  readonly sent: Message[];
  readonly sentAt: number[];
  /** Indices of deliveries of a message that it had delivered before. */
  readonly duplicates: number[];
  /** Indices of sends of a message that had been sent before. */
  readonly resent: number[];
}

/** A configuration. Regular ones are told apart by their ring, transitional ones by the old and the new ring. */
export interface Configuration {
  readonly number: number;
  readonly kind: 'regular' | 'transitional';
  readonly ring: RingId;
  /**
   * Of a transitional configuration: the ring that it follows. Of a regular one: where the first who delivered it came
   * from.
   */
  readonly old: RingId;
  /** As the first who delivered it saw them, ascending by node. */
  readonly members: readonly Process[];
  readonly memberSet: ReadonlySet<Process>;
  readonly byNode: ReadonlyMap<number, Process>;
  /** Every delivery of it. */
  readonly views: View[];
  /** Of a regular configuration: who was in it. */
  readonly stays: Map<Process, Stay>;
  /** Of a regular configuration: all that was sent in it, in the order of sequence numbers. */
  readonly sent: Message[];
}

/** One process in one configuration: from the delivery of the configuration to the next one. */
export interface View {
  readonly process: Process;
  readonly configuration: Configuration;
  /** Undefined for a transitional configuration before any regular one. */
  stay: Stay | undefined;
  /** Of the configuration event. */
  readonly index: number;
  /** Range of `process.delivered`. */
  from: number;
  to: number;
  next: View | undefined;
}

/**
 * One process in a regular configuration c and in the transitional one that it delivers after it: com_p(c) of totem
 * 2.1.
 */
export interface Stay {
  readonly process: Process;
  readonly configuration: Configuration;
  readonly regular: View;
  transitional: View | undefined;
  /** Ranges of `process.delivered` and `process.sent`. */
  from: number;
  to: number;
  sentFrom: number;
  sentTo: number;
  /** The stay after it: the process left c, and nothing of c can be delivered to it any more. */
  next: Stay | undefined;
}

/**
 * A message: what one process sent, told by its contents (or, if it sent these more than once, by its place in the
 * order).
 */
export interface Message {
  readonly number: number;
  /** Undefined if it was delivered with an origin that is no member. */
  readonly origin: Process | undefined;
  /** The send, or the first delivery if nobody sent it. */
  readonly event: TraceMessage;
  /** Where it was sent: undefined if nobody sent it, or before any regular configuration. */
  readonly stay: Stay | undefined;
  /** Index of the send in the trace of the origin; -1 if nobody sent it. */
  readonly sendIndex: number;
  /** How many messages of that stay its origin had delivered when it sent it. */
  known: number;
  /** (seq, ordinal) as one number, comparable within a ring. */
  readonly position: number;
  /** Place in `configuration.sent`; -1 if nobody sent it. */
  rank: number;
  /** The same origin sent the same bytes more than once: only the place tells them apart. */
  repeated: boolean;
  /** Next message with the same hash. */
  sameHash: Message | undefined;
}

export function sameRing(a: RingId, b: RingId): boolean {
  return a === b || (a.seq === b.seq && a.representative === b.representative && a.nonce === b.nonce);
}
