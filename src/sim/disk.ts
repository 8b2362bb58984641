/**
 * A machine's disk, as far as the ring uses it: the high-water mark of ring sequences and the incarnation. A write is durable only once
 * it was synced; at a crash an unsynced one has reached the platter or has not.
 */
import type { EventQueue } from './event-queue.js';
import type { Random } from './random.js';
import { type Delay, drawDelay } from './time.js';

export interface DurableState {
  readonly ringSeq: bigint;
  readonly incarnation: bigint;
}

export class Disk {
  private readonly queue: EventQueue;
  private readonly random: Random;
  private readonly syncDelay: Delay;
  private durable: DurableState;
  private older: DurableState;
  private pending: DurableState[] = [];
  private busyUntil = 0;
  private generation = 0;

  constructor(queue: EventQueue, random: Random, syncDelay: Delay, initial: DurableState) {
    this.queue = queue;
    this.random = random;
    this.syncDelay = syncDelay;
    this.durable = initial;
    this.older = initial;
  }

  /** What a process that starts now would read. */
  get state(): DurableState {
    return this.durable;
  }

  /** Writes, syncs, then calls back; syncs finish in the order of their writes. */
  write(change: Partial<DurableState>, done: () => void): void {
    const next = { ...(this.pending.at(-1) ?? this.durable), ...change };
    this.pending.push(next);
    this.busyUntil = Math.max(this.busyUntil, this.queue.now) + drawDelay(this.random, this.syncDelay);
    const generation = this.generation;
    this.queue.at(this.busyUntil, () => {
      if (generation !== this.generation) return;
      this.settle(next);
      this.pending.shift();
      done();
    });
  }

  /** As an executive does before it starts: the caller waits. */
  writeSync(change: Partial<DurableState>): void {
    this.settle({ ...this.durable, ...change });
  }

  /** Power fails. Of the writes under way the first few may have arrived; `loseUnsynced` says that none did. */
  crash(loseUnsynced: boolean): void {
    const arrived = loseUnsynced ? 0 : this.random.between(0, this.pending.length);
    if (arrived > 0) this.settle(this.pending[arrived - 1] as DurableState);
    this.pending = [];
    this.busyUntil = 0;
    this.generation++;
  }

  /** An old copy is put back (a snapshot of a virtual machine): what was synced last is gone (S41). */
  restoreOlder(): void {
    this.durable = this.older;
  }

  private settle(state: DurableState): void {
    this.older = this.durable;
    this.durable = state;
  }
}
