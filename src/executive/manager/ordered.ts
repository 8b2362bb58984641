/**
 * What stands before the body of a message that a service orders: 16 bytes with the two of src/gmi/header.ts (little-endian).
 *
 * | bytes | field |
 * |---|---|
 * | u8 | service |
 * | u8 | function |
 * | u48 | the sender's time, in ms since the Unix epoch |
 * | u32 | connection of the client that asked; 0: the service itself |
 * | u32 | tag of the request that is to be answered; 0: none |
 */
import { HEADER_SIZE, makeHeader } from '../../gmi/header.js';

const EXTRA = 14;

export interface OrderedHeader {
  readonly time: number;
  readonly connection: number;
  readonly tag: number;
}

export function encodeOrdered(service: number, fn: number, { time, connection, tag }: OrderedHeader): Buffer {
  const header = makeHeader(service, fn, EXTRA);
  header.writeUIntLE(time, HEADER_SIZE, 6);
  header.writeUInt32LE(connection, HEADER_SIZE + 6);
  header.writeUInt32LE(tag, HEADER_SIZE + 10);
  return header;
}

/** `start`: behind the two bytes of group messaging. Undefined: too short. */
export function decodeOrdered(memory: Buffer, start: number, end: number): OrderedHeader | undefined {
  if (end - start < EXTRA) return undefined;
  return {
    time: memory.readUIntLE(start, 6),
    connection: memory.readUInt32LE(start + 6),
    tag: memory.readUInt32LE(start + 10),
  };
}

/** Where the body starts. */
export function bodyStart(start: number): number {
  return start + EXTRA;
}
