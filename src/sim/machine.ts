/** A machine of the cluster: its disk and clocks outlive the processes that run on it one after another. */
import type { Identity, Member } from '../totem/boundary.js';
import type { Output } from '../totem/membership.js';
import { nextIncarnation } from '../totem/persistence.js';
import { Disk, type DurableState } from './disk.js';
import type { EventQueue } from './event-queue.js';
import { type ClockOptions, LocalClock } from './local-clock.js';
import type { Departure, Host, SocketClass } from './network.js';
import type { Observer } from './observer.js';
import { type Moment, Process, type ProcessPlan } from './process.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { Delay } from './time.js';
import type { Budget } from './workload.js';

export interface MachinePlan {
  /** Node id. */
  readonly node: number;
  readonly clock: ClockOptions;
  readonly disk: DurableState;
  readonly syncDelay: Delay;
  readonly process: ProcessPlan;
  /** ns until an executive that evicted itself starts again. */
  readonly restartDelay: number;
}

export interface MachineParts {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly observer: Observer | undefined;
  readonly budget: Budget;
  readonly plan: MachinePlan;
  /** 16 bits, another one at each call. */
  readonly nextProcessNumber: () => number;
  readonly send: (departure: Departure, at: number) => void;
  readonly entered: (moment: Moment) => void;
}

export class Machine implements Host {
  readonly plan: MachinePlan;
  readonly clock: LocalClock;
  readonly disk: Disk;
  process: Process | undefined;
  /** SIGSTOP. */
  isPaused = false;
  private readonly parts: MachineParts;
  private isOff = false;
  private isLeaving = false;
  private mayRestart = true;

  constructor(parts: MachineParts) {
    const { queue, random, plan, recorder } = parts;
    this.parts = parts;
    this.plan = plan;
    this.clock = new LocalClock(plan.clock);
    this.disk = new Disk(queue, random.fork('disk'), plan.syncDelay, plan.disk);
    recorder.persisted.push({ node: plan.node, time: 0, ringSeq: plan.disk.ringSeq });
  }

  arrive(socket: SocketClass, from: number, bytes: Uint8Array): 'arrived' | 'overflow' | 'refused' | 'nobody' {
    if (this.isOff) return 'nobody';
    if (this.process === undefined) return 'refused';
    return this.process.thread.arrive(socket, from, bytes) ? 'arrived' : 'overflow';
  }

  refused(node: number): void {
    this.process?.thread.refused(node);
  }

  start(): void {
    if (this.process !== undefined) return;
    const { queue, random, observer, nextProcessNumber } = this.parts;
    this.isOff = false;
    this.isPaused = false;
    const wall = BigInt(this.clock.wallMilliseconds(queue.now));
    const incarnation = nextIncarnation(this.disk.state.incarnation, wall);
    this.disk.writeSync({ incarnation });
    const identity: Identity = { node: this.plan.node, incarnation, salt: random.u64() };
    observer?.life(queue.now, identity, 'starts');
    this.process = new Process({
      ...this.parts,
      clock: this.clock,
      disk: this.disk,
      random: random.fork('process'),
      plan: this.plan.process,
      identity,
      number: nextProcessNumber(),
      ended: (output) => this.ended(output),
    });
  }

  crash(power: boolean, loseWrites: boolean): void {
    this.end(power ? 'loses power' : 'is killed');
    // The kernel writes what a killed process gave it; a machine without power does not.
    if (power) this.disk.crash(loseWrites);
    this.isOff = power;
  }

  pause(): void {
    if (this.process === undefined || this.isPaused) return;
    this.isPaused = true;
    this.process.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.process?.resume();
  }

  leave(): void {
    this.isLeaving = this.process !== undefined;
    this.process?.loop.input({ type: 'leave' });
  }

  /** From now on nobody comes or goes: who is about to leave is killed, who has ended stays away. */
  settle(): void {
    this.mayRestart = false;
    if (this.isLeaving) this.end('is killed while it leaves');
  }

  private ended(output: Extract<Output, { type: 'left' | 'selfEvict' }>): void {
    const { queue } = this.parts;
    const process = this.process;
    if (process === undefined) return;
    this.isLeaving = true;
    // What it said last still leaves: the ring thread ends after the last command (native/io).
    queue.at(process.loop.reachesThread() + 1, () => {
      if (this.process !== process) return;
      this.end(output.type === 'left' ? 'has left' : `evicts itself: ${output.reason}`);
      if (output.type === 'left') return;
      const { highest } = output;
      if (highest !== undefined && highest > this.disk.state.incarnation) this.disk.writeSync({ incarnation: highest });
      queue.after(this.plan.restartDelay, () => {
        if (this.mayRestart && !this.isOff) this.start();
      });
    });
  }

  private end(how: string): void {
    const { queue, recorder, observer } = this.parts;
    const process = this.process;
    if (process === undefined) return;
    this.process = undefined;
    this.isPaused = false;
    this.isLeaving = false;
    process.stop();
    const name: Member = process.identity;
    recorder.crash(name, queue.now);
    observer?.life(queue.now, name, how);
  }
}
