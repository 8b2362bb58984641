/**
 * Drives membership: events of the ring and time go in, what comes out is done. One timer, at membership's deadline. It also tells group
 * messaging which ring is about to be installed, before the core is told.
 */
import type { GroupMessaging } from '../gmi/group-messaging.js';
import type { RingPort } from '../native/port.js';
import type { Command, CoreEvent, RingId } from '../totem/boundary.js';
import type { Input, Membership, Output } from '../totem/membership.js';

/** Milliseconds. A timer that is later than this says that the loop is busy; less is no news. */
const LAG_STEP_MS = 100;

export interface DriverEvents {
  /** Writes the mark, synced. */
  persist(ringSeq: bigint): Promise<void>;
  /** Membership was told something, and decided: before that is carried out. */
  onStep(input: Input, outputs: readonly Output[]): void;
  /** The end: after leave(), or because membership had to give up. Nothing follows. */
  onEnd(reason: 'left' | Extract<Output, { type: 'selfEvict' }>): void;
  /** Something failed that cannot be mended: the disk, the ring. */
  onFailure(error: Error): void;
}

export class Driver {
  readonly #port: RingPort;
  readonly #membership: Membership;
  readonly #messaging: GroupMessaging;
  readonly #events: DriverEvents;
  readonly #rings = new Map<number, RingId>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #lagMs = 0;
  #isOver = false;

  constructor(port: RingPort, membership: Membership, messaging: GroupMessaging, events: DriverEvents) {
    this.#port = port;
    this.#membership = membership;
    this.#messaging = messaging;
    this.#events = events;
  }

  /** Nothing follows any more: leave() would not be answered. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Forms the first ring, of this process alone. */
  boot(): void {
    this.#step({ type: 'boot' });
  }

  leave(): void {
    this.#step({ type: 'leave' });
  }

  /** The synchronisation of services waits for these nodes. */
  awaits(nodes: readonly number[]): void {
    this.#step({ type: 'awaits', nodes });
  }

  /** From now on nothing is done. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  event(event: CoreEvent): void {
    if (event.type === 'placed') this.#messaging.placed(event.ticket, event.seq);
    else if (event.type === 'room') this.#messaging.flow.room(event.mask);
    else this.#step({ type: 'event', event });
  }

  #step(input: Input): void {
    if (this.#isOver) return;
    const outputs = this.#membership.step(performance.now(), input);
    this.#events.onStep(input, outputs);
    for (const output of outputs) {
      if (this.#isOver) return;
      this.#do(output);
    }
    this.#arm();
  }

  #do(output: Output): void {
    switch (output.type) {
      case 'command':
        this.#command(output.command);
        return;
      case 'persist':
        this.#persist(output.ringSeq);
        return;
      case 'state':
        return;
      case 'left':
        this.stop();
        this.#events.onEnd('left');
        return;
      case 'selfEvict':
        this.stop();
        this.#events.onEnd(output);
    }
  }

  #command(command: Command): void {
    if (command.type === 'createRing') this.#rings.set(command.handle, command.ring);
    if (command.type === 'destroy') this.#rings.delete(command.handle);
    if (command.type === 'install') {
      this.#messaging.installing(this.#rings.get(command.handle)!);
      this.#rings.delete(command.old);
    }
    this.#port.command(command);
  }

  #persist(ringSeq: bigint): void {
    this.#events.persist(ringSeq).then(
      () => this.#step({ type: 'persisted', ringSeq }),
      (error: Error) => this.#events.onFailure(error),
    );
  }

  #arm(): void {
    const deadline = this.#isOver ? Number.POSITIVE_INFINITY : this.#membership.deadline();
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    // Membership's longest time is far below what a timer of Node can take.
    this.#timer = setTimeout(() => this.#tick(deadline), Math.max(0, Math.ceil(deadline - performance.now())));
  }

  #tick(deadline: number): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    if (now < deadline) {
      this.#arm();
      return;
    }
    this.#reportLag(now - deadline);
    this.#step({ type: 'tick' });
  }

  /** For the answers to probes: a loop that lags does not take part (totem A28). */
  #reportLag(ms: number): void {
    const lagMs = Math.floor(ms / LAG_STEP_MS) * LAG_STEP_MS;
    if (lagMs === this.#lagMs) return;
    this.#lagMs = lagMs;
    this.#port.command({ type: 'lag', milliseconds: lagMs });
  }
}
