/** Events of the core, decoded (docs/BOUNDARY.md, 'Events'). */

import type { CoreEvent, RingMode } from '../totem/boundary.js';
import { ByteReader } from './bytes.js';
import { readControlBody } from './control-body.js';
import { type FrameMemory, walkFrames } from './frames.js';

const EVENT_TYPES = {
  control: 16,
  tokenLoss: 17,
  failedToReceive: 18,
  recovered: 19,
  summary: 20,
  unreachable: 21,
  pong: 22,
  paused: 23,
  refused: 24,
  installed: 25,
  drained: 26,
  placed: 27,
  room: 28,
  slow: 29,
  stale: 30,
} as const;

const RING_MODES: readonly (RingMode | undefined)[] = [undefined, 'forming', 'running', 'frozen', 'sealed'];

/**
 * Visits the events of [from, to), in the order of their causes. They share nothing with the memory.
 * @throws {Error} The addon is another one than this code is for.
 */
export function walkEvents(memory: FrameMemory, from: number, to: number, visit: (event: CoreEvent) => void): void {
  walkFrames(memory, from, to, (type, a, _b, start, end) =>
    visit(decodeEvent(type, a, new ByteReader(memory.view, start, end))),
  );
}

function decodeEvent(type: number, a: number, reader: ByteReader): CoreEvent {
  switch (type) {
    case EVENT_TYPES.control:
      return decodeControl(reader);
    case EVENT_TYPES.tokenLoss:
      return { type: 'tokenLoss', handle: reader.u32() };
    case EVENT_TYPES.failedToReceive:
      return { type: 'failedToReceive', handle: reader.u32(), culprit: reader.u32() };
    case EVENT_TYPES.recovered:
      return { type: 'recovered', handle: reader.u32() };
    case EVENT_TYPES.summary:
      return decodeSummary(reader);
    case EVENT_TYPES.unreachable:
      return { type: 'unreachable', peer: reader.identity() };
    case EVENT_TYPES.pong:
      return { type: 'pong', peer: reader.identity(), lagMs: reader.u32(), roundTripUs: reader.u32() };
    case EVENT_TYPES.paused:
      return { type: 'paused', withoutStepNs: reader.u64(), withoutTokenNs: reader.u64() };
    case EVENT_TYPES.refused:
      return { type: 'refused', command: reader.u32(), reason: reader.u32() };
    case EVENT_TYPES.installed:
      return { type: 'installed', handle: reader.u32() };
    case EVENT_TYPES.drained:
      return { type: 'drained' };
    case EVENT_TYPES.placed:
      return { type: 'placed', ticket: reader.u64(), seq: reader.u64() };
    case EVENT_TYPES.room:
      return { type: 'room', mask: a };
    case EVENT_TYPES.slow:
      return { type: 'slow', handle: reader.u32() };
    case EVENT_TYPES.stale:
      return { type: 'stale', peer: reader.identity(), highest: reader.u64() };
    default:
      throw new Error(`no event has type ${type}`);
  }
}

function decodeControl(reader: ByteReader): CoreEvent {
  const sender = reader.identity();
  const link = reader.u8();
  const packetType = reader.u8();
  reader.skip(6);
  return { type: 'control', sender, link, ...readControlBody(packetType, reader) };
}

function decodeSummary(reader: ByteReader): CoreEvent {
  const handle = reader.u32();
  const number = reader.u8();
  const mode = RING_MODES[number];
  if (mode === undefined) throw new Error(`no ring has mode ${number}`);
  const receivedFlag = reader.u8() !== 0;
  reader.skip(2);
  const aru = reader.u64();
  const high = reader.u64();
  const highDelivered = reader.u64();
  return { type: 'summary', handle, mode, receivedFlag, aru, high, highDelivered };
}
