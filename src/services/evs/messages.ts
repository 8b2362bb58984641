/**
 * What EVS puts on the ring (little-endian, after the two bytes of src/gmi/header.ts):
 *
 * | function | body |
 * |---|---|
 * | 1 message | u32 route, data |
 * | 2 announce | routes, each: u32 route, u32 session, u8 flags (1 safe), u16 n, n x (u8 bytes, name in UTF-8) |
 * | 3 withdraw | u32 route, any number |
 *
 * A route is a number of its sender for a session, a guarantee and a list of groups. It is announced at the priority of its messages,
 * before the first of them, so that no message overtakes it; to newcomers of a configuration at recovery priority, while all else
 * waits. Hence every member of the configuration in which a message is ordered can read it.
 */
import { HEADER_SIZE, makeHeader } from '../../gmi/header.js';
import { ANNOUNCEMENT_SIZE, MAX_GROUPS_A_LIST } from './limits.js';

/** Service id on the wire. */
export const EVS = 1;
export const MESSAGE = 1;
export const ANNOUNCE = 2;
export const WITHDRAW = 3;

/** Bytes before the data of a message. */
export const MESSAGE_HEADER_SIZE = HEADER_SIZE + 4;

const SAFE_FLAG = 1;
const ROUTE_SIZE = 11;

export interface AnnouncedRoute {
  readonly id: number;
  readonly session: number;
  readonly isSafe: boolean;
  readonly groups: readonly string[];
}

export function messageHeader(route: number): Buffer {
  const header = makeHeader(EVS, MESSAGE, 4);
  header.writeUInt32LE(route, HEADER_SIZE);
  return header;
}

/** Packs routes into as few messages as ANNOUNCEMENT_SIZE allows. */
export function* encodeAnnouncements(routes: Iterable<AnnouncedRoute>): Generator<Buffer> {
  let parts: Buffer[] = [makeHeader(EVS, ANNOUNCE)];
  let size = 0;
  for (const route of routes) {
    const part = encodeRoute(route);
    if (size > 0 && size + part.length > ANNOUNCEMENT_SIZE) {
      yield Buffer.concat(parts);
      parts = [makeHeader(EVS, ANNOUNCE)];
      size = 0;
    }
    parts.push(part);
    size += part.length;
  }
  if (size > 0) yield Buffer.concat(parts);
}

function encodeRoute(route: AnnouncedRoute): Buffer {
  const head = Buffer.alloc(ROUTE_SIZE);
  head.writeUInt32LE(route.id, 0);
  head.writeUInt32LE(route.session, 4);
  head[8] = route.isSafe ? SAFE_FLAG : 0;
  head.writeUInt16LE(route.groups.length, 9);
  const parts: Buffer[] = [head];
  for (const group of route.groups) {
    const name = Buffer.from(group);
    parts.push(Buffer.from([name.length]), name);
  }
  return Buffer.concat(parts);
}

/** The routes of one announcement, or undefined if any part of it is malformed: then nothing of it counts. */
export function decodeAnnouncement(memory: Buffer, start: number, end: number): AnnouncedRoute[] | undefined {
  const routes: AnnouncedRoute[] = [];
  let at = start;
  while (at < end) {
    if (end - at < ROUTE_SIZE) return undefined;
    const flags = memory[at + 8]!;
    const count = memory.readUInt16LE(at + 9);
    if (flags > SAFE_FLAG || count > MAX_GROUPS_A_LIST) return undefined;
    const route = { id: memory.readUInt32LE(at), session: memory.readUInt32LE(at + 4), isSafe: flags === SAFE_FLAG };
    at += ROUTE_SIZE;
    const groups: string[] = [];
    for (let i = 0; i < count; i++) {
      const length = at < end ? memory[at]! : 0;
      if (length === 0 || end - at - 1 < length) return undefined;
      const name = decodeName(memory.subarray(at + 1, at + 1 + length));
      if (name === undefined) return undefined;
      groups.push(name);
      at += 1 + length;
    }
    routes.push({ ...route, groups });
  }
  return routes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

export function encodeWithdrawal(routes: readonly number[]): Buffer {
  const message = makeHeader(EVS, WITHDRAW, 4 * routes.length);
  routes.forEach((route, index) => {
    message.writeUInt32LE(route, HEADER_SIZE + 4 * index);
  });
  return message;
}

export function decodeWithdrawal(memory: Buffer, start: number, end: number): number[] | undefined {
  if ((end - start) % 4 !== 0) return undefined;
  const routes: number[] = [];
  for (let at = start; at < end; at += 4) routes.push(memory.readUInt32LE(at));
  return routes;
}
