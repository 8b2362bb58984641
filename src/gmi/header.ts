/**
 * What stands before every message on the ring: the service that it belongs to and the function of that service. A service adds a
 * header of its own; both together take at most 16 bytes (EVS: 6).
 */

/** Bytes. */
export const HEADER_SIZE = 2;
export const MAX_SERVICES = 256;

/** A header with `extra` bytes for the service's own, zero. */
export function makeHeader(service: number, fn: number, extra = 0): Buffer {
  const header = Buffer.alloc(HEADER_SIZE + extra);
  header[0] = service;
  header[1] = fn;
  return header;
}
