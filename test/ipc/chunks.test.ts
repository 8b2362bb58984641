import { describe, expect, test } from 'vitest';
import { CHUNK_SIZE, giveChunk, LARGE_CHUNK_SIZE, takeChunk } from '../../src/ipc/chunks.js';

describe('Chunks', () => {
  test('come in two sizes, and larger ones as they are wanted', () => {
    const sizes = [1, CHUNK_SIZE, CHUNK_SIZE + 1, LARGE_CHUNK_SIZE, LARGE_CHUNK_SIZE + 1];
    const chunks = sizes.map(takeChunk).map(({ length }) => length);
    expect(chunks).toEqual([CHUNK_SIZE, CHUNK_SIZE, LARGE_CHUNK_SIZE, LARGE_CHUNK_SIZE, LARGE_CHUNK_SIZE + 1]);
  });

  test.each([CHUNK_SIZE, LARGE_CHUNK_SIZE])('of %i bytes are used again, and a bounded number is kept', (size) => {
    const given = Array.from({ length: 100 }, () => Buffer.allocUnsafeSlow(size));
    for (const chunk of given) giveChunk(chunk);
    const taken = Array.from({ length: 100 }, () => takeChunk(size));
    const isGiven = new Set<Buffer>(given);
    const again = taken.filter((chunk) => isGiven.has(chunk)).length;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(32);
  });

  test('of another size are not kept', () => {
    const chunk = Buffer.allocUnsafeSlow(LARGE_CHUNK_SIZE + 1);
    giveChunk(chunk);
    expect(takeChunk(LARGE_CHUNK_SIZE + 1)).not.toBe(chunk);
  });
});
