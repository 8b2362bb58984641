import { PACKED_LENGTH_SIZE } from '../../../src/gmi/packed.js';

/** Payloads as one call hands them on. */
export function packed(...payloads: readonly (Uint8Array | string)[]): Buffer {
  const parts = payloads.flatMap((payload) => {
    const length = Buffer.alloc(PACKED_LENGTH_SIZE);
    length.writeUInt32LE(Buffer.byteLength(payload));
    return [length, Buffer.from(payload)];
  });
  return Buffer.concat(parts);
}
