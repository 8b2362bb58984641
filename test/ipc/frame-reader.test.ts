import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_SIZE, LARGE_CHUNK_SIZE } from '../../src/ipc/chunks.js';
import { FRAME_MAX } from '../../src/ipc/frame.js';
import { FramePacker } from '../../src/ipc/frame-packer.js';
import { FrameReader } from '../../src/ipc/frame-reader.js';

/** Packs bodies into chunks. */
function pack(bodies: readonly Uint8Array[]): Buffer[] {
  const chunks: Buffer[] = [];
  let flushes = 0;
  const packer = new FramePacker(
    (chunk, written) => {
      chunks.push(Buffer.from(chunk));
      written();
    },
    () => flushes++,
  );
  bodies.forEach((body, i) => {
    const at = packer.begin(i % 256, body.length);
    packer.memory.set(body, at);
  });
  packer.flush();
  packer.flush();
  expect(packer.pending).toBe(0);
  expect(flushes > 0).toBe(bodies.length > 0);
  return chunks;
}

function reader() {
  const frames: [number, Buffer][] = [];
  let batches = 0;
  const made = new FrameReader({
    frame: (kind, memory, start, end) => frames.push([kind, Buffer.from(memory.subarray(start, end))]),
    endOfBatch: () => batches++,
  });
  return { made, frames, batches: () => batches };
}

test('What was packed is read, however it is cut', () => {
  const bodies = fc.array(
    fc
      .oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 40_000, max: 150_000 }))
      .map((size) => Buffer.alloc(size, `${size}.`)),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(
      bodies,
      fc.integer({ min: 3, max: 100_000 }),
      fc.infiniteStream(fc.boolean()),
      (given, step, pushes) => {
        const { made, frames } = reader();
        const bytes = Buffer.concat(pack(given));
        for (let at = 0; at < bytes.length; ) {
          const part = bytes.subarray(at, at + step);
          const isPushed = pushes.next().value;
          const taken = isPushed ? part.length : Math.min(part.length, made.space().length);
          if (isPushed) {
            const chunk = Buffer.from(part);
            made.push(chunk);
            chunk.fill(0xdd);
          } else {
            made.space().set(part.subarray(0, taken));
            made.received(taken);
          }
          at += taken;
        }
        expect(frames.map(([kind]) => kind)).toEqual(given.map((_, i) => i % 256));
        expect(frames.every(([, body], i) => body.equals(given[i]!))).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

describe('Packing', () => {
  test('puts what comes together into one chunk', () => {
    const chunks = pack(Array.from({ length: 1000 }, () => Buffer.alloc(50)));
    expect(chunks.map(({ length }) => length)).toEqual([55_000]);
  });

  test('keeps the order where a frame does not fit, and puts what follows a large one behind it', () => {
    const sizes = (...bytes: number[]) => pack(bytes.map((size) => Buffer.alloc(size))).map(({ length }) => length);
    expect(sizes(10, CHUNK_SIZE, 20)).toEqual([15, CHUNK_SIZE + 5 + 25]);
    expect(sizes(10, LARGE_CHUNK_SIZE, 20)).toEqual([15, LARGE_CHUNK_SIZE + 5, 25]);
  });
});

describe('Reading', () => {
  test('visits all that came together, then says so', () => {
    const { made, frames, batches } = reader();
    made.push(Buffer.concat(pack([Buffer.alloc(3), Buffer.alloc(4)])));
    expect([frames.length, batches()]).toEqual([2, 1]);
  });

  test('of whole frames that are elsewhere is done there', () => {
    const places: Buffer[] = [];
    const made = new FrameReader({ frame: (_kind, memory) => places.push(memory), endOfBatch() {} });
    const [whole, next] = [Buffer.concat(pack([Buffer.alloc(3)])), Buffer.concat(pack([Buffer.alloc(5)]))];
    made.push(whole);
    made.push(next.subarray(0, 7));
    made.push(next.subarray(7));
    made.push(whole);
    expect(places.map((memory) => memory === whole)).toEqual([true, false, true]);
  });

  test('refuses a length that no frame has, before there is memory for it', () => {
    for (const length of [0, FRAME_MAX + 1, 0xffffffff]) {
      const { made, frames } = reader();
      const bytes = Buffer.alloc(10);
      bytes.writeUInt32LE(length, 0);
      expect(() => made.push(bytes)).toThrow(`a frame of ${length} bytes`);
      expect(frames).toEqual([]);
    }
  });

  test('stops in the middle of a batch when it is told to', () => {
    const seen: number[] = [];
    const made: FrameReader = new FrameReader({
      frame: (kind) => {
        seen.push(kind);
        made.stop();
      },
      endOfBatch() {},
    });
    made.push(Buffer.concat(pack([Buffer.alloc(1), Buffer.alloc(1)])));
    made.push(Buffer.concat(pack([Buffer.alloc(1)])));
    expect(seen).toEqual([0]);
  });

  test('gives the memory for a large frame back when it is needed no more', () => {
    const { made } = reader();
    const small = Buffer.concat(pack([Buffer.alloc(1)]));
    const before = made.space().length;
    const large = Buffer.concat(pack([Buffer.alloc(1 << 20)]));
    made.push(large.subarray(0, 100));
    made.push(large.subarray(100));
    expect(made.space().length).toBeGreaterThan(before);
    for (let i = 0; i < 100; i++) made.push(small);
    expect(made.space().length).toBe(before);
  });
});
