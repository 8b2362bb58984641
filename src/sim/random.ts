/**
 * The one source of chance in a simulation: small fast counter (sfc32), seeded. Streams are split by name, so that drawing one number
 * more in one part leaves every other part of a run as it was.
 */

const TWO_POW_32 = 0x1_0000_0000;

/** Spreads a 32-bit state; used only to turn seeds and names into starting states. */
function mix(state: number): number {
  let z = (state + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** `seed`: any whole number up to 2^53; `stream` names an independent sequence of it. */
  constructor(seed: number, stream = '') {
    this.a = mix(seed >>> 0) | 0;
    this.b = mix(Math.floor(seed / TWO_POW_32) ^ this.a) | 0;
    this.c = mix(hashName(stream) ^ this.b) | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** A stream of its own; the same name twice gives two different streams. */
  fork(stream: string): Random {
    return new Random(this.u32() + (this.u32() & 0x1fffff) * TWO_POW_32, stream);
  }

  u32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11) | 0;
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** In [0, 1). */
  float(): number {
    return this.u32() / TWO_POW_32;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  /** A whole number in [low, high], both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  uniform(low: number, high: number): number {
    return low + this.float() * (high - low);
  }

  /** Every order of magnitude between `low` > 0 and `high` is as likely as any other. */
  logUniform(low: number, high: number): number {
    return low * (high / low) ** this.float();
  }

  chance(probability: number): boolean {
    return probability > 0 && this.float() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('nothing to pick from');
    return choices[this.below(choices.length)] as T;
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.float()) * mean;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }

  /** Fisher and Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}
