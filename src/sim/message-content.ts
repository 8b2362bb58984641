/**
 * What simulated applications send: contents that say who sent them and how long they are, so that whoever receives one can tell that
 * it is whole and unaltered without asking anybody.
 *
 * The first eight bytes are the label (little-endian): 24 bits of a counter, 24 of the size, 16 of the sender's number. Noise follows.
 * Messages below eight bytes hold the low bytes of their label and are not unique.
 */
import { Random } from './random.js';

export const LABEL_BYTES = 8;
const NOISE_BYTES = 1 << 21;
const COUNTERS = 1 << 24;
const STRIDE = 61;

let noise: Uint8Array | undefined;

/** The same bytes in every run; made when first needed. */
function noiseBytes(): Uint8Array {
  if (noise === undefined) {
    const random = new Random(1, 'noise');
    const words = new Uint32Array(NOISE_BYTES / 4);
    for (let i = 0; i < words.length; i++) words[i] = random.u32();
    noise = new Uint8Array(words.buffer);
  }
  return noise;
}

function noiseFor(counter: number, size: number): Uint8Array {
  const start = (counter * STRIDE) % (1 << 20);
  return noiseBytes().subarray(start + LABEL_BYTES, start + size);
}

export interface Label {
  readonly sender: number;
  readonly counter: number;
  readonly size: number;
}

/** The contents; a view that the next call overwrites if `scratch` is given. */
export function makeContent({ sender, counter, size }: Label, scratch?: Uint8Array): Uint8Array {
  const bytes = scratch?.subarray(0, size) ?? new Uint8Array(size);
  const head = new Uint8Array(LABEL_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, (counter % COUNTERS) + (size & 0xff) * COUNTERS, true);
  view.setUint32(4, (size >>> 8) | (sender << 16), true);
  if (size < LABEL_BYTES) {
    bytes.set(head.subarray(0, size));
    return bytes;
  }
  bytes.set(head);
  bytes.set(noiseFor(counter, size), LABEL_BYTES);
  return bytes;
}

/** The first eight bytes as a trace has them. */
export function labelOf(content: Uint8Array): bigint {
  let label = 0n;
  for (let i = Math.min(content.length, LABEL_BYTES) - 1; i >= 0; i--)
    label = (label << 8n) | BigInt(content[i] as number);
  return label;
}

/** What is wrong with these contents; undefined if nothing is. */
export function checkContent(bytes: Uint8Array): string | undefined {
  if (bytes.length < LABEL_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, LABEL_BYTES);
  const low = view.getUint32(0, true);
  const high = view.getUint32(4, true);
  const counter = low % COUNTERS;
  const size = Math.floor(low / COUNTERS) | ((high & 0xffff) << 8);
  if (size !== bytes.length) return `${bytes.length} bytes of a message of ${size}`;
  const rest = bytes.subarray(LABEL_BYTES);
  if (Buffer.compare(rest, noiseFor(counter, size)) !== 0)
    return `message ${counter} of sender ${high >>> 16} is altered`;
  return undefined;
}
