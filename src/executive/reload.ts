/** A configuration that is read again while the executive runs: what may change does, the rest is named. */
import { type Difference, differences, type ResolvedConfig } from '../config/index.js';

/** What a configuration that was read again has changed. */
export interface Reload {
  /** Keys whose new values count from now on: `logging.debug`. */
  readonly applied: readonly string[];
  /** Keys that differ from what the executive was started with, and wait for a restart. */
  readonly restart: readonly string[];
}

/** `started`: as it was at the start; `last`: as it was read last. */
export function compareConfigurations(started: ResolvedConfig, last: ResolvedConfig, next: ResolvedConfig): Reload {
  const fixed = differences(started, next).filter(({ reloadable }) => !reloadable);
  const changed = differences(last, next).filter(({ reloadable }) => reloadable);
  // Who may ask at another address counts from when it is that address.
  const isMoved = fixed.some(({ path }) => path === 'metrics.listen');
  const waits = ({ path }: Difference) => isMoved && path.startsWith('metrics.');
  const applied = changed.filter((difference) => !waits(difference));
  const restart = [...fixed, ...changed.filter(waits)];
  return { applied: applied.map(({ path }) => path), restart: restart.map(({ path }) => path) };
}
