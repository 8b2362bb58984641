/**
 * What a process did, as its core recorded it (docs/BOUNDARY.md, 'Trace'). The shapes are those that the checker reads;
 * it has them written down on its own, since it knows nothing of the implementation.
 */

import type { Member, RingId } from '../totem/boundary.js';
import { ByteReader } from './bytes.js';

export const TRACE_RECORD_BYTES = 64;

const KINDS = { configuration: 1, send: 2, deliver: 3, member: 4, freeze: 5, start: 6 } as const;
const SAFE = 1;

export interface TracedStart {
  readonly kind: 'start';
  /** Nanoseconds; of all kinds. */
  readonly time: number;
  readonly node: number;
  readonly incarnation: bigint;
}

export interface TracedConfiguration {
  readonly kind: 'configuration';
  readonly time: number;
  readonly configuration: 'regular' | 'transitional';
  readonly ring: RingId;
  readonly old: RingId;
  readonly members: readonly Member[];
}

export interface TracedMessage {
  readonly kind: 'send' | 'deliver';
  readonly time: number;
  /** In which it was sequenced. */
  readonly ring: RingId;
  readonly seq: bigint;
  readonly ordinal: number;
  readonly origin: number;
  readonly priority: number;
  readonly safe: boolean;
  readonly length: number;
  readonly hash: bigint;
  readonly label: bigint;
}

export interface TracedFreeze {
  readonly kind: 'freeze';
  readonly time: number;
  readonly ring: RingId;
}

export type TracedEvent = TracedStart | TracedConfiguration | TracedMessage | TracedFreeze;

/** The fields of a record, named as those of a message are. */
interface TraceRecord {
  readonly kind: number;
  readonly priority: number;
  readonly flags: number;
  readonly length: number;
  readonly time: number;
  readonly ring: RingId;
  readonly seq: bigint;
  readonly ordinal: number;
  readonly origin: number;
  readonly hash: bigint;
  readonly label: bigint;
}

/**
 * Decodes whole records. A configuration whose members are not all there is left out with what follows: the process was
 * killed while it wrote them.
 * @throws {Error} Records of another kind, or no whole ones.
 */
export function decodeTrace(bytes: Uint8Array): TracedEvent[] {
  if (bytes.length % TRACE_RECORD_BYTES !== 0) throw new Error(`a trace of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new ByteReader(view, 0, bytes.length);
  const events: TracedEvent[] = [];
  while (reader.left > 0) {
    const record = readRecord(reader);
    if (record.kind === KINDS.configuration && reader.left < record.length * TRACE_RECORD_BYTES) break;
    events.push(toEvent(record, reader));
  }
  return events;
}

function readRecord(reader: ByteReader): TraceRecord {
  const kind = reader.u8();
  const priority = reader.u8();
  const flags = reader.u8();
  reader.skip(1);
  return {
    kind,
    priority,
    flags,
    length: reader.u32(),
    time: Number(reader.u64()),
    ring: reader.ringId(),
    seq: reader.u64(),
    ordinal: reader.u32(),
    origin: reader.u32(),
    hash: reader.u64(),
    label: reader.u64(),
  };
}

function toEvent(record: TraceRecord, reader: ByteReader): TracedEvent {
  const { time, ring, seq, ordinal, origin, priority, length, hash, label } = record;
  switch (record.kind) {
    case KINDS.start:
      return { kind: 'start', time, node: origin, incarnation: seq };
    case KINDS.configuration: {
      const old = { representative: origin, nonce: ordinal, seq };
      const members = reader.list(length, () => readMember(reader));
      return {
        kind: 'configuration',
        time,
        configuration: priority === 0 ? 'regular' : 'transitional',
        ring,
        old,
        members,
      };
    }
    case KINDS.send:
    case KINDS.deliver: {
      const kind = record.kind === KINDS.send ? 'send' : 'deliver';
      const safe = (record.flags & SAFE) !== 0;
      return { kind, time, ring, seq, ordinal, origin, priority, safe, length, hash, label };
    }
    case KINDS.freeze:
      return { kind: 'freeze', time, ring };
    default:
      throw new Error(`no record of a trace has kind ${record.kind}`);
  }
}

function readMember(reader: ByteReader): Member {
  const record = readRecord(reader);
  if (record.kind !== KINDS.member) throw new Error(`a record of kind ${record.kind} where a member should be`);
  return { node: record.ordinal, incarnation: record.seq };
}
