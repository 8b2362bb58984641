/**
 * One synchronisation: from a regular configuration to the point of its total order at which its members have one state. A member that
 * has the state goes on as soon as all hellos are delivered; one that has to receive it keeps what is ordered meanwhile. All decisions
 * follow from ordered messages, so members that go together into the next configuration leave a round at the same point, finished or
 * not, even if some of those messages reach them in the transitional configuration.
 */
import type { BodyReader } from '../../ipc/body.js';
import type { Component, Service, ShadowState } from '../service.js';
import type { Hello } from './hello.js';
import { makePlan, type Part, type Plan } from './plan.js';

/** Chunks that a sender of state has on the way. More would take the ring from those who work meanwhile. */
export const CHUNKS_IN_FLIGHT = 4;

export interface RoundHost {
  readonly nodeId: number;
  readonly services: ReadonlyMap<number, Service>;
  readonly hasQuorum: boolean;
  /** At recovery priority, in order; waits for room. */
  sendChunk(service: number, chunk: Uint8Array): void;
  sendEnd(service: number): void;
  /** All hellos are there. The state is as it was before. */
  planned(plan: Plan): void;
  /** This node has the state of the configuration. */
  committed(plan: Plan): void;
}

interface Sending {
  readonly service: number;
  readonly chunks: Iterator<Uint8Array>;
}

interface Receiving {
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
  #inFlight = 0;
  /** By service and sender. */
  readonly #receiving = new Map<string, Receiving>();
  #isCommitted = false;

  constructor(host: RoundHost, id: string, viewNumber: number, members: readonly number[]) {
    this.#host = host;
    this.id = id;
    this.viewNumber = viewNumber;
    this.members = members;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  get isCommitted(): boolean {
    return this.#isCommitted;
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

  /** False: nobody was to send this. @throws {BodyError} It is no chunk. */
  chunk(sender: number, service: number, body: BodyReader): boolean {
    const receiving = this.#receiving.get(keyOf(service, sender));
    if (receiving === undefined || receiving.isEnded) return false;
    receiving.shadow?.load(body);
    if (sender === this.#host.nodeId) {
      this.#inFlight--;
      this.#pump();
    }
    return true;
  }

  end(sender: number, service: number): boolean {
    const receiving = this.#receiving.get(keyOf(service, sender));
    if (receiving === undefined || receiving.isEnded) return false;
    receiving.isEnded = true;
    this.#checkEnd();
    return true;
  }

  /** The next configuration has come. */
  abandon(): void {
    for (const { chunks } of this.#sending) chunks.return?.();
    this.#sending = [];
    this.#receiving.clear();
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
        this.#receiving.set(keyOf(service, sender), { shadow, isEnded: false });
        if (sender === nodeId && replica !== undefined) this.#sending.push({ service, chunks: replica.snapshot() });
      }
    }
  }

  #pump(): void {
    for (let first = this.#sending[0]; first !== undefined; first = this.#sending[0]) {
      if (this.#inFlight >= CHUNKS_IN_FLIGHT) return;
      const next = first.chunks.next();
      if (next.done) {
        this.#sending.shift();
        this.#host.sendEnd(first.service);
      } else {
        this.#inFlight++;
        this.#host.sendChunk(first.service, next.value);
      }
    }
  }

  #checkEnd(): void {
    const plan = this.#plan;
    if (plan === undefined || this.#isCommitted) return;
    for (const { isEnded } of this.#receiving.values()) if (!isEnded) return;
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
