/**
 * An executive in a simulated process: production group messaging and service manager, a register, and clients that use it. Messages of
 * the register travel behind the label of the simulation, so that the checker sees them as it sees any other.
 */
import { ServiceManager } from '../../executive/manager/manager.js';
import { GroupMessaging } from '../../gmi/group-messaging.js';
import { type MessagePort, type PriorityNumber, SAFE } from '../../gmi/port.js';
import { BodyWriter } from '../../ipc/body.js';
import type { Answer, ExecutiveLink, RequestHandler } from '../../ipc/link.js';
import type { RingCore } from '../../native/ring-core.js';
import type { Command, CoreEvent, DeliveredConfiguration, Member, RingId } from '../../totem/boundary.js';
import { LABEL_BYTES, labelOf, makeContent } from '../message-content.js';
import type { Random } from '../random.js';
import type { SubmitRecord } from '../workload.js';
import { GET, PUT_AGREED, PUT_SAFE, REGISTER, Register } from './register.js';

export interface ServicePlan {
  /** ns between requests of a client, in the mean. */
  readonly interval: number;
  readonly clients: number;
  /** Bytes of a value at most. */
  readonly valueMax: number;
  readonly safe: number;
  readonly read: number;
}

export interface HostParts {
  readonly core: RingCore;
  readonly random: Random;
  readonly plan: ServicePlan;
  readonly process: Member;
  /** 16 bits, different for each process of a run. */
  readonly number: number;
  /** ms since 1970, whole. */
  readonly wall: () => number;
  /** Calls back at a time of the simulation `ms` from now on this machine's clock. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly submitted: (record: SubmitRecord) => void;
  readonly command: (command: Command) => void;
  /** Receptions of datagrams that are left. */
  readonly mayGoOn: () => boolean;
}

/** What became of a request. */
export interface Asked {
  readonly key: string;
  readonly isSafe: boolean;
  readonly isRead: boolean;
  /** A read of what was acknowledged on this node before it. */
  readonly isThere: boolean;
  answer: Answer | undefined;
}

interface Client {
  readonly handler: RequestHandler;
  readonly asked: Map<number, Asked>;
  tag: number;
}

export class ServiceHost implements MessagePort {
  readonly register = new Register();
  readonly asked: Asked[] = [];
  readonly problems: string[] = [];
  readonly messaging = new GroupMessaging();
  readonly manager: ServiceManager;
  readonly #parts: HostParts;
  readonly #rings = new Map<number, RingId>();
  readonly #clients: Client[] = [];
  #counter = 0;
  #next = 0;
  #isQuiet = false;

  constructor(parts: HostParts) {
    this.#parts = parts;
    const { process, plan } = parts;
    this.messaging.attach(this);
    this.manager = new ServiceManager(this.messaging, {
      nodeId: process.node,
      start: `${process.incarnation}`,
      quorum: undefined,
      clock: { now: parts.wall, after: parts.after },
      onFailure: (error) => this.problems.push(error.message),
      onViolation: (what) => this.problems.push(what),
    });
    this.manager.register(this.register);
    for (let i = 0; i < plan.clients; i++) this.#addClient();
  }

  // --- MessagePort ----------------------------------------------------------------------------------------------------------

  submit(
    priority: PriorityNumber,
    flags: number,
    ticket: bigint,
    onlyIn: RingId | undefined,
    message: Uint8Array,
  ): boolean {
    const { core, number, submitted } = this.#parts;
    const size = LABEL_BYTES + message.length;
    const content = makeContent({ sender: number, counter: this.#counter, size });
    content.set(message, LABEL_BYTES);
    const accepted = core.submit(priority, flags, ticket, null, content);
    if (accepted) this.#counter++;
    const safe = (flags & SAFE) !== 0;
    submitted({ label: labelOf(content), accepted, priority, safe, onlyIn, ticket, length: size });
    return accepted;
  }

  submitPacked(): number {
    throw new Error('services send one by one');
  }

  plug(mask: number): void {
    this.#parts.command({ type: 'plug', mask });
  }

  resume(): void {}

  // --- the loop -------------------------------------------------------------------------------------------------------------

  /** Before the core is told. */
  commanded(command: Command): void {
    if (command.type === 'createRing') this.#rings.set(command.handle, command.ring);
    if (command.type === 'install') this.messaging.installing(this.#rings.get(command.handle)!);
  }

  event(event: CoreEvent): void {
    if (event.type === 'placed') this.messaging.placed(event.ticket, event.seq);
    if (event.type === 'room') this.messaging.flow.room(event.mask);
  }

  /** `bytes` with the label. */
  message(sender: number, priority: number, flags: number, bytes: Uint8Array): void {
    const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.messaging.message({ priority, flags, sender, memory, start: LABEL_BYTES, end: memory.length });
  }

  configuration(change: DeliveredConfiguration): void {
    this.messaging.configuration(change);
  }

  endOfBatch(): void {
    this.messaging.end();
  }

  /** Asks for what is due. When it is to be called again, ns. */
  run(now: number): number {
    const { random, plan, mayGoOn } = this.#parts;
    if (this.#isQuiet || !mayGoOn()) return Number.POSITIVE_INFINITY;
    if (now < this.#next) return this.#next;
    if (this.#next > 0) this.#ask(random.pick(this.#clients));
    this.#next = now + 1 + Math.ceil(random.exponential(plan.interval));
    return this.#next;
  }

  /** No client asks anything more. */
  quiet(): void {
    this.#isQuiet = true;
  }

  // --- clients --------------------------------------------------------------------------------------------------------------

  #addClient(): void {
    const asked = new Map<number, Asked>();
    const link: ExecutiveLink = {
      takenUp: () => {},
      answer: (tag, answer) => {
        const request = asked.get(tag);
        if (request === undefined || request.answer !== undefined) this.problems.push(`an answer to nothing: ${tag}`);
        else request.answer = answer;
      },
      event: () => {},
      expect: () => {},
      waiting: 0,
      whenRead: () => () => {},
      end: (reason) => this.problems.push(`a client was ended: ${reason.message}`),
    };
    this.#clients.push({ handler: this.manager.serve(link), asked, tag: 0 });
  }

  #ask(client: Client): void {
    const { random, plan, number } = this.#parts;
    const isRead = random.chance(plan.read);
    const isSafe = random.chance(plan.safe);
    const before = isRead && this.asked.length > 0 ? random.pick(this.asked) : undefined;
    const key = before?.key ?? `${number}.${this.asked.length}`;
    const isThere = before !== undefined && !before.isRead && before.answer?.code === 'SA_AIS_OK';
    const request: Asked = { key, isSafe, isRead, isThere, answer: undefined };
    client.tag += 1;
    client.asked.set(client.tag, request);
    this.asked.push(request);
    const writer = new BodyWriter().text(key);
    if (!isRead) writer.text('v'.repeat(1 + ((this.asked.length * 37) % plan.valueMax)));
    const fn = isRead ? GET : isSafe ? PUT_SAFE : PUT_AGREED;
    client.handler.request(REGISTER, fn, client.tag, 0, writer.finish());
  }
}
