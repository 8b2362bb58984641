/** Memory that frames are packed into, kept for its next use by all connections together: to get it anew costs more than to fill it. */

/** Most frames are small. */
export const CHUNK_SIZE = 64 << 10;
/** For frames beyond it. Those that are larger still are rare, and have memory of their own. */
export const LARGE_CHUNK_SIZE = 256 << 10;
/** Chunks of one size that are kept. */
const SPARE_MAX = 32;

const spare = new Map<number, Buffer[]>([
  [CHUNK_SIZE, []],
  [LARGE_CHUNK_SIZE, []],
]);

/** At least so many bytes. */
export function takeChunk(bytes: number): Buffer {
  const size = bytes <= CHUNK_SIZE ? CHUNK_SIZE : Math.max(bytes, LARGE_CHUNK_SIZE);
  return spare.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
}

/** Nobody looks at it any more. */
export function giveChunk(chunk: Buffer): void {
  const kept = spare.get(chunk.length);
  if (kept !== undefined && kept.length < SPARE_MAX) kept.push(chunk);
}
