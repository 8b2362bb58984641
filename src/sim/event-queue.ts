/**
 * What will happen, in order of virtual time: a binary heap. Things of one instant happen in the order in which they were planned, so
 * that a run depends on nothing but its seed.
 */
export class EventQueue {
  private readonly times: number[] = [];
  private readonly orders: number[] = [];
  private readonly actions: (() => void)[] = [];
  private planned = 0;
  private current = 0;
  private stopped = false;
  private isTurnDue = false;
  private readonly limit: number;

  /** `limit`: events in all; more mean that the simulated world runs in circles. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }

  /** ns since the simulation began. */
  get now(): number {
    return this.current;
  }

  get size(): number {
    return this.times.length;
  }

  /** How many events have been planned so far: a measure of work that does not depend on the machine. */
  get count(): number {
    return this.planned;
  }

  /** The past is not open to plans: an earlier `time` means now. */
  at(time: number, action: () => void): void {
    if (Number.isNaN(time)) throw new RangeError('an event needs a time');
    if (this.planned >= this.limit) throw new Error(`more than ${this.limit} events, at ${this.current} ns`);
    this.insert(Math.max(time, this.current), this.planned++, action);
  }

  after(delay: number, action: () => void): void {
    this.at(this.current + delay, action);
  }

  /** Ends `run` after the event at hand. */
  stop(): void {
    this.stopped = true;
  }

  /** Runs all events up to and including `until`, and leaves the clock there (or where `stop` was called). */
  run(until: number): void {
    this.stopped = false;
    while (this.times.length > 0 && (this.times[0] as number) <= until) {
      this.current = this.times[0] as number;
      const action = this.removeFirst();
      action();
      if (this.stopped) return;
    }
    this.current = Math.max(this.current, until);
  }

  /** What the event at hand did settles promises: they do before the next event. */
  yieldAfter(): void {
    this.isTurnDue = true;
  }

  /** run(), with a turn of the event loop after each event that asked for one. */
  async runInTurns(until: number): Promise<void> {
    while (this.times.length > 0 && (this.times[0] as number) <= until) {
      this.current = this.times[0] as number;
      this.removeFirst()();
      if (!this.isTurnDue) continue;
      this.isTurnDue = false;
      await turn();
    }
    this.current = Math.max(this.current, until);
  }

  private insert(time: number, order: number, action: () => void): void {
    const { times, orders, actions } = this;
    let hole = times.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // Orders only grow, so an equal time is never reason to move up.
      if ((times[parent] as number) <= time) break;
      this.move(parent, hole);
      hole = parent;
    }
    times[hole] = time;
    orders[hole] = order;
    actions[hole] = action;
  }

  private removeFirst(): () => void {
    const { times, orders, actions } = this;
    const first = actions[0] as () => void;
    const time = times.pop() as number;
    const order = orders.pop() as number;
    const action = actions.pop() as () => void;
    const size = times.length;
    if (size === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.precedes(child + 1, child)) child++;
      const childTime = times[child] as number;
      if (time < childTime || (time === childTime && order < (orders[child] as number))) break;
      this.move(child, hole);
      hole = child;
    }
    times[hole] = time;
    orders[hole] = order;
    actions[hole] = action;
    return first;
  }

  private precedes(left: number, right: number): boolean {
    const { times, orders } = this;
    if (times[left] !== times[right]) return (times[left] as number) < (times[right] as number);
    return (orders[left] as number) < (orders[right] as number);
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] as number;
    this.orders[to] = this.orders[from] as number;
    this.actions[to] = this.actions[from] as () => void;
  }
}

/** Turns in which a promise that is settled has led to a write, and the write has left: an answer, its caller, and what that asks next. */
const IMMEDIATES = 3;

async function turn(): Promise<void> {
  for (let i = 0; i < IMMEDIATES; i++) await new Promise(setImmediate);
}
