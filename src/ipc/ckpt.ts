/**
 * Bodies of the checkpoint service between library and executive (src/ipc/body.ts). What changes anything is ordered as it came, so the
 * first part of the table is also what CKPT puts on the ring; the handle counts there with the sender and its connection.
 *
 * | function | body | answer |
 * |---|---|---|
 * | 1 open | u32 handle, u8 flags (1 read, 2 write, 4 create), text name, attributes if create | u64 instance, attributes |
 * | 2 close | u32 handle | |
 * | 3 unlink | text name | |
 * | 4 create section | u32 handle, f64 expiration time, bytes id (empty: make one), data | id |
 * | 5 delete section | u32 handle, id | |
 * | 6 set expiration time | u32 handle, f64 time, id | |
 * | 7 write | u32 handle, u32 n, n x (bytes id, f64 offset, bytes data) | |
 * | 8 overwrite | u32 handle, bytes id, data | |
 * | 9 set active replica | u32 handle | |
 * | 10 set retention duration | u32 handle, f64 duration | |
 * | 11 synchronize | u32 handle | |
 * | 12 disconnected (ring only) | f64 connection | |
 * | 20 read | u32 handle, u32 index of the first, u32 n, n x (bytes id, f64 offset, f64 length or Infinity) | u32 m, m x bytes: as many as fit |
 * | 21 status | u32 handle | attributes, u32 sections, f64 bytes |
 * | 22 sections | u32 handle, u32 iterator, u8 chosen, f64 time | page of descriptors |
 * | 23 list | u32 iterator | page of checkpoints |
 * | 24 next page | u32 iterator | page |
 * | 25 end of iterator | u32 iterator | |
 * | 26 watch | u32 handle, u32 object | |
 * | 27 unwatch | u32 object | |
 *
 * attributes: u8 update, bool collocated, f64 checkpointSize, f64 retentionDuration, u32 maxSections, u32 maxSectionSize,
 * u16 maxSectionIdSize. page: bool last, u32 n, n items. descriptor: bytes id, f64 expiration time, u32 size, f64 last update.
 * checkpoint: text name, attributes, u32 sections, f64 bytes, u32 openers. Events of a watch: function = kind of change, body = id.
 */
import { BodyError, type BodyReader, BodyWriter } from './body.js';

/** Service number on the wire. */
export const CKPT = 3;

export const OPEN = 1;
export const CLOSE = 2;
export const UNLINK = 3;
export const CREATE_SECTION = 4;
export const DELETE_SECTION = 5;
export const SET_EXPIRATION = 6;
export const WRITE = 7;
export const OVERWRITE = 8;
export const SET_ACTIVE = 9;
export const SET_RETENTION = 10;
export const SYNCHRONIZE = 11;
export const DISCONNECTED = 12;
export const READ = 20;
export const STATUS = 21;
export const SECTIONS = 22;
export const LIST = 23;
export const NEXT_PAGE = 24;
export const END_ITERATOR = 25;
export const WATCH = 26;
export const UNWATCH = 27;

/** Flags of an open; the first two are its rights. */
export const RIGHT_READ = 1;
export const RIGHT_WRITE = 2;
export const FLAG_CREATE = 4;

/** Kinds of change, as a watch is told; ENDED: its checkpoint is no longer open. */
export const WATCH_KINDS = ['created', 'written', 'deleted', 'expired'] as const;
export type WatchKind = (typeof WATCH_KINDS)[number];
export const WATCH_ENDED = WATCH_KINDS.length;

/** Bytes of a message that CKPT orders: what a request comes to at most. */
export const MAX_REQUEST = 1 << 20;
/** Bytes of a section: with its id and what goes before it, it has to fit a message. */
export const MAX_SECTION_SIZE = MAX_REQUEST - 4096;
export const MAX_SECTION_ID_SIZE = 1024;
export const MAX_CHECKPOINTS = 16384;
/** Bytes of a name. */
export const MAX_NAME = 255;
/** Elements of one vector. */
export const MAX_ELEMENTS = 65536;

export const UPDATES = ['all-replicas', 'active-replica', 'active-replica-weak'] as const;
export const CHOSEN = ['any', 'forever', 'corrupted', 'leq', 'geq'] as const;
export type Chosen = (typeof CHOSEN)[number];

export interface Attributes {
  readonly update: (typeof UPDATES)[number];
  readonly collocated: boolean;
  readonly checkpointSize: number;
  readonly retentionDuration: number;
  readonly maxSections: number;
  readonly maxSectionSize: number;
  readonly maxSectionIdSize: number;
}

/** What is wrong with attributes whose fields have the right types; undefined: nothing. */
export function faultOf(attributes: Attributes): string | undefined {
  const { checkpointSize, retentionDuration, maxSections, maxSectionSize, maxSectionIdSize } = attributes;
  if (!isCount(maxSections, 0xffff_ffff) || maxSections === 0) return 'maxSections must be 1 to 2^32 - 1';
  if (!isCount(maxSectionSize, MAX_SECTION_SIZE)) return `maxSectionSize must be 0 to ${MAX_SECTION_SIZE} bytes`;
  if (!isCount(maxSectionIdSize, MAX_SECTION_ID_SIZE))
    return `maxSectionIdSize must be 0 to ${MAX_SECTION_ID_SIZE} bytes`;
  if (maxSections > 1 && maxSectionIdSize === 0)
    return 'maxSectionIdSize must be at least 1 where there are several sections';
  if (!isCount(checkpointSize, maxSections * maxSectionSize))
    return 'checkpointSize must be 0 to maxSections * maxSectionSize bytes';
  if (!(retentionDuration >= 0)) return 'retentionDuration must be 0 or more milliseconds';
  return undefined;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

export function writeAttributes(body: BodyWriter, attributes: Attributes): BodyWriter {
  return body
    .u8(UPDATES.indexOf(attributes.update))
    .bool(attributes.collocated)
    .f64(attributes.checkpointSize)
    .f64(attributes.retentionDuration)
    .u32(attributes.maxSections)
    .u32(attributes.maxSectionSize)
    .u16(attributes.maxSectionIdSize);
}

/** @throws {BodyError} No checkpoint may have them. */
export function readAttributes(body: BodyReader): Attributes {
  const update = UPDATES[body.u8()];
  if (update === undefined) throw new BodyError('an unknown update option');
  const attributes: Attributes = {
    update,
    collocated: body.bool(),
    checkpointSize: body.f64(),
    retentionDuration: body.f64(),
    maxSections: body.u32(),
    maxSectionSize: body.u32(),
    maxSectionIdSize: body.u16(),
  };
  const fault = faultOf(attributes);
  if (fault !== undefined) throw new BodyError(fault);
  return attributes;
}

/** A request that names nothing but a handle, an iterator or an object. */
export function numberBody(number: number): Buffer {
  return new BodyWriter(4).u32(number).finish();
}
