/** What both halves of EVS speak of: what is delivered to a session, and what becomes of a request. */
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

/** A session, as it is delivered to, on either side of a link. False from the first two: it holds all that it may; read no further. */
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
