/**
 * EVS on a link: service 1. An object is a session, by a number that its library chose; object 0 is the connection. Requests that are never
 * answered have tag 0.
 *
 * | request | body | answer |
 * |---|---|---|
 * | CONNECT | | u32 largest message, configuration; from then on the connection is told of each |
 * | OPEN | u32 object, groups | u32 session id |
 * | JOIN, LEAVE | u32 object, groups | |
 * | DEFINE | u32 object, u16 number, u8 priority, u8 flags, groups | none; a number may be defined again |
 * | SEND | u32 object, u16 number of a destination, messages: u32 length, data | none |
 * | SEND_IN | u32 object, u16 number, text configuration, data | when it has its place |
 * | PASSED | u32 object | when all that was sent before has passed its place in the order |
 * | CLOSE | u32 object | none |
 *
 * | event | body |
 * |---|---|
 * | CONFIGURATION | as below; of the connection or of a session |
 * | GROUPS | u32 number, groups; of the connection. Number 1 makes all before it void |
 * | MESSAGE | u32 number of groups, u32 sender, u32 session, u8 priority and safe, data |
 * | MESSAGES | u32, u32, u32, u8 as before, u8 skip, frames that begin at multiples of 8: u32 size, …, data from byte `skip` on |
 * | ENDED | text code, text what: the session is over |
 */
import { BodyError, type BodyReader, type BodyWriter } from './body.js';
import type { ConfigurationEvent, PriorityCode } from './evs.js';

export const EVS_SERVICE = 1;

export const CONNECT = 1;
export const OPEN = 2;
export const JOIN = 3;
export const LEAVE = 4;
export const DEFINE = 5;
export const SEND = 6;
export const SEND_IN = 7;
export const PASSED = 8;
export const CLOSE = 9;

export const CONFIGURATION = 1;
export const GROUPS = 2;
export const MESSAGE = 3;
export const ENDED = 4;
export const MESSAGES = 5;

/** The object that stands for the connection. */
export const CONNECTION = 0;

/** Bytes of a session that are told and not acknowledged; of all sessions of a connection together. */
export const SESSION_WINDOW = 1 << 20;
export const CONNECTION_WINDOW = 16 << 20;
/** What a message counts beside its data. */
export const DELIVERY_COST = 64;
/** A library acknowledges so many bytes at once, unless it has held something back. */
export const ACKNOWLEDGE_STEP = SESSION_WINDOW / 4;
/** What all sessions of a connection consumed together, and a library acknowledges at once though none of them has a step. */
export const ACKNOWLEDGE_ALL = CONNECTION_WINDOW / 4;

/** Destinations of a session that are defined at a time. */
export const DESTINATIONS_MAX = 1024;
/** Groups of a destination or a call: one more than any may have, so that the executive is who refuses. */
export const GROUPS_MAX = 1025;
const NAME_MAX = 255;
/** Lists of groups that a connection has numbers for, and bytes of their names. */
export const LISTS_MAX = 4096;
export const LISTS_BYTES_MAX = 1 << 20;

/** Flags of DEFINE. */
export const SAFE_DESTINATION = 1;
export const JOINED_GROUPS = 2;

/** Bytes before the data. */
export const SEND_HEADER_SIZE = 6;
export const MESSAGE_HEADER_SIZE = 13;
export const MESSAGES_HEADER_SIZE = 14;
export const SAFE_BIT = 0x80;

/** Frames of MESSAGES begin at multiples of 8. */
export function paddedFrame(size: number): number {
  return (size + 7) & ~7;
}

export function writeGroups(body: BodyWriter, groups: readonly string[]): BodyWriter {
  body.u16(groups.length);
  for (const group of groups) body.text(group);
  return body;
}

/** @throws {BodyError} */
export function readGroups(body: BodyReader): string[] {
  const count = body.u16();
  if (count > GROUPS_MAX) throw new BodyError(`${count} groups, at most ${GROUPS_MAX}`);
  const groups: string[] = [];
  for (let i = 0; i < count; i++) {
    const name = body.text(NAME_MAX);
    if (name === '') throw new BodyError('a group without a name');
    groups.push(name);
  }
  return groups;
}

/** @throws {BodyError} */
export function readPriority(value: number): PriorityCode {
  if (value < 1 || value > 3) throw new BodyError(`priority ${value}`);
  return value as PriorityCode;
}

export function writeConfiguration(body: BodyWriter, configuration: ConfigurationEvent): BodyWriter {
  body.bool(configuration.kind === 'regular').text(configuration.id);
  for (const nodes of [configuration.members, configuration.joined, configuration.left]) {
    body.u16(nodes.length);
    for (const node of nodes) body.u32(node);
  }
  return body;
}

/** @throws {BodyError} */
export function readConfiguration(body: BodyReader): ConfigurationEvent {
  const kind = body.bool() ? 'regular' : 'transitional';
  const id = body.text();
  const configuration: ConfigurationEvent = {
    type: 'configuration',
    kind,
    id,
    members: readNodes(body),
    joined: readNodes(body),
    left: readNodes(body),
  };
  return Object.freeze(configuration);
}

function readNodes(body: BodyReader): readonly number[] {
  const nodes: number[] = [];
  for (let left = body.u16(); left > 0; left--) nodes.push(body.u32());
  return Object.freeze(nodes);
}
