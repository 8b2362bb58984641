// Medians over runs, and latencies as a histogram that clients can tell and the controller can add up.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * @typedef {{ median: number, minimum: number, maximum: number }} Summary
 * @param {readonly number[]} values
 * @returns {Summary}
 */
export function summary(values) {
  return { median: median(values), minimum: Math.min(...values), maximum: Math.max(...values) };
}

/** @param {readonly number[]} values @param {number} fraction */
export function percentile(values, fraction) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}

/** Buckets an octave: a value is told within 0.6 %. bench/peers/corosync/client.c has the same. */
const FINENESS = 64;
/** Up to 2^27 µs, two minutes. */
const BUCKETS = 27 * FINENESS;

/** @typedef {{ p50: number, p99: number, p999: number, max: number }} Latency µs */

/** Latencies in µs. */
export class Histogram {
  #counts = new Float64Array(BUCKETS);
  #max = 0;

  /** @param {number} value */
  add(value) {
    const bucket = value < 1 ? 0 : Math.floor(Math.log2(value) * FINENESS);
    const at = bucket < BUCKETS ? bucket : BUCKETS - 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    if (value > this.#max) this.#max = value;
  }

  /** What has been added since the last take(), as JSON: bucket and count in turn. */
  take() {
    /** @type {number[]} */
    const buckets = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) buckets.push(bucket, count);
    });
    const taken = { buckets, max: this.#max };
    this.#counts.fill(0);
    this.#max = 0;
    return taken;
  }

  /** @param {{ buckets: number[], max: number }} taken */
  merge({ buckets, max }) {
    for (let i = 0; i + 1 < buckets.length; i += 2) {
      const bucket = buckets[i] ?? 0;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (buckets[i + 1] ?? 0);
    }
    this.#max = Math.max(this.#max, max);
  }

  /** @param {number} fraction */
  percentile(fraction) {
    const wanted = fraction * this.#counts.reduce((sum, count) => sum + count, 0);
    let passed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      passed += this.#counts[bucket] ?? 0;
      // The middle of a bucket may lie above what was ever seen.
      if (passed > 0 && passed >= wanted) return Math.min(2 ** ((bucket + 0.5) / FINENESS), this.#max);
    }
    return Number.NaN;
  }

  /** @returns {Latency | null} null if nothing was added */
  summary() {
    const p50 = this.percentile(0.5);
    if (Number.isNaN(p50)) return null;
    return { p50, p99: this.percentile(0.99), p999: this.percentile(0.999), max: this.#max };
  }
}
