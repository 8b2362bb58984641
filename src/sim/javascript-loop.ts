/**
 * The JavaScript side of a process: production membership, the application that reads deliveries, and the application that sends. It
 * runs late, stalls, and reaches the ring thread only after a delay (totem 9.4).
 */
import { encodeCommand } from '../native/commands.js';
import { walkEvents } from '../native/events.js';
import { FrameMemory } from '../native/frames.js';
import type { RingCore } from '../native/ring-core.js';
import type { Command, CoreEvent } from '../totem/boundary.js';
import type { Input, Membership, Output } from '../totem/membership.js';
import type { Disk } from './disk.js';
import type { EventQueue } from './event-queue.js';
import type { LocalClock } from './local-clock.js';
import type { Random } from './random.js';
import type { RingThread } from './ring-thread.js';
import { type Delay, drawDelay } from './time.js';

export interface BoundaryDelays {
  /** From the ring thread to JavaScript: a loop that is busy with other things. */
  readonly up: Delay;
  /** From JavaScript to the ring thread. */
  readonly down: Delay;
}

/** The application, as far as the loop runs it. */
export interface Application {
  /** Reads deliveries and sends. When it wants to run again, ns; Infinity: when it is told. */
  run(): number;
  /** Something that it may have waited for. */
  event(event: CoreEvent): void;
}

export interface LoopPorts {
  output(output: Output): void;
  event(event: CoreEvent): void;
  command(command: Command): void;
  persisted(ringSeq: bigint): void;
  /** Membership ended: after `leave`, or by itself. */
  ended(output: Extract<Output, { type: 'left' | 'selfEvict' }>): void;
}

export interface LoopParts {
  readonly queue: EventQueue;
  readonly clock: LocalClock;
  readonly random: Random;
  readonly core: RingCore;
  readonly thread: RingThread;
  readonly membership: Membership;
  readonly disk: Disk;
  readonly delays: BoundaryDelays;
  readonly application: Application;
  readonly ports: LoopPorts;
}

export class JavascriptLoop {
  private readonly parts: LoopParts;
  private inputs: Input[] = [{ type: 'boot' }];
  private wakeAt = Number.POSITIVE_INFINITY;
  private stalledUntil = 0;
  private runs = true;

  constructor(parts: LoopParts) {
    this.parts = parts;
    this.wakeSoon();
  }

  /** Something new, after the delay of a busy loop. */
  wakeSoon(): void {
    const { queue, random, delays } = this.parts;
    // A loop that is about to run anyway will see it.
    if (this.wakeAt <= queue.now) return;
    this.wake(queue.now + drawDelay(random, delays.up));
  }

  /** Runs nothing before `time`. */
  stallUntil(time: number): void {
    this.stalledUntil = Math.max(this.stalledUntil, time);
  }

  input(input: Input): void {
    this.inputs.push(input);
    this.wakeSoon();
  }

  /** From within the loop: the application has something to say to membership. */
  awaits(nodes: readonly number[]): void {
    this.step({ type: 'awaits', nodes });
  }

  /** When a command or a wake that leaves JavaScript now reaches the ring thread. */
  reachesThread(): number {
    return this.parts.queue.now + drawDelay(this.parts.random, this.parts.delays.down);
  }

  pause(): void {
    this.runs = false;
  }

  resume(): void {
    this.runs = true;
    this.wake(this.parts.queue.now);
  }

  stop(): void {
    this.runs = false;
    this.wakeAt = Number.NEGATIVE_INFINITY;
  }

  private wake(time: number): void {
    if (!this.runs) return;
    const { queue } = this.parts;
    const at = Math.max(time, this.stalledUntil, queue.now);
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    queue.at(at, () => {
      if (this.wakeAt !== queue.now) return;
      this.wakeAt = Number.POSITIVE_INFINITY;
      if (!this.runs) return;
      if (this.stalledUntil > queue.now) this.wake(this.stalledUntil);
      else this.run();
    });
  }

  /** Control events before deliveries (totem A31). */
  private run(): void {
    const { core, application, ports } = this.parts;
    const frames = core.takeEvents();
    if (frames !== null) {
      this.parts.thread.eventsRead();
      const events: CoreEvent[] = [];
      walkEvents(new FrameMemory(frames), 0, frames.length, (event) => events.push(event));
      for (const event of events) {
        ports.event(event);
        this.step({ type: 'event', event });
        if (!this.runs) return;
        application.event(event);
      }
    }
    for (const input of this.inputs.splice(0)) {
      this.step(input);
      if (!this.runs) return;
    }
    if (this.deadline() <= this.parts.queue.now) this.step({ type: 'tick' });
    if (!this.runs) return;
    this.wake(application.run());
    this.armTimer();
  }

  private step(input: Input): void {
    for (const output of this.parts.membership.step(this.milliseconds(), input)) this.act(output);
  }

  private act(output: Output): void {
    const { disk, ports, thread } = this.parts;
    ports.output(output);
    switch (output.type) {
      case 'command':
        ports.command(output.command);
        thread.command(encodeCommand(output.command), this.reachesThread());
        return;
      case 'persist':
        disk.write({ ringSeq: output.ringSeq }, () => {
          ports.persisted(output.ringSeq);
          this.input({ type: 'persisted', ringSeq: output.ringSeq });
        });
        return;
      case 'left':
      case 'selfEvict':
        ports.ended(output);
        return;
      case 'state':
        return;
    }
  }

  private armTimer(): void {
    const deadline = this.deadline();
    if (deadline !== Number.POSITIVE_INFINITY) this.wake(deadline);
  }

  /** Of membership, in true time. */
  private deadline(): number {
    const { clock, membership } = this.parts;
    return clock.trueTime(Math.ceil(membership.deadline() * 1e6));
  }

  /** The local clock, in which membership thinks. Fractions are rounded: a timer that is due is due. */
  private milliseconds(): number {
    const { clock, membership, queue } = this.parts;
    const now = clock.local(queue.now) / 1e6;
    return this.deadline() <= queue.now ? Math.max(now, membership.deadline()) : now;
  }
}
