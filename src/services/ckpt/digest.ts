/**
 * The digest of the state, kept up to date with each change: the exclusive or of a hash of each part. A section counts with the place
 * of its last change, not with its bytes, so that a change costs the same whatever its size.
 */

export interface Hash {
  readonly a: number;
  readonly b: number;
}

export const NO_HASH: Hash = { a: 0, b: 0 };

export class Digest {
  #a = 0;
  #b = 0;

  /** Puts a part in, or takes it out. */
  toggle(hash: Hash): void {
    this.#a ^= hash.a;
    this.#b ^= hash.b;
  }

  bytes(): Buffer {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeInt32LE(this.#a, 0);
    bytes.writeInt32LE(this.#b, 4);
    return bytes;
  }
}

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const long = new BigUint64Array(words.buffer);

/** Two lanes of MurmurHash3 (32 bits each). */
export class Hasher {
  #a: number;
  #b: number;
  #length = 0;

  constructor(kind: number) {
    this.#a = kind;
    this.#b = ~kind;
  }

  u32(word: number): this {
    this.#length++;
    this.#a = step(this.#a, word, 0xcc9e2d51, 0x1b873593);
    this.#b = step(this.#b, word, 0x239b961b, 0x38b34ae5);
    return this;
  }

  /** Of the total order. */
  position(value: bigint): this {
    for (let rest = value; rest > 0n; rest >>= 64n) {
      long[0] = rest;
      this.u32(words[0]!).u32(words[1]!);
    }
    return this;
  }

  f64(value: number): this {
    double[0] = value;
    return this.u32(words[0]!).u32(words[1]!);
  }

  text(value: string): this {
    for (let i = 0; i < value.length; i++) this.u32(value.charCodeAt(i));
    return this.u32(value.length);
  }

  hash(): Hash {
    return { a: finish(this.#a ^ this.#length), b: finish(this.#b ^ this.#length) };
  }
}

function step(hash: number, word: number, c1: number, c2: number): number {
  let mixed = Math.imul(word, c1);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), c2);
  const turned = hash ^ mixed;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
