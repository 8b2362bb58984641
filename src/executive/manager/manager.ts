/**
 * The service manager: between the clients of this node, the services, and the total order. It decides when a request may be handled,
 * gives ordered messages to executive handlers, answers clients, and brings the services of a new configuration to one state.
 *
 * Its own messages have service 0:
 *
 * | function | priority | body |
 * |---|---|---|
 * | 1 hello | recovery | u64 sequence and u32 nonce of the ring, hello.ts |
 * | 2 chunk | recovery | u64, u32 as before, u8 service, part of a snapshot |
 * | 3 end | recovery | u64, u32 as before, u8 service: its snapshot is complete |
 * | 4 barrier | medium, behind what this node ordered before | nothing |
 * | 5 tick | high | u48 time: deadlines up to it are over |
 */
import { aisError } from '../../ais-error.js';
import type { ConfigurationChange } from '../../gmi/configuration.js';
import type { GroupMessaging, ServiceReceiver } from '../../gmi/group-messaging.js';
import { makeHeader } from '../../gmi/header.js';
import { HIGH, MEDIUM, type MessageFrame, OWN, type PriorityNumber, RECOVERY, SAFE } from '../../gmi/port.js';
import { BodyError, BodyReader } from '../../ipc/body.js';
import type { ExecutiveLink, RequestHandler } from '../../ipc/link.js';
import { type ExecutiveMessage, failure, type Outcome, type Service } from '../service.js';
import { Barrier } from './barrier.js';
import type { ManagerClock } from './clock.js';
import { type ConnectionHost, ManagedConnection, type OrderedRequest, TRY_AGAIN } from './connection.js';
import { decodeHello, encodeHello, type Hello, HISTORY_MAX, type ServiceHello } from './hello.js';
import { bodyStart, decodeOrdered, encodeOrdered } from './ordered.js';
import { type Plan, serviceConfiguration } from './plan.js';
import { Round, type RoundHost } from './round.js';
import { countVotes, type QuorumOptions } from './votes.js';

const MANAGER = 0;
const HELLO = 1;
const CHUNK = 2;
const END = 3;
const BARRIER = 4;
const TICK = 5;
/** Bytes that a joiner keeps of what is ordered while it receives the state. */
export const LOG_MAX = 256 << 20;
const STAMP_SIZE = 12;
const NOTHING = new Uint8Array(0);

export interface ManagerOptions {
  readonly nodeId: number;
  /** Unique for this start of the node. */
  readonly start: string;
  /** Undefined: every component is primary. */
  readonly quorum: QuorumOptions | undefined;
  readonly clock: ManagerClock;
  /** Something is wrong that this executive cannot mend: it has to end. */
  readonly onFailure: (error: Error) => void;
  readonly onViolation: (what: string) => void;
}

/** A message that has its place in the order, or a read that has. */
interface Entry {
  readonly run: () => void;
  readonly bytes: number;
}

/** An answer that waits for the state of a configuration to be settled. */
interface Held {
  readonly service: Service;
  readonly request: OrderedRequest;
  readonly outcome: Outcome;
}

/** What a service orders by itself, and what was refused where it was delivered. */
interface Outgoing {
  readonly service: number;
  readonly fn: number;
  readonly connection: number;
  readonly tag: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

export class ServiceManager implements ServiceReceiver, ConnectionHost, RoundHost {
  readonly id = MANAGER;
  readonly nodeId: number;
  readonly services = new Map<number, Service>();
  readonly #messaging: GroupMessaging;
  readonly #options: ManagerOptions;
  readonly #connections = new Map<number, ManagedConnection>();
  readonly #barrier: Barrier;
  /** Requests that wait to come by in the order, by tag. */
  readonly #pending = new Map<number, OrderedRequest>();
  #outgoing: Outgoing[] = [];
  #held: Held[] = [];
  /** In the order of waiting. */
  #waitingForOpen = new Set<() => boolean>();
  #lastConnection = 0;
  #lastTag = 0;

  #round: Round | undefined;
  #isPrimary = true;
  #hasSeenAll = false;
  #lastPrimaryView = 0;
  #lineage: string;
  #oldMembers: readonly number[];
  #history: string[] = [];
  /** The next transitional configuration is the first since the last commit. */
  #isLineageFresh = false;
  #isTransitional = false;
  #time = 0;
  #index = 0n;
  #ring = 0n;
  readonly #stamp = Buffer.alloc(STAMP_SIZE);
  #log: Entry[] | undefined;
  #logBytes = 0;
  #chunks: Buffer[] = [];
  #isServing = false;
  #isWatchingRoom = false;
  #tick: { readonly at: number; readonly cancel: () => void } | undefined;
  #isTickOnTheWay = false;

  constructor(messaging: GroupMessaging, options: ManagerOptions) {
    this.#messaging = messaging;
    this.#options = options;
    this.nodeId = options.nodeId;
    this.#lineage = `start ${options.nodeId} ${options.start}`;
    this.#oldMembers = [options.nodeId];
    this.#barrier = new Barrier(() => this.#sendOwn(MEDIUM, BARRIER, NOTHING));
    messaging.register(this);
    messaging.keepPlugged();
  }

  register(service: Service): void {
    if (service.number <= MANAGER || service.number > 255 || this.services.has(service.number)) {
      throw aisError('SA_AIS_ERR_INVALID_PARAM', 'executive.start', `service number ${service.number} is taken`);
    }
    this.services.set(service.number, service);
    this.#messaging.register(
      new OrderedReceiver(service.number, (fn, frame, start) => this.#ordered(service, fn, frame, start)),
    );
    service.start({
      nodeId: this.nodeId,
      order: (fn, body) => {
        this.#outgoing.push({ service: service.number, fn, connection: 0, tag: 0, flags: 0, body });
        this.#flush();
      },
      violation: this.#options.onViolation,
    });
  }

  /** A client; its requests for registered services. */
  serve(link: ExecutiveLink): RequestHandler {
    const connection = new ManagedConnection(this, link, ++this.#lastConnection);
    this.#connections.set(connection.id, connection);
    return connection;
  }

  get isSynchronized(): boolean {
    return this.#round?.isCommitted ?? false;
  }

  get isPrimary(): boolean {
    return this.#isPrimary;
  }

  get hasQuorum(): boolean {
    return this.#options.quorum !== undefined;
  }

  // --- requests --------------------------------------------------------------------------------------------------------------

  get #isReady(): boolean {
    return this.isSynchronized && this.#isPrimary && this.#outgoing.length === 0;
  }

  get isOpen(): boolean {
    const isTurn = this.#isServing || this.#waitingForOpen.size === 0;
    return this.#isReady && isTurn && this.#messaging.flow.isOpen(MEDIUM);
  }

  whenOpen(attempt: () => boolean): () => void {
    this.#waitingForOpen.add(attempt);
    this.#watchRoom();
    return () => this.#waitingForOpen.delete(attempt);
  }

  /** Whoever waits in the flow keeps others from sending: only while there is no room. */
  #watchRoom(): void {
    const { flow } = this.#messaging;
    if (this.#isWatchingRoom || (flow.isOpen(MEDIUM) && !flow.isRefused(MEDIUM))) return;
    this.#isWatchingRoom = true;
    flow.wait(MEDIUM, () => {
      this.#isWatchingRoom = false;
      this.#flush();
      return true;
    });
  }

  order(request: OrderedRequest): boolean {
    const { service, fn, body, isSafe, connection } = request;
    const tag = (this.#lastTag + 1) >>> 0 || 1;
    if (!this.#send(service.number, fn, connection.id, tag, isSafe ? SAFE : 0, body)) return false;
    this.#lastTag = tag;
    this.#pending.set(tag, request);
    return true;
  }

  afterBarrier(run: () => void): void {
    this.#barrier.add(() => (this.#log === undefined ? run() : this.#keep({ run, bytes: 0 })));
  }

  closed(connection: ManagedConnection): void {
    this.#connections.delete(connection.id);
    for (const [number, face] of connection.faces) this.services.get(number)?.disconnected?.(face);
  }

  /** The executive ends. */
  end(what: string): void {
    this.#tick?.cancel();
    for (const connection of [...this.#connections.values()]) connection.end(what);
  }

  /** Whatever waits for a state in which messages may be ordered, in its order. */
  #flush(): void {
    if (!this.isSynchronized || !this.#isPrimary) return;
    for (let first = this.#outgoing[0]; first !== undefined; first = this.#outgoing[0]) {
      if (!this.#send(first.service, first.fn, first.connection, first.tag, first.flags, first.body)) {
        this.#watchRoom();
        return;
      }
      this.#outgoing.shift();
    }
    this.#barrier.retry();
    this.#isServing = true;
    const waiting = [...this.#waitingForOpen];
    this.#waitingForOpen.clear();
    let served = 0;
    while (served < waiting.length && this.isOpen) waiting[served++]!();
    // Who was refused again stands behind those who had no turn yet.
    this.#waitingForOpen = new Set([...waiting.slice(served), ...this.#waitingForOpen]);
    this.#isServing = false;
    if (this.#waitingForOpen.size > 0) this.#watchRoom();
  }

  #send(service: number, fn: number, connection: number, tag: number, flags: number, body: Uint8Array): boolean {
    const header = encodeOrdered(service, fn, {
      time: Math.max(this.#time, this.#options.clock.now()),
      connection,
      tag,
    });
    return this.#messaging.multicast(MEDIUM, flags, header, body);
  }

  #sendOwn(priority: PriorityNumber, fn: number, body: Uint8Array): boolean {
    return this.#messaging.multicast(priority, 0, makeHeader(MANAGER, fn), body);
  }

  // --- the total order: services ---------------------------------------------------------------------------------------------

  #ordered(service: Service, fn: number, frame: MessageFrame, start: number): boolean {
    const { sender, flags } = frame;
    const header = decodeOrdered(frame.memory, start, frame.end);
    if (header === undefined) {
      this.#options.onViolation(`a short message of node ${sender} for service ${service.id}`);
      return true;
    }
    const request = (flags & OWN) !== 0 && header.tag !== 0 ? this.#pending.get(header.tag) : undefined;
    if (request !== undefined) this.#pending.delete(header.tag);
    const at = bodyStart(start);
    const apply = (body: BodyReader, isHeld: boolean) => {
      this.#time = Math.max(this.#time, header.time);
      const outcome = this.#apply(service, fn, sender, header.connection, body);
      if (request !== undefined && outcome !== undefined) this.#answer({ service, request, outcome }, isHeld);
    };
    const isHeld = (flags & SAFE) !== 0 && this.#isTransitional;
    if (!this.#isPrimary) {
      if ((flags & OWN) !== 0)
        this.#refused(service, fn, flags & SAFE, header, frame.memory.subarray(at, frame.end), request);
    } else if (this.#log === undefined) {
      apply(new BodyReader(frame.memory, at, frame.end), isHeld);
    } else {
      const copy = Buffer.from(frame.memory.subarray(at, frame.end));
      this.#keep({ run: () => apply(new BodyReader(copy), isHeld), bytes: copy.length });
    }
    return true;
  }

  #apply(service: Service, fn: number, sender: number, connection: number, body: BodyReader): Outcome | undefined {
    const time = this.#time;
    const index = this.#index++;
    const [ring, representative] = [this.#ring, BigInt(this.#round?.members[0] ?? 0)];
    if ((service.nextDeadline?.() ?? Number.POSITIVE_INFINITY) <= time) service.expire?.(time);
    const message: ExecutiveMessage = {
      sender,
      connection,
      time,
      body,
      // Rings of equal sequence that exist beside each other have different representatives.
      get position() {
        return (ring << 96n) | (representative << 64n) | index;
      },
    };
    try {
      const handler = service.executive[fn];
      if (handler === undefined) throw new BodyError(`there is no function ${fn}`);
      return handler(message);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      this.#options.onViolation(`node ${sender}, service ${service.id}: ${error.message}`);
      return failure('SA_AIS_ERR_LIBRARY', 'the message was malformed');
    }
  }

  #answer(held: Held, isHeld: boolean): void {
    if (isHeld) this.#held.push(held);
    else held.request.connection.answer(held.request.tag, held.outcome);
  }

  /** Ordered in a component that is not primary: nothing was done, anywhere. It is sent again, in its order. */
  #refused(
    service: Service,
    fn: number,
    flags: number,
    { connection, tag }: { connection: number; tag: number },
    body: Buffer,
    request: OrderedRequest | undefined,
  ): void {
    if (request !== undefined && !request.mayWait) {
      request.connection.answer(request.tag, TRY_AGAIN);
      return;
    }
    if (request !== undefined) this.#pending.set(tag, request);
    this.#outgoing.push({ service: service.number, fn, connection, tag, flags, body: Buffer.from(body) });
  }

  #keep(entry: Entry): void {
    this.#log?.push(entry);
    this.#logBytes += entry.bytes;
    if (this.#logBytes > LOG_MAX)
      this.#options.onFailure(new Error(`the state did not come within ${LOG_MAX} bytes of messages`));
  }

  // --- the total order: the manager's own -------------------------------------------------------------------------------------

  deliver(fn: number, frame: MessageFrame, start: number): boolean {
    const body = new BodyReader(frame.memory, start, frame.end);
    try {
      this.#own(fn, frame, body);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      this.#options.onViolation(`node ${frame.sender}, synchronisation: ${error.message}`);
    }
    return true;
  }

  #own(fn: number, { sender, flags }: MessageFrame, body: BodyReader): void {
    const isOwn = (flags & OWN) !== 0;
    switch (fn) {
      case HELLO:
        if (!this.#isOfThisRing(body)) return;
        this.#round?.hello(sender, this.#hello(sender, body));
        return;
      case CHUNK: {
        if (!this.#isOfThisRing(body)) return;
        const service = body.u8();
        if (this.#round?.chunk(sender, service, body) !== true) throw new BodyError('a chunk that nobody waits for');
        return;
      }
      case END:
        if (!this.#isOfThisRing(body)) return;
        if (this.#round?.end(sender, body.u8()) !== true) throw new BodyError('the end of what nobody waits for');
        return;
      case BARRIER:
        if (!isOwn) return;
        if (!this.#isPrimary) this.#barrier.again();
        else for (const run of this.#barrier.passed()) run();
        return;
      case TICK: {
        const time = body.f64();
        body.end();
        if (isOwn) this.#isTickOnTheWay = false;
        if (this.#isPrimary) this.#expire(time);
        return;
      }
      default:
        throw new BodyError(`there is no function ${fn}`);
    }
  }

  /** It was made for the ring in which it is delivered: what waits in a queue goes out in the next ring if its own is over. */
  #isOfThisRing(body: BodyReader): boolean {
    return this.#stamp.equals(body.take(STAMP_SIZE));
  }

  /** Whoever says nonsense of itself has nothing. */
  #hello(sender: number, body: BodyReader): Hello {
    try {
      return decodeHello(body);
    } catch (error) {
      this.#options.onViolation(`the hello of node ${sender}: ${(error as Error).message}`);
      return {
        lineage: `? ${sender}`,
        oldMembers: [sender],
        lastPrimaryView: 0,
        hasSeenAll: false,
        time: 0,
        history: [],
        services: [],
      };
    }
  }

  // --- configurations --------------------------------------------------------------------------------------------------------

  configuration({ configuration, ring }: ConfigurationChange): boolean {
    if (configuration.kind === 'transitional') {
      this.#isTransitional = true;
      if (this.#isLineageFresh) this.#lineage = configuration.id;
      this.#isLineageFresh = false;
      return true;
    }
    this.#isTransitional = false;
    this.#round?.abandon();
    this.#chunks = [];
    this.#log = undefined;
    this.#logBytes = 0;
    this.#ring = ring.seq;
    this.#stamp.writeBigUInt64LE(ring.seq);
    this.#stamp.writeUInt32LE(ring.nonce, 8);
    this.#index = 0n;
    this.#round = new Round(this, configuration.id, Number(ring.seq), configuration.members);
    return true;
  }

  synchronize(): Iterable<Uint8Array> {
    return [Buffer.concat([makeHeader(MANAGER, HELLO), this.#stamp, encodeHello(this.#ownHello())])];
  }

  #ownHello(): Hello {
    const services = [...this.services.values()].map(
      (service): ServiceHello => ({
        number: service.number,
        isBlank: service.replica?.isBlank() ?? true,
        digest: Buffer.from(service.replica?.digest() ?? NOTHING),
        greeting: Buffer.from(service.greeting?.() ?? NOTHING),
      }),
    );
    return {
      lineage: this.#lineage,
      oldMembers: this.#oldMembers,
      lastPrimaryView: this.#lastPrimaryView,
      hasSeenAll: this.#hasSeenAll,
      time: Math.max(this.#time, this.#options.clock.now()),
      history: this.#history,
      services,
    };
  }

  planned(plan: Plan): void {
    const round = this.#round!;
    this.#time = Math.max(this.#time, plan.time);
    this.#vote(round);
    if (plan.receivers.has(this.nodeId)) this.#log = [];
    if (!plan.isBlocking) this.#messaging.unplug();
  }

  #vote({ members, hellos }: Round): void {
    const { quorum } = this.#options;
    if (quorum === undefined) return;
    const hadSeenAll = [...hellos.values()].some(({ hasSeenAll }) => hasSeenAll);
    const { isPrimary, hasSeenAll } = countVotes(quorum, members, hadSeenAll);
    this.#isPrimary = isPrimary;
    this.#hasSeenAll = hasSeenAll;
  }

  committed(plan: Plan): void {
    const round = this.#round!;
    const { id, viewNumber, members, hellos } = round;
    const about = { id, viewNumber, members, time: this.#time };
    const lineage = hellos.get(this.nodeId)?.lineage;
    for (const [number, service] of this.services)
      service.configurationChanged?.(serviceConfiguration(plan, number, hellos, about));
    this.#adopt(round, plan);
    const log = this.#log ?? [];
    this.#log = undefined;
    this.#logBytes = 0;
    for (const { run } of log) run();
    if (plan.isBlocking) this.#messaging.unplug();
    if (this.#isPrimary) this.#settle(plan, lineage);
    this.#flush();
    this.#arm();
  }

  #adopt({ id, viewNumber, members }: Round, plan: Plan): void {
    this.#history = [...plan.first.history, id].slice(-HISTORY_MAX);
    this.#oldMembers = members;
    this.#lineage = id;
    this.#isLineageFresh = true;
    this.#lastPrimaryView = this.#isPrimary ? viewNumber : plan.first.lastPrimaryView;
  }

  /** Answers that were held: the state that they speak of is that of all members now, unless another component's was taken. */
  #settle(plan: Plan, lineage: string | undefined): void {
    const held = this.#held;
    this.#held = [];
    for (const { service, request, outcome } of held) {
      const transfer = plan.transfers.find((each) => each.service === service.number);
      const hasLost = transfer !== undefined && !this.#wasIn(transfer.parts[0]!.members, lineage);
      const isLost = hasLost && service.replica?.mergeKeepsAll !== true;
      request.connection.answer(request.tag, isLost ? LOST : outcome);
    }
  }

  #wasIn(members: readonly number[], lineage: string | undefined): boolean {
    return members.some((member) => this.#round!.hellos.get(member)?.lineage === lineage);
  }

  // --- RoundHost --------------------------------------------------------------------------------------------------------------

  sendChunk(service: number, chunk: Uint8Array): void {
    this.#sendRecovery(Buffer.concat([makeHeader(MANAGER, CHUNK), this.#stamp, Buffer.from([service]), chunk]));
  }

  sendEnd(service: number): void {
    this.#sendRecovery(Buffer.concat([makeHeader(MANAGER, END), this.#stamp, Buffer.from([service])]));
  }

  #sendRecovery(message: Buffer): void {
    this.#chunks.push(message);
    if (this.#chunks.length === 1) this.#drainChunks();
  }

  #drainChunks(): void {
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (!this.#messaging.multicast(RECOVERY, 0, first, NOTHING)) {
        this.#messaging.flow.wait(RECOVERY, () => {
          this.#drainChunks();
          return true;
        });
        return;
      }
      this.#chunks.shift();
    }
  }

  // --- deadlines --------------------------------------------------------------------------------------------------------------

  endOfBatch(): void {
    this.#arm();
  }

  #expire(time: number): void {
    const run = () => {
      this.#time = Math.max(this.#time, time);
      for (const service of this.services.values()) {
        if ((service.nextDeadline?.() ?? Number.POSITIVE_INFINITY) <= this.#time) service.expire?.(this.#time);
      }
    };
    if (this.#log === undefined) run();
    else this.#keep({ run, bytes: 0 });
  }

  /** The first member watches the deadlines; it tells the others when one is over. */
  #arm(): void {
    const isWatching = this.isSynchronized && this.#isPrimary && this.#round?.members[0] === this.nodeId;
    let next = Number.POSITIVE_INFINITY;
    if (isWatching && !this.#isTickOnTheWay)
      for (const service of this.services.values()) next = Math.min(next, service.nextDeadline?.() ?? next);
    if (this.#tick?.at === next) return;
    this.#tick?.cancel();
    this.#tick = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    const cancel = this.#options.clock.after(Math.max(0, next - this.#options.clock.now()), () => this.#over());
    this.#tick = { at: next, cancel };
  }

  #over(): void {
    this.#tick = undefined;
    const body = Buffer.alloc(8);
    body.writeDoubleLE(this.#options.clock.now());
    this.#isTickOnTheWay = this.#sendOwn(HIGH, TICK, body);
    if (!this.#isTickOnTheWay) this.#arm();
  }
}

const LOST = failure('SA_AIS_ERR_BAD_HANDLE', 'another component won the merge; open again');

/** Ordered messages of one service. */
class OrderedReceiver implements ServiceReceiver {
  readonly id: number;
  readonly deliver: ServiceReceiver['deliver'];

  constructor(id: number, deliver: ServiceReceiver['deliver']) {
    this.id = id;
    this.deliver = deliver;
  }

  configuration(): boolean {
    return true;
  }

  synchronize(): Iterable<Uint8Array> {
    return [];
  }

  endOfBatch(): void {}
}
