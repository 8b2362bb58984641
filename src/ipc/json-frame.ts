/**
 * Frames of JSON on a stream: u32 length of the rest (little-endian), u8 version, then the text in UTF-8. For requests
 * that are rare; what is frequent has a layout of its own.
 */

export const frameVersion = 1;
/** Bytes of a frame's rest: version and text. */
export const frameBytesMax = 1024 * 1024;
const lengthBytes = 4;
const versionBytes = 1;

/** The peer sends something else than frames of this version. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A bigint becomes text: JSON has no other place for it. */
export function encodeFrame(value: unknown): Buffer {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  const length = versionBytes + Buffer.byteLength(text);
  if (length > frameBytesMax) throw new FrameError(`a frame of ${length} bytes is longer than ${frameBytesMax}`);
  const frame = Buffer.allocUnsafe(lengthBytes + length);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt8(frameVersion, lengthBytes);
  frame.write(text, lengthBytes + versionBytes);
  return frame;
}

/** Puts a stream of bytes together to frames. It holds at most one frame. */
export class FrameReader {
  readonly #bytesMax: number;
  #pending: Buffer = Buffer.alloc(0);

  constructor(bytesMax = frameBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /**
   * The values that are complete.
   * @throws FrameError The stream cannot be read on.
   */
  read(chunk: Buffer): unknown[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const values: unknown[] = [];
    for (;;) {
      const frame = this.#takeFrame();
      if (!frame) return values;
      values.push(decode(frame));
    }
  }

  #takeFrame(): Buffer | undefined {
    if (this.#pending.length < lengthBytes) return undefined;
    const length = this.#pending.readUInt32LE(0);
    if (length <= versionBytes || length > this.#bytesMax) throw new FrameError(`a frame of ${length} bytes`);
    const end = lengthBytes + length;
    if (this.#pending.length < end) return undefined;
    const frame = this.#pending.subarray(lengthBytes, end);
    this.#pending = this.#pending.subarray(end);
    return frame;
  }
}

function decode(frame: Buffer): unknown {
  const version = frame.readUInt8(0);
  if (version !== frameVersion) throw new FrameError(`frame version ${version}; this side knows ${frameVersion}`);
  try {
    return JSON.parse(frame.toString('utf8', versionBytes));
  } catch (error) {
    throw new FrameError('a frame without JSON', { cause: error });
  }
}
