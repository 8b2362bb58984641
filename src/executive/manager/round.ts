/**
 * One synchronisation: from a regular configuration to the point of its total order at which its members have one state. A member that
 * has the state goes on as soon as all hellos are delivered; one that has to receive it keeps what is ordered meanwhile. All decisions
 * follow from ordered messages, so members that go together into the next configuration leave a round at the same point, finished or
 * not, even if some of those messages reach them in the transitional configuration.
 */
import { BodyError, type BodyReader } from '../../ipc/body.js';
import type { Component, Service, ShadowState } from '../service.js';
import type { ManagerClock } from './clock.js';
import type { Hello } from './hello.js';
import { Pacer } from './pacer.js';
import { makePlan, type Part, type Plan } from './plan.js';
import { costOf, LOG_MAX } from './replay-log.js';

/** What may be ordered until then: what is on its way by then has room in the logs, too. */
const MEANWHILE_MAX = LOG_MAX / 2;

export interface RoundHost {
  readonly nodeId: number;
  readonly services: ReadonlyMap<number, Service>;
  readonly hasQuorum: boolean;
  readonly clock: ManagerClock;
  /** At recovery priority, in order; waits for room. */
  sendChunk(service: number, chunk: Uint8Array): void;
  sendEnd(service: number): void;
  /** All hellos are there. The state is as it was before. */
  planned(plan: Plan): void;
  /** What was sent is no state: there is none to go on with. */
  failed(error: Error): void;
  /** This node has the state of the configuration. */
  committed(plan: Plan): void;
}

interface Sending {
  readonly service: number;
  readonly chunks: Iterator<Uint8Array>;
}

interface Receiving {
  readonly sender: number;
  readonly shadow: ShadowState | undefined;
  isEnded: boolean;
}

export class Round {
  readonly id: string;
  readonly viewNumber: number;
  readonly members: readonly number[];
  readonly hellos = new Map<number, Hello>();
  readonly #host: RoundHost;
  #plan: Plan | undefined;
  #sending: Sending[] = [];
  readonly #pacer: Pacer;
  /** By service and sender. */
  readonly #receiving = new Map<string, Receiving>();
  #unfinished = 0;
  /** What the log of a member without the state has to hold. */
  #meanwhile = 0;
  #isCommitted = false;

  constructor(host: RoundHost, id: string, viewNumber: number, members: readonly number[]) {
    this.#host = host;
    this.id = id;
    this.viewNumber = viewNumber;
    this.members = members;
    this.#pacer = new Pacer(host.clock, () => this.#pump());
  }

  /** Whether this node has the state. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** No more is to be ordered before all members have it. */
  get isFull(): boolean {
    return this.#unfinished > 0 && this.#meanwhile >= MEANWHILE_MAX;
  }

  /** Whose hello, or part of a state, is still to come. */
  get awaited(): number[] {
    if (this.#plan === undefined) return this.members.filter((member) => !this.hellos.has(member));
    return [...this.#receiving.values()].filter(({ isEnded }) => !isEnded).map(({ sender }) => sender);
  }

  hello(sender: number, hello: Hello): void {
    if (this.#plan !== undefined || !this.members.includes(sender)) return;
    this.hellos.set(sender, hello);
    if (this.hellos.size < this.members.length) return;
    const plan = makePlan(this.hellos, this.#host.hasQuorum);
    this.#plan = plan;
    this.#prepare(plan);
    this.#host.planned(plan);
    if (!plan.receivers.has(this.#host.nodeId)) this.#commit(plan);
    this.#pump();
    this.#checkEnd();
  }

  /** False: nobody was to send this. */
  chunk(sender: number, service: number, body: BodyReader): boolean {
    const receiving = this.#receiving.get(keyOf(service, sender));
    if (receiving === undefined || receiving.isEnded) return false;
    const size = body.remaining;
    try {
      receiving.shadow?.load(body);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      // Never complete: its end does not count.
      this.#unfinished = Number.POSITIVE_INFINITY;
      this.#host.failed(new Error(`node ${sender}, the state of service ${service}: ${error.message}`));
    }
    if (sender === this.#host.nodeId) this.#pacer.returned(size);
    return true;
  }

  end(sender: number, service: number): boolean {
    const receiving = this.#receiving.get(keyOf(service, sender));
    if (receiving === undefined || receiving.isEnded) return false;
    receiving.isEnded = true;
    this.#unfinished -= 1;
    this.#checkEnd();
    return true;
  }

  /** A message of a service, meanwhile. */
  ordered(bytes: number): void {
    if (this.#unfinished > 0) this.#meanwhile += costOf(bytes);
    if (this.#sending.length > 0) this.#pacer.ordered(bytes);
  }

  /** The next configuration has come. */
  abandon(): void {
    for (const { chunks } of this.#sending) chunks.return?.();
    this.#sending = [];
    this.#receiving.clear();
    this.#pacer.end();
  }

  /** Snapshots are of now: before this configuration changes anything. */
  #prepare(plan: Plan): void {
    const { nodeId, services } = this.#host;
    for (const { service, parts, isMerge } of plan.transfers) {
      const replica = services.get(service)?.replica;
      const isWanted = isMerge || !parts[0]!.members.includes(nodeId);
      for (const part of parts) {
        const sender = part.members[0]!;
        const shadow = isWanted ? replica?.shadow() : undefined;
        this.#receiving.set(keyOf(service, sender), { sender, shadow, isEnded: false });
        this.#unfinished += 1;
        if (sender === nodeId && replica !== undefined) this.#sending.push({ service, chunks: replica.snapshot() });
      }
    }
  }

  #pump(): void {
    for (let first = this.#sending[0]; first !== undefined; first = this.#sending[0]) {
      if (!this.#pacer.isOpen) return;
      const next = first.chunks.next();
      if (next.done) {
        this.#sending.shift();
        this.#host.sendEnd(first.service);
      } else {
        this.#pacer.sent();
        this.#host.sendChunk(first.service, next.value);
      }
    }
  }

  #checkEnd(): void {
    const plan = this.#plan;
    if (plan === undefined || this.#isCommitted || this.#unfinished > 0) return;
    this.#take(plan);
    this.#commit(plan);
  }

  #take(plan: Plan): void {
    const { nodeId, services } = this.#host;
    for (const { service, parts, isMerge } of plan.transfers) {
      const replica = services.get(service)?.replica;
      if (replica === undefined || (!isMerge && parts[0]!.members.includes(nodeId))) continue;
      replica.commit(parts.map((part) => this.#component(service, part)));
    }
  }

  #component(service: number, { members, history }: Part): Component<ShadowState> {
    const { shadow } = this.#receiving.get(keyOf(service, members[0]!))!;
    return { members, shadow: shadow!, history };
  }

  #commit(plan: Plan): void {
    this.#isCommitted = true;
    this.#host.committed(plan);
  }
}

function keyOf(service: number, sender: number): string {
  return `${service} ${sender}`;
}
