import { PACKED_LENGTH_SIZE, pack } from '../../../src/gmi/packed.js';

/** Payloads as one call hands them on. */
export function packed(...payloads: readonly (Uint8Array | string)[]): Buffer {
  const all = payloads.map((payload) => Buffer.from(payload));
  const memory = Buffer.alloc(all.reduce((sum, { length }) => sum + PACKED_LENGTH_SIZE + length, 0));
  pack(memory, all, 0);
  return memory;
}
