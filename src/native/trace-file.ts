/**
 * The file in which a ring thread records what it does. Its header of 64 bytes, little-endian: "OAISTRC1", u64 capacity
 * in records, u64 committed, u64 lost, zeros. Records of 64 bytes follow (docs/BOUNDARY.md, 'Trace'); those that are
 * committed are whole.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { decodeTrace, TRACE_RECORD_BYTES, type TracedEvent } from './trace.js';

const HEADER_BYTES = 64;
const MAGIC = 'OAISTRC1';

/**
 * What the process recorded, be it alive or not.
 * @throws {Error} No such trace, or one with holes: what no longer found room is missing.
 */
export function readTraceFile(path: string): TracedEvent[] {
  const file = openSync(path, 'r');
  try {
    const header = read(file, 0, HEADER_BYTES, path);
    if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error(`${path} is no trace`);
    const committed = Number(header.readBigUInt64LE(16));
    const lost = header.readBigUInt64LE(24);
    if (lost !== 0n) throw new Error(`${path} was too small: ${lost} records are lost`);
    return decodeTrace(read(file, HEADER_BYTES, committed * TRACE_RECORD_BYTES, path));
  } finally {
    closeSync(file);
  }
}

function read(file: number, from: number, size: number, path: string): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const count = readSync(file, bytes, at, size - at, from + at);
    if (count === 0) throw new Error(`${path} ends too early`);
    at += count;
  }
  return bytes;
}
