/**
 * Reads the traces once and makes the entities. It judges nothing: what makes no sense is kept as far as it can be
 * expressed, and the predicates complain. First all views and sends, since a delivery may be read before the send that
 * it belongs to; then the deliveries.
 */

import type { Member, RingId } from '../../totem/boundary.js';
import { type Configuration, type Message, type Process, type Stay, sameRing, type View } from './entities.js';
import type { History } from './history.js';
import type { TraceConfiguration, TraceEvent, TraceMessage } from './trace.js';

export interface HistoryIndex {
  readonly history: History;
  /** `history.clockError`, or what rounding makes of one moment. */
  readonly clockError: number;
  readonly processes: readonly Process[];
  readonly configurations: readonly Configuration[];
  readonly messages: readonly Message[];
  processOf(name: Member): Process | undefined;
  /** The regular configuration of that ring, if anybody delivered it. */
  regularOf(ring: RingId): Configuration | undefined;
}

/** Of one packet; no datagram holds as many messages, so that (seq, ordinal) fits into one number. */
const MAX_ORDINALS = 2 ** 17;

export function indexHistory(history: History): HistoryIndex {
  const index = new Indexer(history);
  const traced = index.processes.slice();
  for (const process of traced) index.readViewsAndSends(process);
  index.rankSends();
  for (const process of traced) index.readDeliveries(process);
  return index;
}

const ringKey = (ring: RingId) => `${ring.representative}.${ring.nonce}.${ring.seq}`;

class Indexer implements HistoryIndex {
  readonly history: History;
  readonly clockError: number;
  readonly processes: Process[] = [];
  readonly configurations: Configuration[] = [];
  readonly messages: Message[] = [];
  /** By node: its incarnations. */
  readonly #byNode = new Map<number, Process[]>();
  readonly #byIdentity = new Map<string, Configuration>();
  readonly #byHash = new Map<bigint, Message>();
  /** First sequence number seen of each ring: positions count from there, so that they stay exact near 2^53. */
  readonly #base = new Map<Configuration, bigint>();
  /** By message: the last process whose delivery of it was read. */
  readonly #deliverer: (Process | undefined)[] = [];

  constructor(history: History) {
    this.history = history;
    this.clockError = history.clockError ?? 1;
    for (const trace of history.traces) {
      if (this.processOf(trace.process) !== undefined) {
        throw new TypeError(`two traces of process ${trace.process.node}.${trace.process.incarnation}`);
      }
      this.#addProcess(trace.process, trace.events, true);
    }
    for (const crash of history.crashes ?? []) {
      const process = this.processOf(crash.process);
      if (process !== undefined) process.crashed = crash.time;
    }
  }

  processOf(name: Member): Process | undefined {
    return this.#byNode.get(name.node)?.find((process) => process.name.incarnation === name.incarnation);
  }

  regularOf(ring: RingId): Configuration | undefined {
    return this.#byIdentity.get(ringKey(ring));
  }

  readViewsAndSends(process: Process): void {
    let view: View | undefined;
    for (let at = 0; at < process.events.length; at += 1) {
      const event = process.events[at]!;
      if (event.kind === 'configuration') view = this.#openView(process, view, at, event);
      else if (event.kind === 'send') this.#readSend(process, view?.stay, at, event);
    }
    const last = process.stays.at(-1);
    if (last !== undefined) last.sentTo = process.sent.length;
  }

  readDeliveries(process: Process): void {
    let rank = -1;
    for (const view of process.views) {
      const { stay } = view;
      view.from = process.delivered.length;
      if (stay?.regular === view) {
        stay.from = view.from;
        rank = -1;
      }
      const end = view.next?.index ?? process.events.length;
      for (let at = view.index + 1; at < end && stay !== undefined; at += 1) {
        const event = process.events[at]!;
        if (event.kind === 'deliver') rank = this.#readDelivery(process, stay, rank + 1, at, event);
        else if (event.kind === 'send') process.messages[at]!.known = process.delivered.length - stay.from;
      }
      view.to = process.delivered.length;
      if (stay !== undefined) stay.to = view.to;
    }
  }

  rankSends(): void {
    for (const { sent } of this.configurations) {
      sent.sort((a, b) => a.position - b.position);
      for (const [rank, message] of sent.entries()) message.rank = rank;
    }
  }

  #addProcess(name: Member, events: readonly TraceEvent[], traced: boolean): Process {
    const process: Process = {
      number: this.processes.length,
      name,
      events,
      crashed: Infinity,
      traced,
      views: [],
      stays: [],
      messages: new Array(events.length).fill(undefined),
      delivered: [],
      deliveredAt: [],
      sent: [],
      sentAt: [],
      duplicates: [],
      resent: [],
    };
    this.processes.push(process);
    const incarnations = this.#byNode.get(name.node);
    if (incarnations === undefined) this.#byNode.set(name.node, [process]);
    else incarnations.push(process);
    return process;
  }

  #openView(process: Process, before: View | undefined, at: number, event: TraceConfiguration): View {
    const configuration = this.#configurationOf(event);
    const view: View = { process, configuration, stay: before?.stay, index: at, from: 0, to: 0, next: undefined };
    if (configuration.kind === 'regular') view.stay = openStay(view, before?.stay);
    else if (view.stay !== undefined) view.stay.transitional ??= view;
    if (before !== undefined) before.next = view;
    process.views.push(view);
    configuration.views.push(view);
    return view;
  }

  #configurationOf(event: TraceConfiguration): Configuration {
    const regular = event.configuration === 'regular';
    const key = regular ? ringKey(event.ring) : `${ringKey(event.ring)} after ${ringKey(event.old)}`;
    const known = this.#byIdentity.get(key);
    if (known !== undefined) return known;
    const members = event.members.map((name) => this.processOf(name) ?? this.#addProcess(name, [], false));
    const configuration: Configuration = {
      number: this.configurations.length,
      kind: event.configuration,
      ring: event.ring,
      old: event.old,
      members,
      memberSet: new Set(members),
      byNode: new Map(members.map((process) => [process.name.node, process])),
      views: [],
      stays: new Map(),
      sent: [],
    };
    this.configurations.push(configuration);
    this.#byIdentity.set(key, configuration);
    return configuration;
  }

  #readSend(process: Process, stay: Stay | undefined, at: number, event: TraceMessage): void {
    const before = this.#find(process, event);
    const repeated = before !== undefined && this.history.contents === 'any';
    if (before !== undefined && (!repeated || isAt(before, event))) {
      process.messages[at] = before;
      process.resent.push(at);
      return;
    }
    if (repeated) before.repeated = true;
    const message = this.#addMessage(process, event, stay, at);
    message.repeated = repeated;
    process.messages[at] = message;
    process.sent.push(message);
    process.sentAt.push(at);
    stay?.configuration.sent.push(message);
  }

  /**
   * `expected` is the rank of the message that comes next if none is missing: then there is no need to search. Returns
   * its rank.
   */
  #readDelivery(process: Process, stay: Stay, expected: number, at: number, event: TraceMessage): number {
    const origin = stay.configuration.byNode.get(event.origin);
    const next = stay.configuration.sent[expected];
    const known = next !== undefined && isMessageOf(next, origin, event) ? next : this.#find(origin, event);
    const message = known ?? this.#addMessage(origin, event, stay, -1);
    process.messages[at] = message;
    if (this.#deliverer[message.number] === process) {
      process.duplicates.push(at);
    } else {
      this.#deliverer[message.number] = process;
      process.delivered.push(message);
      process.deliveredAt.push(at);
    }
    return message.rank;
  }

  #find(origin: Process | undefined, event: TraceMessage): Message | undefined {
    for (let message = this.#byHash.get(event.hash); message !== undefined; message = message.sameHash) {
      if (isMessageOf(message, origin, event)) return message;
    }
    return undefined;
  }

  #addMessage(origin: Process | undefined, event: TraceMessage, stay: Stay | undefined, sendIndex: number): Message {
    const message: Message = {
      number: this.messages.length,
      origin,
      event,
      stay: sendIndex < 0 ? undefined : stay,
      sendIndex,
      known: 0,
      position: stay === undefined ? 0 : this.#position(stay.configuration, event),
      rank: -1,
      repeated: false,
      sameHash: this.#byHash.get(event.hash),
    };
    this.messages.push(message);
    this.#byHash.set(event.hash, message);
    return message;
  }

  #position(configuration: Configuration, event: TraceMessage): number {
    let base = this.#base.get(configuration);
    if (base === undefined) {
      base = event.seq;
      this.#base.set(configuration, base);
    }
    return Number(event.seq - base) * MAX_ORDINALS + event.ordinal;
  }
}

/** The same contents and the same origin; of an origin that repeats itself, the one at the same place. */
function isMessageOf(message: Message, origin: Process | undefined, event: TraceMessage): boolean {
  const sent = message.event;
  if (sent.hash !== event.hash || sent.label !== event.label) return false;
  if (origin === undefined ? sent.origin !== event.origin : message.origin !== origin) return false;
  return event.kind === 'send' || !message.repeated || isAt(message, event);
}

function isAt(message: Message, event: TraceMessage): boolean {
  const sent = message.event;
  return sent.seq === event.seq && sent.ordinal === event.ordinal && sameRing(sent.ring, event.ring);
}

function openStay(view: View, before: Stay | undefined): Stay {
  const { process, configuration } = view;
  const sentFrom = process.sent.length;
  const stay: Stay = {
    process,
    configuration,
    regular: view,
    transitional: undefined,
    from: 0,
    to: 0,
    sentFrom,
    sentTo: sentFrom,
    next: undefined,
  };
  if (before !== undefined) {
    before.next = stay;
    before.sentTo = sentFrom;
  }
  process.stays.push(stay);
  if (!configuration.stays.has(process)) configuration.stays.set(process, stay);
  return stay;
}
