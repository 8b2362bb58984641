/** The random numbers of membership: jitter of control packets, nonces of ring ids. Same seed, same numbers. */

const MASK_64 = (1n << 64n) - 1n;

/** splitmix64: spreads a seed over the whole state, so that seeds 1 and 2 have nothing in common. */
function* splitMix(seed: bigint): Generator<number, never> {
  let state = seed & MASK_64;
  for (;;) {
    state = (state + 0x9e3779b97f4a7c15n) & MASK_64;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
    z ^= z >> 31n;
    yield Number(z & 0xffffffffn);
    yield Number(z >> 32n);
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** xoshiro128**. */
export class Random {
  private readonly state: [number, number, number, number];

  /** `seed`: 64 bits. */
  constructor(seed: bigint) {
    const words = splitMix(seed);
    this.state = [words.next().value, words.next().value, words.next().value, words.next().value];
  }

  /** A whole number in [0, 2^32). */
  u32(): number {
    const s = this.state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** In [0, most). */
  upTo(most: number): number {
    return (this.u32() / 0x1_0000_0000) * most;
  }
}
