/**
 * An executive in a simulated process: production group messaging, service manager and services, and clients that use them. What it sends
 * travels behind the label of the simulation, so that the checker sees it as it sees any other message.
 */
import { ServiceManager } from '../../executive/manager/manager.js';
import type { ExecutiveHandler, Service } from '../../executive/service.js';
import { GroupMessaging } from '../../gmi/group-messaging.js';
import { type MessagePort, type PriorityNumber, SAFE } from '../../gmi/port.js';
import { Dispatcher } from '../../ipc/dispatcher.js';
import { EVS_SERVICE } from '../../ipc/evs-frames.js';
import type { ExecutiveLink } from '../../ipc/link.js';
import type { RingCore } from '../../native/ring-core.js';
import { CkptService } from '../../services/ckpt/service.js';
import { EvsConnection } from '../../services/evs/connection.js';
import { EvsService } from '../../services/evs/service.js';
import { EvtService } from '../../services/evt/service.js';
import type { Command, CoreEvent, DeliveredConfiguration, Member, RingId } from '../../totem/boundary.js';
import type { EventQueue } from '../event-queue.js';
import { LABEL_BYTES, labelOf, makeContent } from '../message-content.js';
import type { Random } from '../random.js';
import type { SubmitRecord } from '../workload.js';
import { Client } from './client.js';
import type { Journal } from './journal.js';
import { readMessage } from './message.js';
import type { ServicePlan } from './plan.js';

export interface HostParts {
  readonly core: RingCore;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly plan: ServicePlan;
  readonly process: Member;
  /** 16 bits, different for each process of a run. */
  readonly number: number;
  readonly journal: Journal;
  /** ms since 1970, whole. */
  readonly wall: () => number;
  /** Calls back at a time of the simulation `ms` from now on this machine's clock. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly submitted: (record: SubmitRecord) => void;
  readonly command: (command: Command) => void;
  /** The synchronisation of services waits for these nodes. */
  readonly awaits: (nodes: readonly number[]) => void;
  /** The loop is to run soon. */
  readonly wake: () => void;
  /** Receptions of datagrams that are left. */
  readonly mayGoOn: () => boolean;
}

const SENDER_SHIFT = 48n;

export class ServiceHost implements MessagePort {
  readonly number: number;
  readonly node: number;
  readonly messaging = new GroupMessaging();
  readonly manager: ServiceManager;
  readonly ckpt = new CkptService();
  readonly evt = new EvtService();
  readonly clients: Client[] = [];
  readonly wall: () => number;
  readonly #evs: EvsService;
  readonly #parts: HostParts;
  readonly #rings = new Map<number, RingId>();
  /** What came from clients since the loop ran. */
  #inbox: (() => void)[] = [];
  #connections = 0;
  #counter = 0;
  #isQuiet = false;
  #isOver = false;

  constructor(parts: HostParts) {
    this.#parts = parts;
    const { process, plan, number, journal } = parts;
    this.number = number;
    this.node = process.node;
    this.wall = parts.wall;
    journal.processes.set(number, process);
    journal.entries.push({ kind: 'start', process: number, node: process.node });
    this.messaging.attach(this);
    this.#evs = new EvsService(this.messaging);
    const problem = (text: string) => journal.problems.push({ process: number, text });
    this.manager = new ServiceManager(this.messaging, {
      nodeId: process.node,
      start: `${process.incarnation}`,
      quorum: plan.quorum,
      rememberedView: journal.primaryViews.get(process.node) ?? 0,
      onPrimary: (view) => journal.primaryViews.set(process.node, view),
      clock: { now: parts.wall, after: parts.after },
      onFailure: (error) => problem(error.message),
      onViolation: problem,
      onAwaited: parts.awaits,
    });
    this.messaging.onConfiguration = ({ configuration: { kind, id, members }, ring }) => {
      if (kind === 'transitional') journal.entries.push({ kind, process: number, id });
      else journal.entries.push({ kind, process: number, id, members, view: Number(ring.seq) });
      // An executive is not connected to before its first configuration.
      while (this.#connections < plan.clients) this.#addClient();
    };
    this.#watchSynchronization();
    for (const service of [this.ckpt, this.evt]) this.manager.register(this.#observed(service));
    this.#plan();
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
    const label = memory.readBigUInt64LE();
    const { journal, number } = this.#parts;
    const message = journal.message(label, () =>
      readMessage(memory.subarray(LABEL_BYTES), Number(label >> SENDER_SHIFT)),
    );
    journal.entries.push({ kind: 'message', process: number, message });
    this.messaging.message({ priority, flags, sender, memory, start: LABEL_BYTES, end: memory.length });
  }

  configuration(change: DeliveredConfiguration): void {
    this.messaging.configuration(change);
  }

  endOfBatch(): void {
    this.messaging.end();
  }

  /** Hears its clients. When it is to be called again, ns. */
  run(): number {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const run of inbox) run();
    const isAnswering = this.clients.some((client) => client.isAnswered);
    if (inbox.length > 0 || isAnswering) this.#parts.queue.yieldAfter();
    return Number.POSITIVE_INFINITY;
  }

  /** No client asks anything more. */
  quiet(): void {
    this.#isQuiet = true;
  }

  /** The process has ended. */
  stop(): void {
    this.#isOver = true;
    const { journal, number } = this.#parts;
    journal.entries.push({ kind: 'end', process: number });
    for (const client of this.clients) client.abandoned();
  }

  // --- services -------------------------------------------------------------------------------------------------------------

  /** Services hear of a configuration when the state is there. */
  #watchSynchronization(): void {
    const { journal, number } = this.#parts;
    this.manager.register({
      id: 'watch',
      number: 255,
      library: {},
      executive: {},
      start: () => {},
      configurationChanged: ({ left, joined }) => {
        const view = `left: ${left}, joined: ${joined}`;
        journal.entries.push({ kind: 'synchronized', process: number, isPrimary: this.manager.isPrimary, view });
      },
    });
  }

  /** The service itself; what is applied is noted. */
  #observed(service: Service): Service {
    const { journal, number } = this.#parts;
    const handlers = service.executive as Record<number, ExecutiveHandler>;
    for (const [fn, handle] of Object.entries(handlers)) {
      handlers[Number(fn)] = (message) => {
        const { position, sender, connection, time, body } = message;
        const key = `${service.id}.${fn} of ${sender}.${connection}, ${time}, ${body.remaining} bytes`;
        journal.entries.push({ kind: 'applied', process: number, position, key });
        return handle(message);
      };
    }
    return service;
  }

  // --- clients --------------------------------------------------------------------------------------------------------------

  #addClient(): void {
    const { queue, random, plan, journal, number, process, wake, after } = this.#parts;
    const { ckpt, evt } = this;
    const services = new Map([ckpt, evt].map((service) => [service.id, service.number]));
    this.#connections++;
    const requests = new Map<number, string>();
    const noted = (link: ExecutiveLink) => this.#noted(link, requests);
    this.clients.push(
      new Client({
        queue,
        random: random.fork('client'),
        plan,
        journal,
        process: number,
        connection: this.#connections,
        executive: {
          welcome: () => ({ nodeId: process.node, services }),
          serve: (link) =>
            new Dispatcher(link, (own) => ({
              prompt: new Map([[EVS_SERVICE, new EvsConnection(link, this.#evs, after)]]),
              others: this.manager.serve(noted(own)),
            })),
        },
        requests,
        inExecutive: (run) => {
          this.#inbox.push(run);
          wake();
        },
        wall: this.wall,
      }),
    );
  }

  /** The link itself; what is acknowledged is noted when that is said. */
  #noted(link: ExecutiveLink, requests: ReadonlyMap<number, string>): ExecutiveLink {
    const { journal, number } = this.#parts;
    const answer: ExecutiveLink['answer'] = (tag, result) => {
      const token = requests.get(tag);
      if (token !== undefined && result.code === 'SA_AIS_OK')
        journal.entries.push({ kind: 'acknowledged', process: number, token });
      link.answer(tag, result);
    };
    return Object.assign(Object.create(link) as ExecutiveLink, { answer });
  }

  /** One client after another asks for something; one that has ended is followed by another. */
  #plan(): void {
    const { queue, random, plan, mayGoOn } = this.#parts;
    queue.after(1 + Math.ceil(random.exponential(plan.interval)), () => {
      if (this.#isQuiet || this.#isOver || !mayGoOn()) return;
      const alive = this.clients.filter((client) => !client.isOver);
      if (alive.length < Math.min(this.#connections, plan.clients)) this.#addClient();
      else if (alive.length > 0) random.pick(alive).step();
      this.#plan();
    });
  }
}
