/** Executives without sockets: production group messaging and service manager over the model of extended virtual synchrony. */
import type { Configuration as ModelConfiguration } from '../../../src/client/evs/types.js';
import { ServiceManager } from '../../../src/executive/manager/manager.js';
import type { QuorumOptions } from '../../../src/executive/manager/votes.js';
import { GroupMessaging } from '../../../src/gmi/group-messaging.js';
import { type MessagePort, OWN, PRIORITIES, SAFE } from '../../../src/gmi/port.js';
import { BodyWriter } from '../../../src/ipc/body.js';
import type { Answer, ExecutiveLink } from '../../../src/ipc/link.js';
import type { DeliveredConfiguration, Identity, RingId } from '../../../src/totem/boundary.js';
import { EvsModel, type ModelMember } from '../../cli/demo/evs-model.js';
import { GET, PUT, PUT_AGREED, Register } from './register.js';

interface Submitted {
  readonly message: Buffer;
  readonly priority: number;
  readonly isSafe: boolean;
  readonly onlyIn: RingId | undefined;
}

/** Messages that a send queue takes. */
const QUEUE_MAX = 8;

function ringOf(id: string, members: readonly number[]): RingId {
  const seq = Number(id.slice(1));
  return { representative: members[0] ?? 0, nonce: seq, seq: BigInt(seq) };
}

/** A client without a library: it notes what it is answered. */
export class Client {
  readonly answers = new Map<number, Answer>();
  takenUp = 0;
  endedWith: string | undefined;
  readonly link: ExecutiveLink = {
    takenUp: (bytes) => {
      this.takenUp += bytes;
    },
    answer: (tag, answer) => {
      this.answers.set(tag, answer);
    },
    event: () => {},
    expect: () => {},
    waiting: 0,
    whenRead: () => () => {},
    end: (reason) => {
      this.endedWith = reason.message;
    },
  };
  #tag = 0;
  readonly #handler;

  constructor(node: Node) {
    this.#handler = node.manager.serve(this.link);
  }

  put(key: string, value: string, flags = 0, fn = PUT): number {
    return this.#request(fn, new BodyWriter().text(key).text(value).finish(), flags);
  }

  putAgreed(key: string, value: string): number {
    return this.put(key, value, 0, PUT_AGREED);
  }

  get(key: string): number {
    return this.#request(GET, new BodyWriter().text(key).finish(), 0);
  }

  cancel(tag: number): void {
    this.#handler.cancel(tag);
  }

  close(): void {
    this.#handler.closed();
  }

  /** 'SA_AIS_OK', a code, or undefined: no answer yet. */
  code(tag: number): string | undefined {
    return this.answers.get(tag)?.code;
  }

  text(tag: number): string | undefined {
    const answer = this.answers.get(tag);
    return answer?.code === 'SA_AIS_OK' ? answer.body.toString() : answer?.code;
  }

  #request(fn: number, body: Buffer, flags: number): number {
    this.#tag += 1;
    this.#handler.request(64, fn, this.#tag, flags, body);
    return this.#tag;
  }
}

export class Node implements ModelMember<Submitted>, MessagePort {
  readonly id: number;
  readonly messaging = new GroupMessaging();
  readonly manager: ServiceManager;
  readonly register = new Register();
  readonly violations: string[] = [];
  readonly failures: Error[] = [];
  /** For whom the synchronisation waits, as it was told. */
  readonly awaited: (readonly number[])[] = [];
  readonly #town: Town;
  readonly #incarnation: bigint;
  readonly #queues: Submitted[][] = Array.from({ length: PRIORITIES }, () => []);
  readonly #wasFull = new Set<number>();
  #mask = (1 << PRIORITIES) - 1;
  #old: { readonly ring: RingId; readonly id: string } | undefined;

  constructor(town: Town, id: number, quorum: QuorumOptions | undefined, start: number) {
    this.#town = town;
    this.id = id;
    this.#incarnation = BigInt(start);
    this.messaging.attach(this);
    this.manager = new ServiceManager(this.messaging, {
      nodeId: id,
      start: String(start),
      quorum,
      clock: {
        now: () => town.time,
        after: (ms, run) => {
          const timer = { at: town.time + ms, run };
          town.timers.add(timer);
          return () => town.timers.delete(timer);
        },
      },
      rememberedView: town.primaryViews.get(id) ?? 0,
      onPrimary: (view) => town.primaryViews.set(id, view),
      onFailure: (error) => this.failures.push(error),
      onViolation: (what) => this.violations.push(what),
      onAwaited: (nodes) => this.awaited.push(nodes),
    });
    this.manager.register(this.register);
  }

  // --- MessagePort -------------------------------------------------------------------------------------------------------

  submit(priority: number, flags: number, _ticket: bigint, onlyIn: RingId | undefined, message: Uint8Array): boolean {
    const queue = this.#queues[priority]!;
    if (queue.length >= QUEUE_MAX) {
      this.#wasFull.add(priority);
      return false;
    }
    queue.push({ message: Buffer.from(message), priority, isSafe: (flags & SAFE) !== 0, onlyIn });
    return true;
  }

  submitPacked(): number {
    throw new Error('not used');
  }

  plug(mask: number): void {
    this.#mask = mask;
  }

  resume(): void {}

  /** One message goes out; strict priority. False: there is none. */
  originate(reaches: (node: number) => boolean): boolean {
    for (let priority = 0; priority < PRIORITIES; priority++) {
      const queue = this.#queues[priority]!;
      const first = queue[0];
      if (first === undefined || (this.#mask & (1 << priority)) === 0) continue;
      if (!this.#town.model.send(this.id, first, first.isSafe, reaches)) return false;
      queue.shift();
      if (this.#wasFull.delete(priority)) this.messaging.flow.room(1 << priority);
      return true;
    }
    return false;
  }

  // --- ModelMember --------------------------------------------------------------------------------------------------------

  configuration(configuration: ModelConfiguration): void {
    const { kind, id, members } = configuration;
    const identities = members.map((node) => this.#town.identity(node));
    if (kind === 'transitional') {
      const next = id.slice(id.indexOf('>') + 1);
      const ring = this.#town.ring(next);
      this.#deliver({ kind, ring, old: this.#old!.ring, members: identities });
      this.messaging.installing(ring);
      return;
    }
    const ring = ringOf(id, members);
    const old = this.#old?.ring ?? { representative: 0, nonce: 0, seq: 0n };
    if (this.#old === undefined) this.messaging.installing(ring);
    this.#old = { ring, id };
    this.#deliver({ kind, ring, old, members: identities });
  }

  #deliver(configuration: DeliveredConfiguration): void {
    this.messaging.configuration(configuration);
    this.messaging.end();
  }

  message({ message, priority, isSafe }: Submitted, sender: number, isOwn: boolean): void {
    const flags = (isSafe ? SAFE : 0) | (isOwn ? OWN : 0);
    this.messaging.message({ priority, flags, sender, memory: message, start: 0, end: message.length });
    this.messaging.end();
  }

  get identity(): Identity {
    return { node: this.id, incarnation: this.#incarnation, salt: 1n };
  }
}

export class Town {
  time = 1_700_000_000_000;
  readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();
  readonly model = new EvsModel<Submitted>();
  readonly nodes = new Map<number, Node>();
  /** What nodes have on their disks. */
  readonly primaryViews = new Map<number, number>();
  readonly #quorum: QuorumOptions | undefined;
  readonly #rings = new Map<string, RingId>();
  #starts = 0;

  constructor(quorum?: QuorumOptions) {
    this.#quorum = quorum;
  }

  identity(node: number): Identity {
    return this.nodes.get(node)?.identity ?? { node, incarnation: 0n, salt: 0n };
  }

  ring(id: string): RingId {
    return this.#rings.get(id)!;
  }

  start(...ids: number[]): void {
    for (const id of ids) {
      const node = new Node(this, id, this.#quorum, ++this.#starts);
      this.nodes.set(id, node);
      this.model.start(id, node);
    }
  }

  crash(id: number): void {
    this.model.crash(id);
    this.nodes.delete(id);
  }

  node(id: number): Node {
    return this.nodes.get(id)!;
  }

  client(id: number): Client {
    return new Client(this.node(id));
  }

  /** These form a ring; of them `installs` says who gets as far as to install it. */
  form(ids: readonly number[], installs: (node: number) => boolean = () => true): void {
    this.model.reform(ids, installs, (id, members) => this.#rings.set(id, ringOf(id, members)));
  }

  /** Each sends one message, and everything that may be is delivered. False: nobody had anything to send. */
  step(reaches: (node: number) => boolean = () => true): boolean {
    let isAny = false;
    for (const node of this.nodes.values()) isAny = node.originate(reaches) || isAny;
    this.model.deliver();
    return isAny;
  }

  settle(): void {
    for (;;) {
      this.model.repair();
      this.model.deliver();
      if (!this.step()) return;
    }
  }

  advance(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers]) {
      if (timer.at > this.time || !this.timers.delete(timer)) continue;
      timer.run();
    }
  }

  texts(...ids: number[]): string[] {
    return ids.map((id) => this.node(id).register.text);
  }
}

/** Nodes that have formed a ring. */
export function together(...ids: number[]): Town {
  const town = new Town();
  town.start(...ids);
  town.settle();
  town.form(ids);
  town.settle();
  return town;
}
