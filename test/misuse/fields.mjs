// Values of the fields of a request: most as they should be, some that no library would send.

/** @typedef {import('../../dist/sim/random.js').Random} Random */

const SHARE = 0.06;
const TEXTS = ['', 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(5000), 'a\0b', '\0', 'ä'.repeat(128), '__proto__'];
const NUMBERS = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const TIMES = [Number.NaN, -1, -0, 1.5, 2 ** 53, -Infinity, Infinity, Number.MIN_VALUE, Number.MAX_VALUE];
const IDS = [0n, 1n, 1000n, 1001n, 2n ** 63n, 2n ** 64n - 1n];

export class Fields {
  /** @param {Random} random */
  constructor(random) {
    this.random = random;
  }

  /** A number of a client's own choice: of a handle, a session, an object. */
  handle() {
    return this.#odd(NUMBERS) ?? this.random.between(1, 3);
  }

  name() {
    return this.#odd(TEXTS) ?? `hostile ${this.random.below(5)}`;
  }

  /** Milliseconds, or a count of bytes. */
  time() {
    return this.#odd(TIMES) ?? this.random.below(50);
  }

  count() {
    return this.#odd(NUMBERS) ?? this.random.between(1, 64);
  }

  id() {
    return this.#odd(IDS) ?? this.random.u64();
  }

  /** @param {number} most that is right */
  choice(most) {
    return this.random.chance(SHARE) ? this.random.below(256) : this.random.below(most + 1);
  }

  /** @param {number} [most] */
  bytes(most = 40) {
    const length = this.random.chance(0.01) ? this.random.below(80_000) : this.random.below(most);
    return Buffer.alloc(length, this.random.below(256));
  }

  /** How many follow in a list. @param {number} length */
  length(length) {
    return this.random.chance(SHARE) ? this.random.pick([0, length + 1, 255, 65_535]) : length;
  }

  /** @template T @param {readonly T[]} values */
  #odd(values) {
    return this.random.chance(SHARE) ? this.random.pick(values) : undefined;
  }
}
