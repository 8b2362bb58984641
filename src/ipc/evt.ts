/**
 * EVT between library and executive: functions, limits, and how filters and events are written. What a client asks for publishing is
 * ordered as it is, so these are the bodies of the messages as well (docs/EVT.md has the table).
 */
import { BodyError, BodyReader, BodyWriter } from './body.js';

/** Requests of the library; all but `list`, `subscribe` and `unsubscribe` are ordered with the same number and body. */
export const EVT = {
  open: 1,
  close: 2,
  unlink: 3,
  publish: 4,
  subscribe: 5,
  unsubscribe: 6,
  clear: 7,
  list: 8,
} as const;

/** What an open channel is told. */
export const EVT_EVENT = 1;
/** It is closed, and not by its client. */
export const EVT_CLOSED = 2;

export const CREATE = 1;
export const PUBLISHER = 2;
export const SUBSCRIBER = 4;

/** What stands where the executive puts an id, before it orders the body. */
export const ROOM_FOR_ID = 0n;

/** Ids up to this one are reserved (SA_EVT_EVENTID_NONE, SA_EVT_EVENTID_LOST and what may come). */
export const LAST_RESERVED_ID = 1000n;

export const EVT_LIMITS = Object.freeze({
  maxDataSize: 65536,
  maxPatterns: 10,
  maxPatternSize: 255,
  maxChannels: 1024,
  maxRetentionTime: Number.POSITIVE_INFINITY,
});

/** Filters of one subscription. */
export const MAX_FILTERS = 64;
const MAX_NAME = 255;

/** By number on the wire. */
export const FILTER_KINDS = ['pass-all', 'prefix', 'suffix', 'exact'] as const;

export interface FilterRecord {
  readonly kind: (typeof FILTER_KINDS)[number];
  /** Empty for 'pass-all'. */
  readonly pattern: Buffer;
}

export function writeFilters(writer: BodyWriter, filters: readonly FilterRecord[]): BodyWriter {
  writer.u8(filters.length);
  for (const { kind, pattern } of filters) writer.u8(FILTER_KINDS.indexOf(kind)).bytes(pattern);
  return writer;
}

/** Copies. @throws {BodyError} */
export function readFilters(reader: BodyReader): FilterRecord[] {
  const count = reader.u8();
  if (count > MAX_FILTERS) throw new BodyError(`${count} filters, at most ${MAX_FILTERS}`);
  return Array.from({ length: count }, () => {
    const kind = FILTER_KINDS[reader.u8()];
    if (kind === undefined) throw new BodyError('a filter of no known kind');
    return { kind, pattern: Buffer.from(reader.bytes(EVT_LIMITS.maxPatternSize)) };
  });
}

/** What a publisher says of an event. */
export interface Publication {
  readonly priority: number;
  /** ms */
  readonly retentionTime: number;
  readonly publisherName: string;
  readonly patterns: readonly Uint8Array[];
  readonly data: Uint8Array;
}

export interface EventRecord extends Publication {
  readonly id: bigint;
  /** ms since the Unix epoch. */
  readonly publishTime: number;
  readonly patterns: readonly Buffer[];
  readonly data: Buffer;
}

export function writePublication(writer: BodyWriter, event: Publication): BodyWriter {
  const { priority, retentionTime, publisherName, patterns, data } = event;
  writer.u8(priority).f64(retentionTime).text(publisherName).u8(patterns.length);
  for (const pattern of patterns) writer.bytes(pattern);
  return writer.rest(data);
}

/** Views. @throws {BodyError} It is malformed, or beyond a limit. */
export function readPublication(reader: BodyReader): Publication & { patterns: readonly Buffer[]; data: Buffer } {
  const priority = reader.u8();
  const retentionTime = reader.f64();
  const publisherName = reader.text(MAX_NAME);
  const count = reader.u8();
  if (priority > 3) throw new BodyError(`priority ${priority}`);
  if (retentionTime < 0) throw new BodyError(`a retention time of ${retentionTime}`);
  if (count > EVT_LIMITS.maxPatterns) throw new BodyError(`${count} patterns`);
  const patterns = Array.from({ length: count }, () => reader.bytes(EVT_LIMITS.maxPatternSize));
  const data = reader.rest();
  if (data.length > EVT_LIMITS.maxDataSize) throw new BodyError(`${data.length} bytes of data`);
  return { priority, retentionTime, publisherName, patterns, data };
}

/** Bytes that an event has at most, written. */
export const MAX_EVENT_SIZE =
  64 + MAX_NAME + EVT_LIMITS.maxPatterns * (4 + EVT_LIMITS.maxPatternSize) + EVT_LIMITS.maxDataSize;

/** What an open channel is told: u32 subscription, the event. */
export const EVENT_AT = 4;

/** With the subscription left open. */
export function encodeEvent(id: bigint, publishTime: number, publication: Publication): Buffer {
  const { patterns, data, publisherName } = publication;
  const size = patterns.reduce((sum, pattern) => sum + 4 + pattern.length, 64 + publisherName.length + data.length);
  return writePublication(new BodyWriter(size).u32(0).u64(id).f64(publishTime), publication).finish();
}

/** Views of `body`. @throws {BodyError} */
export function decodeEvent(body: Buffer): EventRecord {
  const reader = new BodyReader(body);
  const id = reader.u64();
  const publishTime = reader.f64();
  return { id, publishTime, ...readPublication(reader) };
}
