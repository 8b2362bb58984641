/**
 * The group messaging interface: services on one side, the ring on the other. It routes deliveries to services, hands their messages
 * to the send queues, and keeps a new ring to recovery until the services have told newcomers what they must know. No I/O, no time.
 */
import type { DeliveredConfiguration, RingId } from '../totem/boundary.js';
import { type Configuration, type ConfigurationChange, ConfigurationHistory, sameRing } from './configuration.js';
import { Flow } from './flow.js';
import { HEADER_SIZE, MAX_SERVICES } from './header.js';
import {
  type DeliveryVisitor,
  type MessageFrame,
  type MessagePort,
  PRIORITIES,
  type PriorityNumber,
  RECOVERY,
} from './port.js';

/** Bytes of payload that a service may put into one message. The ring takes 64 more for headers. */
export const MAX_PAYLOAD = 1 << 20;
const MAX_HEADER = 16;
/** Messages that are bound to a configuration and not answered yet. The answers of so many find room beside the core's other events. */
export const MAX_TICKETS = 16384;
const PLUGGED = 1 << RECOVERY;
const UNPLUGGED = (1 << PRIORITIES) - 1;

/** What a service hears, in the one total order. */
export interface ServiceReceiver {
  /** Id on the wire, 0 to 255. */
  readonly id: number;
  /** A message; the service's own part of it starts at `start`. False: read no further until resumeReading(). */
  deliver(fn: number, frame: MessageFrame, start: number): boolean;
  /** False as in deliver(). */
  configuration(change: ConfigurationChange): boolean;
  /**
   * Messages (header included) that newcomers of a regular configuration need before any other of this node. They are sent at
   * recovery priority while everything else waits; asked for one by one, as there is room. `newcomers`: its members that came
   * with it, or with one before it in which they could not be told all.
   */
  synchronize(change: ConfigurationChange, newcomers: readonly number[]): Iterable<Uint8Array>;
  /** All that came together has been delivered; the memory of the frames is given back. */
  endOfBatch(): void;
}

export interface MessagingStats {
  /** Messages for a service that this executive does not have, or too short to name one. */
  unknownService: number;
}

export class GroupMessaging implements DeliveryVisitor {
  readonly flow = new Flow();
  readonly stats: MessagingStats = { unknownService: 0 };
  /** Called after the services, for each configuration. */
  onConfiguration: ((change: ConfigurationChange) => void) | undefined;
  #port!: MessagePort;
  readonly #services: (ServiceReceiver | undefined)[] = new Array(MAX_SERVICES).fill(undefined);
  readonly #receivers: ServiceReceiver[] = [];
  readonly #history = new ConfigurationHistory();
  readonly #tickets = new Map<bigint, (isPlaced: boolean) => void>();
  #nextTicket = 1n;
  /** Priorities that were refused a ticket, as a mask. */
  #ticketless = 0;
  #regular: ConfigurationChange | undefined;
  #latest: Configuration | undefined;
  #installing: RingId | undefined;
  /** Nodes that joined and were not told all that they need. */
  readonly #untold = new Set<number>();
  #announcing: { readonly messages: Iterator<Uint8Array>; next: IteratorResult<Uint8Array> } | undefined;
  #keepsPlugged = false;
  /** unplug() came before the last announcement was sent. */
  #mayUnplug = false;
  #scratch = Buffer.allocUnsafeSlow(1 << 16);

  /** Once, before anything else: a port is made with those whom it tells, and this is one of them. */
  attach(port: MessagePort): void {
    this.#port = port;
  }

  register(service: ServiceReceiver): void {
    if (this.#services[service.id] !== undefined) throw new Error(`Two services have the id ${service.id}.`);
    this.#services[service.id] = service;
    this.#receivers.push(service);
  }

  /** The regular configuration that was delivered last; none before the first. */
  get regular(): Configuration | undefined {
    return this.#regular?.configuration;
  }

  /** The configuration that was delivered last, of either kind. */
  get latest(): Configuration | undefined {
    return this.#latest;
  }

  /** False from the moment that a ring is to be installed until this node told its newcomers all they need. */
  get isSynchronized(): boolean {
    return this.#installing === undefined;
  }

  // --- sending -------------------------------------------------------------------------------------------------------------

  /** Sends header and payload as one message. False: flow control refused it, and nothing was done. */
  multicast(priority: PriorityNumber, flags: number, header: Uint8Array, payload: Uint8Array): boolean {
    if (!this.flow.isOpen(priority)) return false;
    return this.#submit(priority, flags, 0n, undefined, this.#compose(header, payload));
  }

  /**
   * The same with each of the payloads that lie packed (packed.ts) in memory[start, end), as far as there is room. Returns where the first
   * is that was not taken.
   */
  multicastPacked(
    priority: PriorityNumber,
    flags: number,
    header: Uint8Array,
    memory: Buffer,
    start: number,
    end: number,
  ): number {
    if (!this.flow.isOpen(priority)) return start;
    const next = this.#port.submitPacked(priority, flags, header, memory, start, end);
    if (next < end) this.flow.refuse(priority);
    return next;
  }

  /** As multicast(), but in the regular configuration `id` or not at all: `settle` is told whether it has its place there. */
  multicastIn(
    id: string,
    priority: PriorityNumber,
    flags: number,
    header: Uint8Array,
    payload: Uint8Array,
    settle: (isPlaced: boolean) => void,
  ): boolean {
    if (!this.flow.isOpen(priority)) return false;
    if (this.#regular?.configuration.id !== id) {
      settle(false);
      return true;
    }
    if (this.#tickets.size >= MAX_TICKETS) {
      this.flow.refuse(priority);
      this.#ticketless |= 1 << priority;
      return false;
    }
    const ticket = this.#nextTicket;
    if (!this.#submit(priority, flags, ticket, this.#regular.ring, this.#compose(header, payload))) return false;
    this.#nextTicket++;
    this.#tickets.set(ticket, settle);
    return true;
  }

  /** The event `placed`. */
  placed(ticket: bigint, seq: bigint): void {
    const settle = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    settle?.(seq !== 0n);
    if (this.#ticketless === 0 || this.#tickets.size > MAX_TICKETS / 2) return;
    const mask = this.#ticketless;
    this.#ticketless = 0;
    this.flow.room(mask);
  }

  #submit(
    priority: PriorityNumber,
    flags: number,
    ticket: bigint,
    onlyIn: RingId | undefined,
    message: Uint8Array,
  ): boolean {
    const isTaken = this.#port.submit(priority, flags, ticket, onlyIn, message);
    if (!isTaken) this.flow.refuse(priority);
    return isTaken;
  }

  #compose(header: Uint8Array, payload: Uint8Array): Uint8Array {
    const size = header.length + payload.length;
    const memory = this.#room(size);
    memory.set(header, 0);
    memory.set(payload, header.length);
    return memory.subarray(0, size);
  }

  #room(size: number): Buffer {
    if (size > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(MAX_PAYLOAD + MAX_HEADER);
    return this.#scratch;
  }

  // --- delivery ------------------------------------------------------------------------------------------------------------

  message(frame: MessageFrame): boolean {
    const { memory, start } = frame;
    const service = frame.end - start < HEADER_SIZE ? undefined : this.#services[memory[start]!];
    if (service === undefined) {
      this.stats.unknownService++;
      return true;
    }
    return service.deliver(memory[start + 1]!, frame, start + HEADER_SIZE);
  }

  configuration(delivered: DeliveredConfiguration): boolean {
    const change = this.#history.next(delivered);
    this.#latest = change.configuration;
    const isRegular = delivered.kind === 'regular';
    if (isRegular) {
      this.#regular = change;
      for (const node of change.configuration.joined) this.#untold.add(node);
    }
    let isReading = true;
    for (const service of this.#receivers) isReading = service.configuration(change) && isReading;
    if (isRegular && this.#installing !== undefined && sameRing(this.#installing, change.ring))
      this.#synchronize(change);
    this.onConfiguration?.(change);
    return isReading;
  }

  end(): void {
    for (const service of this.#receivers) service.endOfBatch();
  }

  resumeReading(): void {
    this.#port.resume();
  }

  // --- synchronisation -----------------------------------------------------------------------------------------------------

  /**
   * To be called before the command that installs `ring`: from its first packet on the new ring carries recovery only. Otherwise a
   * message that waited in a queue could reach a newcomer before what it needs to read it. When several rings follow each other
   * before this node has looked at the first, only the last one's configuration ends the silence.
   */
  installing(ring: RingId): void {
    this.#installing = ring;
    this.#announcing = undefined;
    this.#mayUnplug = false;
    this.#port.plug(PLUGGED);
  }

  #synchronize(change: ConfigurationChange): void {
    const newcomers = change.configuration.members.filter((node) => this.#untold.has(node));
    const messages = synchronization(this.#receivers, change, newcomers);
    this.#announcing = { messages, next: messages.next() };
    if (!this.#announce()) this.flow.wait(RECOVERY, () => this.#announce());
  }

  /** True: nothing is left to be sent. Strict priority in the core sends all of it before anything that is unplugged after it. */
  #announce(): boolean {
    const announcing = this.#announcing;
    if (announcing === undefined) return true;
    while (!announcing.next.done) {
      if (!this.#submit(RECOVERY, 0, 0n, undefined, announcing.next.value)) return false;
      announcing.next = announcing.messages.next();
    }
    this.#announcing = undefined;
    if (!this.#keepsPlugged || this.#mayUnplug) this.unplug();
    return true;
  }

  /** From now on a new ring carries recovery only until unplug(). */
  keepPlugged(): void {
    this.#keepsPlugged = true;
  }

  /** What waits may be sent in the regular configuration that was delivered last. Nothing happens if another is being installed. */
  unplug(): void {
    if (this.#regular === undefined || this.#installing === undefined) return;
    if (!sameRing(this.#installing, this.#regular.ring)) return;
    this.#mayUnplug = true;
    if (this.#announcing !== undefined) return;
    this.#installing = undefined;
    this.#untold.clear();
    this.#port.plug(UNPLUGGED);
  }
}

function* synchronization(
  services: readonly ServiceReceiver[],
  change: ConfigurationChange,
  newcomers: readonly number[],
): Generator<Uint8Array> {
  for (const service of services) yield* service.synchronize(change, newcomers);
}
