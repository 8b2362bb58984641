/** Frames in memory (docs/BOUNDARY.md): where they lie, how they are walked. */

/** u32 size without padding, u8 type, u8 a, u8 b, u8 c. */
export const FRAME_HEADER_BYTES = 8;

/** Fills a ring of memory up to its end. */
const PADDING_FRAME = 0;

/** Frames start at multiples of 8. */
export function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}

/**
 * Memory with frames in it: a batch, whose positions are offsets, or a ring shared with the ring thread, whose
 * positions count on for ever and mean offsets modulo its size. Either is used for as long as the memory exists: views
 * are expensive.
 */
export class FrameMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** `start` and `end` bound the body within the memory; they are offsets. */
export type FrameVisitor = (type: number, a: number, b: number, start: number, end: number) => void;

/**
 * Visits the frames of [from, to), both positions at which a frame starts.
 * @throws {Error} The memory holds something else.
 */
export function walkFrames(memory: FrameMemory, from: number, to: number, visit: FrameVisitor): void {
  const { view } = memory;
  const capacity = view.byteLength;
  for (let position = from; position < to; ) {
    const at = position % capacity;
    const size = view.getUint32(at, true);
    const type = view.getUint8(at + 4);
    if (size < FRAME_HEADER_BYTES || at + size > capacity || position + size > to)
      throw new Error(`no frame at ${at}: size ${size}, ${to - position} bytes of ${capacity} left`);
    if (type !== PADDING_FRAME)
      visit(type, view.getUint8(at + 5), view.getUint8(at + 6), at + FRAME_HEADER_BYTES, at + size);
    position += padded(size);
  }
}
