/**
 * Messages and configuration changes, in their one order, read where the core wrote them (docs/BOUNDARY.md,
 * 'Deliveries').
 */

import type { DeliveredConfiguration } from '../totem/boundary.js';
import { ByteReader } from './bytes.js';
import { type FrameMemory, walkFrames } from './frames.js';

const MESSAGE = 1;
const CONFIGURATION = 2;
const MESSAGE_HEAD_BYTES = 16;

export const DELIVERED_SAFE = 1;
/** This process sent it. */
export const DELIVERED_OWN = 2;

export interface DeliveryVisitor {
  /**
   * The message is bytes [start, end) of the memory, until that is given back. `ordinal` counts within the packet whose
   * number is seqHigh × 2^32 + seqLow: a bigint would cost more than all the rest.
   */
  message(
    sender: number,
    priority: number,
    flags: number,
    ordinal: number,
    seqLow: number,
    seqHigh: number,
    start: number,
    end: number,
  ): void;
  configuration(change: DeliveredConfiguration): void;
}

/**
 * Visits the deliveries of [from, to). Nothing is allocated for a message.
 * @throws {Error} The addon is another one than this code is for.
 */
export function walkDeliveries(memory: FrameMemory, from: number, to: number, visitor: DeliveryVisitor): void {
  const { view } = memory;
  walkFrames(memory, from, to, (type, a, b, start, end) => {
    if (type === MESSAGE) {
      const sender = view.getUint32(start, true);
      const ordinal = view.getUint32(start + 4, true);
      const seqLow = view.getUint32(start + 8, true);
      const seqHigh = view.getUint32(start + 12, true);
      visitor.message(sender, a, b, ordinal, seqLow, seqHigh, start + MESSAGE_HEAD_BYTES, end);
    } else if (type === CONFIGURATION) {
      visitor.configuration(decodeConfiguration(a !== 0, new ByteReader(view, start, end)));
    } else {
      throw new Error(`no delivery has type ${type}`);
    }
  });
}

/** The number of a packet, whole. */
export function joinSeq(seqLow: number, seqHigh: number): bigint {
  return (BigInt(seqHigh) << 32n) | BigInt(seqLow);
}

/** @throws {RangeError} It ends too early. */
export function decodeConfiguration(isTransitional: boolean, reader: ByteReader): DeliveredConfiguration {
  const ring = reader.ringId();
  const old = reader.ringId();
  const count = reader.u16();
  reader.skip(6);
  const members = reader.list(count, () => reader.identity());
  return { kind: isTransitional ? 'transitional' : 'regular', ring, old, members };
}
