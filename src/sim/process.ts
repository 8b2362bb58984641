/** A process: production core on its ring thread, production membership on its loop, and the applications that use them. */

import { encodeCommand } from '../native/commands.js';
import { createRingCore, type EngineTimers, type PacketProtection, type RingCore } from '../native/ring-core.js';
import { decodeTrace } from '../native/trace.js';
import type { CoreEvent, Identity } from '../totem/boundary.js';
import { Membership, type Output, type StateName } from '../totem/membership.js';
import type { Timers } from '../totem/timers.js';
import { Consumer, type ConsumerPlan, type Delivered } from './consumer.js';
import type { Disk } from './disk.js';
import type { EventQueue } from './event-queue.js';
import { type BoundaryDelays, JavascriptLoop } from './javascript-loop.js';
import type { LocalClock } from './local-clock.js';
import type { Departure } from './network.js';
import type { Observer } from './observer.js';
import type { Random } from './random.js';
import type { ProcessRecord, Recorder } from './recorder.js';
import { RingThread, type RingThreadOptions } from './ring-thread.js';
import { ServiceHost } from './services/host.js';
import type { ServicePlan } from './services/plan.js';
import { type Budget, Workload, type WorkloadPlan } from './workload.js';

/** How a process is configured: what an operator would write down, and the sizes of memory. */
export interface ProcessPlan {
  readonly timers: Timers;
  readonly engineTimers: EngineTimers;
  readonly datagramSize: number;
  readonly window: number;
  readonly acceleratedWindow: number;
  readonly perVisit: number;
  readonly storePackets: number;
  readonly firstSeq: bigint;
  readonly firstTokenSeq: bigint;
  readonly firstCounter: bigint;
  readonly deliveryBytes: number;
  readonly eventBytes: number;
  readonly submitBytes: number;
  readonly protection: PacketProtection;
  readonly thread: RingThreadOptions;
  readonly delays: BoundaryDelays;
  readonly consumer: ConsumerPlan;
  /** Left out: only scripts send. */
  readonly workload?: WorkloadPlan;
  /** Clients of services send, and nobody else. */
  readonly services?: ServicePlan;
}

/** Where something may lie in wait: membership enters that state, or has commanded that another ring is installed. */
export type Moment = StateName | 'installs';

export interface ProcessParts {
  readonly queue: EventQueue;
  readonly clock: LocalClock;
  readonly disk: Disk;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly observer: Observer | undefined;
  readonly budget: Budget;
  readonly plan: ProcessPlan;
  readonly identity: Identity;
  /** 16 bits, different for each process of a run. */
  readonly number: number;
  readonly send: (departure: Departure, at: number) => void;
  readonly entered: (moment: Moment) => void;
  readonly ended: (output: Extract<Output, { type: 'left' | 'selfEvict' }>) => void;
}

const CLUSTER_TAG = 0x6f70_6169;
/** In front of a message in memory, at most. */
const MESSAGE_OVERHEAD = 64;
const MAX_MESSAGE = (1 << 20) + 64;
/** RefusedReason of native/core/events.hpp: never the fate of a command that was late, only of one that is wrong. */
const REFUSED_MALFORMED = 1;
/** Steps of the ring thread between two looks at what memory holds. */
const STEPS_PER_SAMPLE = 256;

export class Process {
  readonly identity: Identity;
  readonly core: RingCore;
  readonly thread: RingThread;
  readonly loop: JavascriptLoop;
  readonly membership: Membership;
  readonly consumer: Consumer;
  readonly workload: Workload;
  readonly services: ServiceHost | undefined;
  private readonly parts: ProcessParts;
  private readonly record: ProcessRecord;
  private steps = 0;
  private hasStopped = false;

  constructor(parts: ProcessParts) {
    const { queue, clock, plan, identity, recorder, observer } = parts;
    this.parts = parts;
    this.identity = identity;
    this.record = recorder.process(identity);
    const local = clock.local(queue.now);
    this.core = this.createCore(local);
    this.membership = this.createMembership(local / 1e6);
    this.thread = new RingThread({
      queue,
      clock,
      random: parts.random.fork('thread'),
      core: this.core,
      options: plan.thread,
      ports: {
        send: parts.send,
        wakeJavascript: () => this.loop.wakeSoon(),
        passed: () => this.passed(),
      },
    });
    const watch = observer && ((delivered: Delivered) => this.observed(delivered));
    this.services = plan.services === undefined ? undefined : this.createServices(plan.services);
    this.consumer = new Consumer(this.core, plan.consumer, plan.deliveryBytes, watch, this.services);
    this.workload = this.createWorkload();
    this.loop = this.createLoop();
    this.takeTrace();
  }

  pause(): void {
    this.thread.pause();
    this.loop.pause();
  }

  resume(): void {
    this.thread.resume();
    this.loop.resume();
  }

  /** Both stop for good; what they did is kept. */
  stop(): void {
    this.hasStopped = true;
    this.thread.stop();
    this.loop.stop();
    this.services?.stop();
    this.finish();
    this.core.close();
  }

  /** Brings the records up to now. */
  finish(): void {
    this.takeTrace();
    this.record.delivered = this.consumer.delivered;
    this.record.damage = this.consumer.damage;
    this.record.wasCrowded = this.consumer.wasCrowded;
  }

  private createCore(now: number): RingCore {
    const { plan, identity, random } = this.parts;
    const { engineTimers, datagramSize, perVisit, storePackets, firstSeq, firstTokenSeq, firstCounter } = plan;
    const { deliveryBytes, eventBytes, submitBytes, protection } = plan;
    const options = {
      self: identity,
      clusterTag: CLUSTER_TAG,
      datagramSize,
      links: 1,
      timers: engineTimers,
      perVisit,
      storePackets,
      randomSeed: new BigUint64Array([random.u64(), random.u64(), random.u64(), random.u64()]),
      firstSeq,
      firstTokenSeq,
      firstCounter,
      deliveryBytes,
      eventBytes,
      submitBytes,
      protection,
      trace: true,
    };
    return createRingCore(options, now);
  }

  private createMembership(now: number): Membership {
    const { plan, identity, random, disk } = this.parts;
    const { timers, window, acceleratedWindow } = plan;
    const { ringSeq } = disk.state;
    return new Membership({ self: identity, timers, ringSeq, window, acceleratedWindow, seed: random.u64() }, now);
  }

  private createLoop(): JavascriptLoop {
    const { queue, clock, plan, identity, recorder, random, observer, disk, ended, entered } = this.parts;
    const { core, thread, membership } = this;
    return new JavascriptLoop({
      queue,
      clock,
      random: random.fork('loop'),
      core,
      thread,
      membership,
      disk,
      delays: plan.delays,
      application: {
        run: () => this.runApplication(),
        event: (event) => {
          this.workload.event(event, queue.now);
          this.services?.event(event);
        },
      },
      ports: {
        output: (output) => {
          observer?.output(queue.now, identity, output);
          if (output.type === 'state') entered(output.to);
          else if (isInstall(output)) entered('installs');
        },
        event: (event) => this.noteEvent(event),
        command: (command) => {
          this.services?.commanded(command);
          recorder.control(identity.node, queue.now, command);
        },
        persisted: (ringSeq) => recorder.persisted.push({ node: identity.node, time: queue.now, ringSeq }),
        ended,
      },
    });
  }

  private noteEvent(event: CoreEvent): void {
    const { recorder, observer, queue, identity } = this.parts;
    const at = { process: identity, time: queue.now };
    observer?.event(queue.now, identity, event);
    if (event.type === 'failedToReceive') recorder.failuresToReceive++;
    else if (event.type === 'placed') recorder.placed.push({ ...at, ticket: event.ticket, seq: event.seq });
    else if (event.type === 'refused' && event.reason === REFUSED_MALFORMED) {
      recorder.malformed.push({ ...at, command: event.command });
    }
  }

  private createWorkload(): Workload {
    const { plan, random, number, budget, recorder, observer, queue, identity } = this.parts;
    const { submitBytes, deliveryBytes } = plan;
    return new Workload({
      core: this.core,
      random: random.fork('workload'),
      plan: plan.workload,
      sender: number,
      maxMessage: Math.min(MAX_MESSAGE, submitBytes / 2 - MESSAGE_OVERHEAD, deliveryBytes / 2 - MESSAGE_OVERHEAD),
      budget,
      start: queue.now,
      ports: {
        ring: () => this.consumer.ring,
        submitted: (record) => {
          recorder.submit(identity, queue.now, record);
          observer?.submitted(queue.now, identity, record);
          if (record.accepted) this.thread.submitted(this.loop.reachesThread());
        },
      },
    });
  }

  private createServices(services: ServicePlan): ServiceHost {
    const { queue, clock, identity, number, random, recorder, observer, budget } = this.parts;
    const host = new ServiceHost({
      core: this.core,
      queue,
      random: random.fork('services'),
      plan: services,
      process: identity,
      number,
      journal: recorder.journal,
      awaits: (nodes) => this.loop.awaits(nodes),
      wake: () => this.loop.wakeSoon(),
      wall: () => clock.wallMilliseconds(queue.now),
      after: (ms, run) => this.after(ms, run),
      submitted: (record) => {
        recorder.submit(identity, queue.now, record);
        observer?.submitted(queue.now, identity, record);
        budget.left -= budget.receivers;
        if (record.accepted) this.thread.submitted(this.loop.reachesThread());
      },
      command: (command) => this.thread.command(encodeCommand(command), this.loop.reachesThread()),
      mayGoOn: () => budget.left > 0,
    });
    return host;
  }

  /** On this machine's clock, unless the process has ended. */
  private after(ms: number, run: () => void): () => void {
    const { queue } = this.parts;
    let isWanted = true;
    queue.after(Math.ceil(ms * 1e6), () => {
      if (isWanted && !this.hasStopped) run();
    });
    return () => {
      isWanted = false;
    };
  }

  private runApplication(): number {
    const now = this.parts.queue.now;
    const { next, took } = this.consumer.read(now);
    if (took) this.thread.roomForDeliveries(this.loop.reachesThread());
    return Math.min(next, this.workload.run(now), this.services?.run() ?? Number.POSITIVE_INFINITY);
  }

  private passed(): void {
    if (this.parts.observer !== undefined) this.takeTrace();
    if (++this.steps % STEPS_PER_SAMPLE === 0) this.sample();
  }

  private sample(): void {
    const { recorder, queue, identity } = this.parts;
    const { storeUsed } = this.core.stats();
    recorder.samples.push({ process: identity, time: queue.now, name: 'store', value: storeUsed });
  }

  /** In the order of the engine, with times as the simulation counts them. */
  private takeTrace(): void {
    const { clock, observer, identity } = this.parts;
    const records = this.core.takeTrace();
    if (records === null) return;
    for (const event of decodeTrace(records)) {
      const translated = { ...event, time: clock.trueTime(event.time) };
      this.record.events.push(translated);
      observer?.trace(translated.time, identity, translated);
    }
  }

  private observed(delivered: Delivered): void {
    this.parts.observer?.read(this.parts.queue.now, this.identity, delivered);
  }
}

/** Of a ring that follows another. */
function isInstall(output: Output): boolean {
  return output.type === 'command' && output.command.type === 'install' && output.command.old !== 0;
}
