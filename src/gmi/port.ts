/** What group messaging needs of a ring: the data path of the boundary (docs/BOUNDARY.md), as src/native offers it. */
import type { DeliveredConfiguration, RingId } from '../totem/boundary.js';

/** Priorities as on the wire. Recovery belongs to the synchronisation of services. */
export const RECOVERY = 0;
export const HIGH = 1;
export const MEDIUM = 2;
export const LOW = 3;
export const PRIORITIES = 4;
export type PriorityNumber = 0 | 1 | 2 | 3;

/** Flags of a message that is submitted, and of one that is delivered. */
export const SAFE = 1;
/** Flag of one that is delivered: this process sent it. */
export const OWN = 2;

/** One object for all messages: valid until the visitor returns. */
export interface MessageFrame {
  readonly priority: number;
  /** SAFE, OWN. */
  readonly flags: number;
  /** Node id. */
  readonly sender: number;
  /** The message is memory[start, end). The memory is reused once DeliveryVisitor.end has returned. */
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
  /** Where its frame begins (docs/BOUNDARY.md); undefined: it lies alone. */
  readonly at?: number;
}

export interface DeliveryVisitor {
  /** False: read no further. What was visited is consumed; resume() goes on with the next. */
  message(frame: MessageFrame): boolean;
  configuration(configuration: DeliveredConfiguration): boolean;
  /** After the last of a batch, before its memory is given back. */
  end(): void;
}

export interface MessagePort {
  /** Synchronous; copies the bytes. False: the queue of that priority has no room, and nothing was done. A ticket other than 0n
   *  asks for the event `placed`; with `onlyIn` the message is originated in that ring or not at all. */
  submit(
    priority: PriorityNumber,
    flags: number,
    ticket: bigint,
    onlyIn: RingId | undefined,
    message: Uint8Array,
  ): boolean;
  /** memory[start, end) holds payloads as src/gmi/packed.ts packs them; each message is the header and then one of them. Returns
   *  where the first is that was not taken. */
  submitPacked(
    priority: PriorityNumber,
    flags: number,
    header: Uint8Array,
    memory: Uint8Array,
    start: number,
    end: number,
  ): number;
  /** Priorities that may originate, a bit each. */
  plug(mask: number): void;
  /** After a visitor returned false. */
  resume(): void;
}
