/** Payloads behind each other in one memory, each behind its u32 length: many messages are handed on by one call. */

export const PACKED_LENGTH_SIZE = 4;

/** How many lie in memory[start, end), which is whole. */
export function countPacked(memory: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; count++) at += PACKED_LENGTH_SIZE + memory.readUInt32LE(at);
  return count;
}
