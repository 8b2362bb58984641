/**
 * A machine's own clocks. The monotonic one starts anywhere and runs up to 10 % fast or slow; the wall clock may be wrong by days and
 * only an incarnation's number is made from it.
 */
export interface ClockOptions {
  /** ns that the monotonic clock shows when the simulation begins. */
  readonly origin: number;
  /** Local nanoseconds a true nanosecond. */
  readonly rate: number;
  /** ms since 1970 when the simulation begins. */
  readonly wallOrigin: number;
}

export class LocalClock {
  private readonly options: ClockOptions;

  constructor(options: ClockOptions) {
    this.options = options;
  }

  /** The local monotonic clock in ns at true time `now`. */
  local(now: number): number {
    return this.options.origin + Math.floor(now * this.options.rate);
  }

  /** The first true time at which the local clock shows at least `local`. */
  trueTime(local: number): number {
    if (!Number.isFinite(local)) return local;
    let time = Math.floor((local - this.options.origin) / this.options.rate);
    while (this.local(time) < local) time++;
    return time;
  }

  wallMilliseconds(now: number): number {
    return this.options.wallOrigin + Math.floor((now * this.options.rate) / 1_000_000);
  }
}
