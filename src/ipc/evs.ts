/**
 * What the library's half of EVS asks of the executive's half, and what it is told. In process these are direct calls; through a
 * socket each becomes a frame. Hence: no call returns what only the executive knows except by a callback or a refusal, and nothing is
 * delivered from inside a call.
 */

import type { AisErrorCode } from '../ais-error.js';

/** As on the wire; `src/gmi/port.ts` has the same numbers. */
export type PriorityCode = 1 | 2 | 3;
export const PRIORITY_NAMES = ['recovery', 'high', 'medium', 'low'] as const;

export interface ConfigurationEvent {
  readonly type: 'configuration';
  readonly kind: 'regular' | 'transitional';
  readonly id: string;
  readonly members: readonly number[];
  readonly joined: readonly number[];
  readonly left: readonly number[];
}

/** A message on its way to one session. One object for all: valid during the call. */
export interface EvsDelivery {
  groups: readonly string[];
  sender: number;
  session: number;
  priority: PriorityCode;
  isSafe: boolean;
  /** The data is memory[start, end); it changes after endOfBatch(). */
  memory: Buffer;
  start: number;
  end: number;
  /** Where the frame begins that the ring's thread wrote (docs/BOUNDARY.md); -1: it lies alone. */
  at: number;
}

/** A session, as the executive delivers to it. False from either: it holds all that it may; read no further. */
export interface EvsSink {
  message(delivery: EvsDelivery): boolean;
  configuration(configuration: ConfigurationEvent): boolean;
  endOfBatch(): void;
  /** The executive ended the session: nothing follows. */
  ended(reason: EvsRefusal): void;
}

/** Why something was not done; it had no effect. */
export interface EvsRefusal {
  readonly code: AisErrorCode;
  readonly what: string;
  readonly index?: number;
}

/** What becomes of a request: told later or at once, and once. */
export type EvsSettle = (refusal?: EvsRefusal) => void;

/** Of requests: whether one that would have to wait is refused with TRY_AGAIN. */
export interface EvsPatience {
  readonly isWaiting: boolean;
}

export interface EvsDestination {
  /** False: flow control refused it, nothing was done. */
  send(data: Uint8Array): boolean;
  sendAll(data: readonly Uint8Array[]): number;
  /** In the configuration of this id or not at all (FAILED_OPERATION). */
  sendIn(id: string, data: Uint8Array, patience: EvsPatience, settle: EvsSettle): boolean;
}

export interface EvsSessionPort<Destination extends EvsDestination = EvsDestination> {
  /** Unique on the node while the executive lives. */
  readonly id: number;
  /** All of them or, if it would be too many, none. False: there is no room for the request now. */
  join(groups: readonly string[], patience: EvsPatience, settle: EvsSettle): boolean;
  /** In order; stops at the first that is not joined (NOT_EXIST with its index), those before it are left. False as in join(). */
  leave(groups: readonly string[], patience: EvsPatience, settle: EvsSettle): boolean;
  /** `to` left out: whatever is joined at the time of sending. */
  destination(to: readonly string[] | undefined, priority: PriorityCode, isSafe: boolean): Destination;
  /** Calls back once all that was accepted until now has passed its place in the order. Returns how to give up waiting. */
  whenPassed(done: () => void): () => void;
  /** The sink has room again after it returned false. */
  resume(): void;
  close(): void;
}

export interface EvsPort<Destination extends EvsDestination = EvsDestination> {
  readonly nodeId: number;
  readonly maxMessageSize: number;
  /** The current regular configuration. */
  configuration(): ConfigurationEvent;
  /** False: there is no room for the request now. `opened` is told of the session before any message of it. */
  open(
    sink: EvsSink,
    groups: readonly string[],
    patience: EvsPatience,
    opened: (session: EvsSessionPort<Destination> | EvsRefusal) => void,
  ): boolean;
  /** Whether a send of this priority may succeed now. */
  hasRoom(priority: PriorityCode): boolean;
  /** Calls back, in the order of waiting, when it may. The callback returns false to keep its place. Returns how to give it up. */
  whenRoom(priority: PriorityCode, attempt: () => boolean): () => void;
}
