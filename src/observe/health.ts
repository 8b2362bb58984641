/** Whether an executive is alive (else it is to be started again), and whether it is ready (else it is to be asked nothing). */
import type { Overview } from './status.js';

/** One thing that health looks at. */
export interface Check {
  readonly name: string;
  /** Why it is not so; undefined: all is well. */
  readonly problem: string | undefined;
}

/** Whether it is alive, and whether it is ready, check by check. */
export interface Health {
  readonly live: readonly Check[];
  /** All that is live, and more. */
  readonly ready: readonly Check[];
}

export interface HealthSources {
  readonly overview: Overview;
  readonly isRingThreadMoving: boolean;
  readonly hasEnded: boolean;
}

export function health({ overview, isRingThreadMoving, hasEnded }: HealthSources): Health {
  const check = (name: string, isSo: boolean, problem: string): Check => ({
    name,
    problem: isSo ? undefined : problem,
  });
  const { state, configuration, synchronized, primary } = overview;
  const live = [check('ring thread', isRingThreadMoving, `stood still for more than ${STILL_MS} ms`)];
  const isMember = state === 'operational' && configuration.members.length > 0;
  const ready = [
    ...live,
    check('running', !hasEnded, 'it is leaving'),
    check('membership', isMember, `in state ${state}`),
    check('synchronized', synchronized, 'services synchronise'),
    check('primary', primary, 'outside of the primary component'),
  ];
  return { live, ready };
}

export function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ problem }) => problem === undefined);
}

/** Milliseconds. An idle ring thread joins its multicast groups again once a second, if nothing else. */
const STILL_MS = 3000;

/** Whether a count that rises while somebody works still rises. */
export class Pulse {
  #count = -1;
  #since = 0;

  /** `now`: milliseconds of a monotonic clock. */
  isMoving(now: number, count: number): boolean {
    if (count !== this.#count) {
      this.#count = count;
      this.#since = now;
    }
    return now - this.#since <= STILL_MS;
  }
}
