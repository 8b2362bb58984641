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
 * | 5 tick | high | f64 time: deadlines up to it are over |
 * | 6 marker | medium, behind what this node ordered before | nothing: what it sends counts again (backlogs.ts) |
 */
import { aisError } from '../../ais-error.js';
import type { ConfigurationChange } from '../../gmi/configuration.js';
import type { GroupMessaging, ServiceReceiver } from '../../gmi/group-messaging.js';
import { makeHeader } from '../../gmi/header.js';
import { MEDIUM, type MessageFrame, OWN, SAFE } from '../../gmi/port.js';
import { BodyError, BodyReader } from '../../ipc/body.js';
import type { ExecutiveLink, RequestHandler } from '../../ipc/link.js';
import { type Service, uncertain } from '../service.js';
import { Applier, type Place } from './applier.js';
import { Backlogs } from './backlogs.js';
import { Barrier } from './barrier.js';
import type { ManagerClock } from './clock.js';
import { type ConnectionHost, ManagedConnection, type OrderedRequest, TRY_AGAIN } from './connection.js';
import { HeldAnswers } from './held-answers.js';
import { encodeHello, type Hello, helloOf, serviceHello } from './hello.js';
import { Lineage } from './lineage.js';
import { bodyStart, decodeOrdered, type OrderedHeader } from './ordered.js';
import { Orders } from './orders.js';
import { origin, type Plan, serviceConfiguration } from './plan.js';
import { Primacy, type PrimacyOptions } from './primacy.js';
import { LOG_MAX, ReplayLog } from './replay-log.js';
import { Round, type RoundHost } from './round.js';
import { Ticker } from './ticker.js';
import { TransferQueue } from './transfer-queue.js';
import { WaitingLine } from './waiting-line.js';

const MANAGER = 0;
const HELLO = 1;
const CHUNK = 2;
const END = 3;
const BARRIER = 4;
const TICK = 5;
const MARKER = 6;
const STAMP_SIZE = 12;
const NOTHING = new Uint8Array(0);

export interface ManagerOptions extends PrimacyOptions {
  readonly nodeId: number;
  /** Unique for this start of the node. */
  readonly start: string;
  readonly clock: ManagerClock;
  /** Something is wrong that this executive cannot mend: it has to end. */
  readonly onFailure: (error: Error) => void;
  readonly onViolation: (what: string) => void;
  /** The synchronisation waits for these nodes; for none: it is over. Told again when something of it came. */
  readonly onAwaited?: (nodes: readonly number[]) => void;
  /** For the log. */
  readonly onNotice?: (fields: object, message: string) => void;
  /** The services have the state of a configuration. */
  readonly onSynchronized?: () => void;
}

export class ServiceManager implements ServiceReceiver, ConnectionHost, RoundHost {
  readonly id = MANAGER;
  readonly nodeId: number;
  readonly services = new Map<number, Service>();
  readonly #messaging: GroupMessaging;
  readonly #options: ManagerOptions;
  readonly #connections = new Map<number, ManagedConnection>();
  readonly #line: WaitingLine;
  readonly #orders: Orders;
  readonly #backlogs: Backlogs;
  readonly #barrier: Barrier;
  readonly #lineage: Lineage;
  readonly #primacy: Primacy;
  readonly #transfers: TransferQueue;
  readonly #ticker: Ticker;
  readonly #log = new ReplayLog();
  readonly #held = new HeldAnswers();
  readonly #applier: Applier;
  #round: Round | undefined;
  readonly #stamp = Buffer.alloc(STAMP_SIZE);
  #lastConnection = 0;
  #place: Place = { viewNumber: 0, nonce: 0, isTransitional: false, first: 0 };

  constructor(messaging: GroupMessaging, options: ManagerOptions) {
    const { nodeId, start, clock } = options;
    this.#messaging = messaging;
    this.#options = options;
    this.nodeId = nodeId;
    this.#primacy = new Primacy(options);
    this.#lineage = new Lineage(nodeId, start, clock.now());
    this.#applier = new Applier(options.onViolation);
    this.#orders = new Orders(messaging, () => this.#now());
    this.#transfers = new TransferQueue(messaging);
    const pass = (fn: number) => messaging.multicast(MEDIUM, 0, makeHeader(MANAGER, fn), NOTHING);
    this.#backlogs = new Backlogs(nodeId, () => pass(MARKER));
    // A read sees what its client ordered before, also what has to be sent again.
    this.#barrier = new Barrier(() => this.#orders.isEmpty && pass(BARRIER));
    this.#line = new WaitingLine(
      messaging.flow,
      () => this.#isReady && this.#orders.isEmpty,
      () => this.#flush(),
    );
    this.#ticker = new Ticker(messaging, makeHeader(MANAGER, TICK), clock, () => this.#nextDeadline());
    messaging.register(this);
    messaging.keepPlugged();
  }

  register(service: Service): void {
    const { number } = service;
    if (!Number.isInteger(number) || number <= MANAGER || number > 255 || this.services.has(number)) {
      const what = `service '${service.id}' cannot have number ${number}`;
      throw aisError('SA_AIS_ERR_INVALID_PARAM', 'executive.start', what);
    }
    this.services.set(number, service);
    const deliver: ServiceReceiver['deliver'] = (fn, frame, start) => this.#ordered(service, fn, frame, start);
    this.#messaging.register({
      id: number,
      deliver,
      configuration: () => true,
      synchronize: () => [],
      endOfBatch: () => {},
    });
    service.start({
      nodeId: this.nodeId,
      order: (fn, body) => {
        this.#orders.add(number, fn, body);
        if (this.#isReady && !this.#send()) this.#line.watchRoom();
      },
      violation: this.#options.onViolation,
      notice: (fields, message) =>
        this.#options.onNotice?.({ service: service.id, configuration: this.#round?.id, ...fields }, message),
    });
  }

  /** A client: its requests for registered services. */
  serve(link: ExecutiveLink): RequestHandler {
    this.#lastConnection += 1;
    const connection = new ManagedConnection(this, link, this.#lastConnection);
    this.#connections.set(connection.id, connection);
    return connection;
  }

  /** The executive ends. */
  end(what: string): void {
    this.#ticker.end();
    for (const connection of [...this.#connections.values()]) connection.end(what);
  }

  get clients(): number {
    return this.#connections.size;
  }

  get isSynchronized(): boolean {
    return this.#round?.isCommitted ?? false;
  }

  get isPrimary(): boolean {
    return this.#primacy.isPrimary;
  }

  get hasQuorum(): boolean {
    return this.#options.quorum !== undefined;
  }

  get clock(): ManagerClock {
    return this.#options.clock;
  }

  get #isReady(): boolean {
    return this.isSynchronized && this.isPrimary && this.#round?.isFull !== true;
  }

  // --- ConnectionHost ---------------------------------------------------------------------------------------------------------

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  whenOpen(attempt: () => void): () => void {
    return this.#line.wait(attempt);
  }

  order(request: OrderedRequest): boolean {
    return this.#orders.request(request);
  }

  afterBarrier(run: () => void): void {
    this.#barrier.add(() => {
      if (!this.#log.isOpen) run();
      // Its configuration is over before it had the state: the next one has an order, too.
      else this.#keep(run, () => this.afterBarrier(run), 0);
    });
  }

  closed(connection: ManagedConnection): void {
    this.#connections.delete(connection.id);
    for (const [number, face] of connection.faces) this.services.get(number)?.disconnected?.(face);
  }

  /** Whatever waits for a state in which messages may be ordered, in its order. */
  #flush(): void {
    if (!this.#isReady) return;
    if (!this.#send()) {
      this.#line.watchRoom();
      return;
    }
    this.#barrier.retry();
    this.#line.serve();
  }

  /** False: there is no room for all of it. Behind a marker nothing goes before it has come back, and flush() follows. */
  #send(): boolean {
    return this.#backlogs.isOwn ? this.#backlogs.mark() : this.#orders.flush();
  }

  #now(): number {
    return Math.max(this.#applier.time, this.#options.clock.now());
  }

  // --- the total order: services ---------------------------------------------------------------------------------------------

  #ordered(service: Service, fn: number, frame: MessageFrame, start: number): boolean {
    const { sender, flags, memory, end } = frame;
    const header = decodeOrdered(memory, start, end);
    if (header === undefined) {
      this.#options.onViolation(`a short message of node ${sender} for service ${service.id}`);
      return true;
    }
    const isOwn = (flags & OWN) !== 0;
    const request = isOwn ? this.#orders.delivered(header) : undefined;
    const at = bodyStart(start);
    const place = this.#place;
    this.#round?.ordered(end - at);
    const isHeld = (flags & SAFE) !== 0 && place.isTransitional;
    const apply = (body: BodyReader) => {
      const outcome = this.#applier.apply(service, fn, sender, header, body, place);
      if (request === undefined || outcome === undefined) return;
      if (isHeld) this.#held.add(service, request, outcome);
      else request.connection.answer(request.tag, outcome);
    };
    if (!this.isPrimary || this.#backlogs.has(sender)) {
      if (isOwn) this.#refuse(service, fn, flags & SAFE, header, Buffer.from(memory.subarray(at, end)), request);
    } else if (!this.#log.isOpen) {
      apply(new BodyReader(memory, at, end));
    } else {
      const copy = Buffer.from(memory.subarray(at, end));
      const drop = () => request?.connection.answer(request.tag, INTERRUPTED);
      this.#keep(() => apply(new BodyReader(copy)), drop, copy.length);
    }
    return true;
  }

  /** Ordered in a component that is not primary, or behind what was: nothing was done, anywhere. It is sent again, in its order. */
  #refuse(
    service: Service,
    fn: number,
    flags: number,
    header: OrderedHeader,
    body: Buffer,
    request: OrderedRequest | undefined,
  ): void {
    if (request !== undefined && !request.mayWait) request.connection.answer(request.tag, TRY_AGAIN);
    else this.#orders.again(service.number, fn, flags, header, body, request);
  }

  #keep(run: () => void, drop: () => void, bytes: number): void {
    if (this.#log.add({ run, drop }, bytes)) return;
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
    if (fn === BARRIER) {
      if (isOwn) this.#passed();
    } else if (fn === MARKER) {
      this.#backlogs.marked(sender, this.isPrimary);
      if (isOwn) this.#flush();
    } else if (fn === TICK) {
      const time = body.f64();
      body.end();
      if (isOwn) this.#ticker.passed();
      this.#expire(time);
    } else if (fn === HELLO || fn === CHUNK || fn === END) {
      // What waits in a queue goes out in the next ring if its own is over.
      if (this.#stamp.equals(body.take(STAMP_SIZE))) this.#synchronization(fn, sender, body);
    } else {
      throw new BodyError(`there is no function ${fn}`);
    }
  }

  #synchronization(fn: number, sender: number, body: BodyReader): void {
    const round = this.#round!;
    if (fn === HELLO) {
      round.hello(sender, helloOf(sender, body, this.#options.onViolation));
    } else {
      const service = body.u8();
      const wasFull = round.isFull;
      const isExpected = fn === CHUNK ? round.chunk(sender, service, body) : round.end(sender, service);
      if (!isExpected) throw new BodyError('a part of a state that nobody waits for');
      if (wasFull && !round.isFull) this.#flush();
    }
    this.#options.onAwaited?.(round.awaited);
  }

  #passed(): void {
    if (!this.isPrimary || this.#backlogs.isOwn) this.#barrier.again();
    else for (const run of this.#barrier.passed()) run();
  }

  // --- configurations --------------------------------------------------------------------------------------------------------

  configuration({ configuration, ring }: ConfigurationChange): boolean {
    const { kind, id, members } = configuration;
    const first = members[0]!;
    if (kind === 'transitional') {
      this.#place = { ...this.#place, isTransitional: true, first };
      this.#lineage.transitional(id);
      return true;
    }
    this.#lineage.regular();
    this.#round?.abandon();
    this.#transfers.clear();
    this.#log.drop();
    this.#stamp.writeBigUInt64LE(ring.seq);
    this.#stamp.writeUInt32LE(ring.nonce, 8);
    const viewNumber = Number(ring.seq);
    this.#applier.begin();
    this.#place = { viewNumber, nonce: ring.nonce, isTransitional: false, first };
    this.#round = new Round(this, id, viewNumber, members);
    this.#options.onAwaited?.(members);
    return true;
  }

  synchronize(): Iterable<Uint8Array> {
    return [Buffer.concat([makeHeader(MANAGER, HELLO), this.#stamp, encodeHello(this.#ownHello())])];
  }

  #ownHello(): Hello {
    return {
      ...this.#lineage.about(this.#options.clock.now()),
      ...this.#primacy.about,
      time: this.#now(),
      isBehind: this.#orders.isBehind,
      services: [...this.services.values()].map(serviceHello),
    };
  }

  // --- RoundHost --------------------------------------------------------------------------------------------------------------

  planned(plan: Plan): void {
    this.#applier.advance(plan.time);
    const { members, hellos } = this.#round!;
    this.#primacy.vote(members, [...hellos.values()]);
    this.#backlogs.planned(hellos);
    if (plan.receivers.has(this.nodeId)) this.#log.open();
    if (!plan.isBlocking) this.#messaging.unplug();
  }

  committed(plan: Plan): void {
    const { id, viewNumber, members, hellos } = this.#round!;
    const about = { id, viewNumber, members, time: this.#applier.time };
    for (const [number, service] of this.services)
      service.configurationChanged?.(serviceConfiguration(plan, number, hellos, about));
    const primaryView = this.isPrimary ? viewNumber : undefined;
    this.#primacy.committed(viewNumber);
    this.#lineage.committed(id, members, plan.first, primaryView, this.#options.clock.now());
    const held = this.#held.take();
    this.#log.replay();
    if (plan.isBlocking) this.#messaging.unplug();
    // Before anything is answered: whoever reads the log knows in which configuration that was.
    this.#options.onNotice?.({ configuration: id, members, primary: this.isPrimary, ...origin(plan) }, 'synchronized');
    this.#held.settle(held, plan, hellos, this.nodeId, this.isPrimary);
    this.#flush();
    this.#ticker.watch();
    this.#options.onSynchronized?.();
  }

  failed(error: Error): void {
    this.#options.onFailure(error);
  }

  sendChunk(service: number, chunk: Uint8Array): void {
    this.#transfers.add(Buffer.concat([makeHeader(MANAGER, CHUNK), this.#stamp, Buffer.from([service]), chunk]));
  }

  sendEnd(service: number): void {
    this.#transfers.add(Buffer.concat([makeHeader(MANAGER, END), this.#stamp, Buffer.from([service])]));
  }

  // --- deadlines --------------------------------------------------------------------------------------------------------------

  endOfBatch(): void {
    this.#ticker.watch();
  }

  /** The first member watches them. */
  #nextDeadline(): number {
    if (!this.#isReady || this.#round?.members[0] !== this.nodeId) return Number.POSITIVE_INFINITY;
    return Math.min(
      ...[...this.services.values()].map((service) => service.nextDeadline?.() ?? Number.POSITIVE_INFINITY),
    );
  }

  #expire(time: number): void {
    if (!this.isPrimary) return;
    const run = () => {
      for (const service of this.services.values()) this.#applier.expire(service, time);
    };
    if (this.#log.isOpen) this.#keep(run, () => {}, 0);
    else run();
  }
}

/** Others had the state, and applied it. */
const INTERRUPTED = uncertain('SA_AIS_ERR_INTERRUPT', 'the configuration changed before this node had the state');
