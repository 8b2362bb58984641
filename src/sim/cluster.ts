/** All machines and the network between them; what is done to them; and the history for the checker. */
import type { Action } from './actions.js';
import type { Calm, History, Timing } from './checker/history.js';
import { EventQueue } from './event-queue.js';
import { Machine, type MachinePlan } from './machine.js';
import { Network, type NetworkOptions } from './network.js';
import type { Observer } from './observer.js';
import type { Moment } from './process.js';
import { Random } from './random.js';
import { Recorder } from './recorder.js';
import type { Budget, WorkloadPlan } from './workload.js';

export interface ClusterPlan {
  readonly seed: number;
  readonly network: Omit<NetworkOptions, 'nodes'>;
  readonly machines: readonly MachinePlan[];
  /** Receptions of datagrams that senders may cause. */
  readonly budget: number;
  /** Events of the simulation; a run that needs more goes round in circles. */
  readonly eventLimit: number;
}

export class Cluster {
  readonly queue: EventQueue;
  readonly network: Network;
  readonly machines: readonly Machine[];
  readonly recorder = new Recorder();
  readonly budget: Budget;
  /** Somebody watches membership, by index of the node. */
  onMoment: ((node: number, moment: Moment) => void) | undefined;
  private readonly plan: ClusterPlan;
  private readonly observer: Observer | undefined;
  private processes = 0;

  constructor(plan: ClusterPlan, observer?: Observer) {
    const random = new Random(plan.seed, 'cluster');
    this.queue = new EventQueue(plan.eventLimit);
    const nodes = plan.machines.length;
    this.plan = plan;
    this.observer = observer;
    this.budget = { left: plan.budget, receivers: nodes };
    this.network = new Network(this.queue, random.fork('network'), { ...plan.network, nodes });
    this.machines = plan.machines.map((machine, index) => this.createMachine(machine, index, random.fork('machine')));
    this.machines.forEach((machine, index) => {
      this.network.attach(index, machine);
    });
    if (observer !== undefined) {
      const idOf = (index: number): number => this.machine(index).plan.node;
      this.network.watcher = {
        packet: (fate, from, to, socket, bytes) =>
          observer.packet(this.queue.now, fate, idOf(from), idOf(to), socket, bytes),
      };
    }
  }

  machine(index: number): Machine {
    const machine = this.machines[index];
    if (machine === undefined) throw new RangeError(`there is no node ${index + 1}`);
    return machine;
  }

  run(until: number): void {
    this.queue.run(until);
  }

  /** With turns of the event loop in between, for those who wait for promises. */
  runInTurns(until: number): Promise<void> {
    return this.queue.runInTurns(until);
  }

  apply(action: Action): void {
    this.observer?.action(this.queue.now, action);
    const { network, queue } = this;
    switch (action.do) {
      case 'start':
        this.machine(action.node).start();
        break;
      case 'crash':
        this.machine(action.node).crash(action.power, action.loseWrites);
        break;
      case 'leave':
        this.machine(action.node).leave();
        break;
      case 'pause':
        this.machine(action.node).pause();
        break;
      case 'resume':
        this.machine(action.node).resume();
        break;
      case 'stall':
        this.stall(action.node, action.for);
        break;
      case 'stallConsumer':
        this.machine(action.node).process?.consumer.stallUntil(queue.now + action.for);
        break;
      case 'cut':
        network.cut(action.from, action.to);
        break;
      case 'mend':
        network.mend(action.from, action.to);
        break;
      case 'partition':
        network.partition(action.groups);
        break;
      case 'heal':
        network.heal();
        break;
      case 'quality':
        this.changeQuality(action);
        break;
      case 'resetQuality':
        network.resetQuality();
        break;
      case 'tap':
        network.tap(action.from, action.to, action.withhold);
        break;
      case 'closeTap':
        network.closeTap(action.from, action.to);
        break;
      case 'release':
        network.release(action.from, action.to);
        break;
      case 'workload':
        this.changeWorkload(action.node, action.plan);
        break;
      case 'restoreDisk':
        this.restoreDisk(action.node);
        break;
    }
  }

  /** From now on everybody sends like this, and no more than that, and reads at once what comes. */
  calmDown(workload: WorkloadPlan, budget: number): void {
    this.budget.left = budget;
    for (const { process } of this.machines) {
      if (process?.workload.isActive === true) process.workload.change(workload, this.queue.now);
      process?.consumer.hurry();
      process?.services?.quiet();
    }
  }

  /** A member was found to receive nothing, or to hang: its quarantine may still run. */
  get mayBeQuarantined(): boolean {
    return this.recorder.failuresToReceive > 0 || this.recorder.hangs > 0;
  }

  /** Processes that run now, each with the nodes that it can talk to in both directions. */
  reachability(): Calm['processes'] {
    const running = this.machines.flatMap((machine, index) =>
      machine.process === undefined ? [] : [{ machine, index }],
    );
    return running.map(({ machine, index }) => {
      const others = running.filter(({ index: other }) => {
        return other !== index && this.network.reaches(index, other) && this.network.reaches(other, index);
      });
      const process = (machine.process as NonNullable<typeof machine.process>).identity;
      return { process, reaches: others.map((other) => other.machine.plan.node) };
    });
  }

  /** What happened, up to now. `timing`: also ask whether it happened soon enough. */
  history(timing?: Timing): History {
    for (const { process } of this.machines) process?.finish();
    const { recorder } = this;
    const isTiny = this.plan.machines.some(({ process }) => (process.workload?.sizeMin ?? 8) < 8);
    return {
      traces: recorder.processes,
      end: this.queue.now,
      crashes: recorder.crashes,
      // Contents that are not unique do not tell which submit they come from.
      ...(isTiny ? {} : { submits: recorder.submits, placed: recorder.placed }),
      persisted: recorder.persisted,
      onWire: recorder.onWire,
      samples: recorder.samples,
      limits: this.limits(),
      calm: recorder.calm,
      contents: isTiny ? 'any' : 'distinct',
      forgetful: [...recorder.forgetful],
      installSpan: recorder.processes.some(({ wasCrowded }) => wasCrowded) ? Number.POSITIVE_INFINITY : 0,
      ...(timing === undefined ? {} : { timing, alone: recorder.alone }),
    };
  }

  /** Ends every process and frees what it holds. */
  close(): void {
    for (const machine of this.machines) machine.process?.stop();
  }

  private createMachine(plan: MachinePlan, index: number, random: Random): Machine {
    return new Machine({
      queue: this.queue,
      random,
      recorder: this.recorder,
      observer: this.observer,
      budget: this.budget,
      plan,
      nextProcessNumber: () => (this.processes++ & 0x7fff) + 1,
      entered: (moment) => this.onMoment?.(index, moment),
      send: (departure, at) => this.network.send(index, departure, at),
    });
  }

  private stall(node: number, time: number): void {
    const { process } = this.machine(node);
    process?.loop.stallUntil(this.queue.now + time);
    if (process?.services !== undefined) this.recorder.hangs++;
  }

  private changeQuality({ from, to, change }: Extract<Action, { do: 'quality' }>): void {
    const all = this.machines.map((_, index) => index);
    for (const source of from === undefined ? all : [from]) {
      for (const target of to === undefined ? all : [to]) {
        if (source !== target) this.network.setQuality(source, target, change);
      }
    }
  }

  private changeWorkload(node: number, plan: WorkloadPlan | undefined): void {
    const { process } = this.machine(node);
    process?.workload.change(plan, this.queue.now);
    process?.loop.wakeSoon();
  }

  private restoreDisk(index: number): void {
    const machine = this.machine(index);
    if (machine.process !== undefined) return;
    machine.disk.restoreOlder();
    this.recorder.forgetful.add(machine.plan.node);
  }

  /** Of what the recorder samples (E22): the rings that one process may hold share one pool of packets. */
  private limits(): Record<string, number> {
    const rings = 3;
    return { store: Math.max(...this.plan.machines.map(({ process }) => process.storePackets)) * rings };
  }
}
