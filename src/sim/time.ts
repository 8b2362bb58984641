/** Virtual time is a number of nanoseconds since the simulation began; far below 2^53 for any run. */
export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

/** `1.234567890` seconds, twelve digits in all: fixed width for a trace. */
export function formatTime(ns: number): string {
  const seconds = Math.floor(ns / SECOND);
  return `${String(seconds).padStart(3)}.${String(Math.floor(ns - seconds * SECOND)).padStart(9, '0')}`;
}

/** Quantile 0.99 of the standard normal distribution. */
const NORMAL_99 = 2.3263478740408408;

/** A delay whose logarithm is normal: half of the draws are below the median, one in a hundred above `p99`, none above `max`. */
export interface Delay {
  /** ns */
  readonly median: number;
  /** ns */
  readonly p99: number;
  /** ns */
  readonly max: number;
}

export function drawDelay(random: { normal(): number }, delay: Delay): number {
  if (delay.p99 <= delay.median) return Math.round(Math.min(delay.median, delay.max));
  const sigma = Math.log(delay.p99 / delay.median) / NORMAL_99;
  return Math.round(Math.min(delay.median * Math.exp(sigma * random.normal()), delay.max));
}
