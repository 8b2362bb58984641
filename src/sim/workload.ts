/** The application that sends: bursts at drawn intervals, or whenever there is room. */
import type { RingCore } from '../native/ring-core.js';
import type { CoreEvent, RingId } from '../totem/boundary.js';
import { labelOf, makeContent } from './message-content.js';
import type { Random } from './random.js';

export interface WorkloadPlan {
  /** ns between bursts in the mean; a saturating sender goes on as soon as there is room. */
  readonly interval: number;
  /** Exactly so much between bursts, and none left out: for scripts. */
  readonly isRegular?: boolean;
  readonly burst: number;
  readonly saturating: boolean;
  /** Bytes; every order of magnitude between is as likely. */
  readonly sizeMin: number;
  readonly sizeMax: number;
  /** Probability that a message has a size of up to `bigMax` instead. */
  readonly bigChance: number;
  readonly bigMax: number;
  /** Of priority 0 to 3. */
  readonly priorities: readonly [number, number, number, number];
  readonly safe: number;
  /** Probability that a message is meant for the present configuration alone. */
  readonly onlyIn: number;
  readonly ticket: number;
}

/** Work that all senders of a run share, so that a run ends in bounded time on any machine: receptions of datagrams. */
export interface Budget {
  left: number;
  /** Receptions of a datagram that is sent once. */
  readonly receivers: number;
}

export interface SubmitRecord {
  readonly label: bigint;
  readonly accepted: boolean;
  readonly priority: number;
  readonly safe: boolean;
  readonly onlyIn: RingId | undefined;
  readonly ticket: bigint;
  readonly length: number;
}

export interface WorkloadPorts {
  /** The configuration that the application has read last. */
  ring(): RingId | undefined;
  submitted(record: SubmitRecord): void;
}

const DATAGRAM_PAYLOAD = 1400;
/** A packed message costs each of its receivers so much of what a datagram costs. */
const SMALL_MESSAGE_COST = 0.3;
/** How long a refused sender waits if nobody tells it that there is room, ns. */
const RETRY = 5_000_000;

export class Workload {
  private readonly core: RingCore;
  private readonly random: Random;
  private plan: WorkloadPlan | undefined;
  private readonly sender: number;
  private readonly maxMessage: number;
  private readonly budget: Budget;
  private readonly ports: WorkloadPorts;
  private next: number;
  private counter = 0;
  private tickets = 0n;

  constructor(parts: {
    readonly core: RingCore;
    readonly random: Random;
    /** Left out: only send() sends. */
    readonly plan: WorkloadPlan | undefined;
    /** Number of the process, 16 bits. */
    readonly sender: number;
    readonly maxMessage: number;
    readonly budget: Budget;
    readonly ports: WorkloadPorts;
    readonly start: number;
  }) {
    this.core = parts.core;
    this.random = parts.random;
    this.plan = parts.plan;
    this.sender = parts.sender;
    this.maxMessage = parts.maxMessage;
    this.budget = parts.budget;
    this.ports = parts.ports;
    this.next = parts.start + this.random.exponential(this.plan?.interval ?? 0);
  }

  /** It sends of its own accord. */
  get isActive(): boolean {
    return this.plan !== undefined;
  }

  /** From now on it sends like this; undefined: only what send() is told. */
  change(plan: WorkloadPlan | undefined, now: number): void {
    this.plan = plan;
    if (plan?.isRegular === true) this.next = now + plan.interval;
  }

  event(event: CoreEvent, now: number): void {
    if (event.type === 'room' && this.plan?.saturating === true) this.next = now;
  }

  /** Sends what is due. When it is to be called again. */
  run(now: number): number {
    const { plan } = this;
    if (plan === undefined || this.budget.left <= 0) return Number.POSITIVE_INFINITY;
    if (plan.isRegular === true) return this.runRegular(plan, now);
    if (now < this.next) return this.next;
    let accepted = true;
    for (let i = 0; i < plan.burst && accepted; i++) accepted = this.sendOne(plan);
    const pause = accepted ? this.random.exponential(plan.interval) : Math.max(RETRY, plan.interval);
    this.next = now + (plan.saturating && accepted ? 0 : Math.ceil(pause));
    // A saturating sender lets others run between two bursts.
    return Math.max(this.next, now + 1);
  }

  private runRegular(plan: WorkloadPlan, now: number): number {
    for (; this.next <= now; this.next += plan.interval) {
      for (let i = 0; i < plan.burst; i++) this.sendOne(plan);
    }
    return this.next;
  }

  /** Also for scripts: one message as told. */
  send(message: {
    size: number;
    priority: number;
    safe: boolean;
    onlyIn: RingId | undefined;
    ticket: boolean;
  }): boolean {
    const { priority, safe, onlyIn, ticket: wantsTicket } = message;
    const size = Math.max(1, Math.min(message.size, this.maxMessage));
    const content = makeContent({ sender: this.sender, counter: this.counter, size });
    const ticket = wantsTicket ? ++this.tickets : 0n;
    const only = onlyIn === undefined ? null : encodeRingId(onlyIn);
    const accepted = this.core.submit(priority, safe ? 1 : 0, ticket, only, content);
    this.counter++;
    if (accepted) this.budget.left -= Math.max(size / DATAGRAM_PAYLOAD, SMALL_MESSAGE_COST) * this.budget.receivers;
    this.ports.submitted({ label: labelOf(content), accepted, priority, safe, onlyIn, ticket, length: size });
    return accepted;
  }

  private sendOne(plan: WorkloadPlan): boolean {
    const { random } = this;
    const big = random.chance(plan.bigChance);
    const size = Math.round(random.logUniform(plan.sizeMin, big ? plan.bigMax : plan.sizeMax));
    const onlyIn = random.chance(plan.onlyIn) ? this.ports.ring() : undefined;
    return this.send({
      size,
      priority: this.drawPriority(plan.priorities),
      safe: random.chance(plan.safe),
      onlyIn,
      ticket: onlyIn !== undefined || random.chance(plan.ticket),
    });
  }

  private drawPriority(weights: readonly number[]): number {
    let draw = this.random.float() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => {
      draw -= weight;
      return draw < 0;
    });
    return Math.max(found, 0);
  }
}

function encodeRingId({ representative, nonce, seq }: RingId): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, representative, true);
  view.setUint32(4, nonce, true);
  view.setBigUint64(8, seq, true);
  return bytes;
}
