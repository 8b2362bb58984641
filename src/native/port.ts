/** What an executive needs of a ring, whether a thread on real sockets or a simulation drives it. */

import type { DeliveryVisitor, MessagePort } from '../gmi/port.js';
import type { Command, CoreEvent } from '../totem/boundary.js';
import type { EngineStats } from './ring-core.js';

/** Who hears what comes out of a ring. Never called within a call of RingPort. */
export interface RingHandlers {
  /** Events that there are come before deliveries that there are. */
  event(event: CoreEvent): void;
  readonly deliveries: DeliveryVisitor;
}

/** Sends through MessagePort, decides through commands, hears through RingHandlers. */
export interface RingPort extends MessagePort {
  /**
   * Commands take effect in their order.
   * @throws {RangeError} A field does not fit.
   */
  command(command: Command): void;
  /** Packets a rotation that the receive buffers of this node admit. */
  readonly windowOffer: number;
  stats(): EngineStats;
  /** What was commanded before is still sent. From the call on nothing is heard. */
  stop(): Promise<void>;
}
