/** What the process itself does: processor time, and how late its loop turns. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface ProcessFigures {
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly cpuSeconds: number;
  /** Of late, in seconds, by quantile. */
  readonly loopDelay: ReadonlyMap<string, number>;
}

const QUANTILES = ['0.5', '0.99', '1'] as const;
const DELAY_RESOLUTION_MS = 20;
const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;

/** Watches the process until end(). */
export class ProcessWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #startTime = performance.timeOrigin / 1000;

  constructor() {
    this.#delay.enable();
  }

  /** Delays count from one call to the next. */
  figures(): ProcessFigures {
    const { user, system } = process.cpuUsage();
    const late = (quantile: string) => this.#delay.percentile(100 * Number(quantile)) / NANOSECONDS;
    const loopDelay = new Map(
      QUANTILES.map((quantile) => [quantile, Math.max(0, late(quantile) - DELAY_RESOLUTION_MS / 1000)]),
    );
    this.#delay.reset();
    return { startTime: this.#startTime, cpuSeconds: (user + system) / MICROSECONDS, loopDelay };
  }

  end(): void {
    this.#delay.disable();
  }
}
