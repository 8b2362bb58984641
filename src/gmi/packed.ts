/** Payloads behind each other in one memory, each behind its u32 length: many messages are handed on by one call. */

export const PACKED_LENGTH_SIZE = 4;

/** How many lie in memory[start, end), which is whole. */
export function countPacked(memory: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; count++) at += PACKED_LENGTH_SIZE + memory.readUInt32LE(at);
  return count;
}

/** Packs payloads[from …] as far as they fit. Returns the end in memory; at least one has to fit. */
export function pack(memory: Buffer, payloads: readonly Uint8Array[], from: number): number {
  let at = 0;
  for (let i = from; i < payloads.length; i++) {
    const payload = payloads[i]!;
    if (at + PACKED_LENGTH_SIZE + payload.length > memory.length) break;
    memory.writeUInt32LE(payload.length, at);
    memory.set(payload, at + PACKED_LENGTH_SIZE);
    at += PACKED_LENGTH_SIZE + payload.length;
  }
  return at;
}
