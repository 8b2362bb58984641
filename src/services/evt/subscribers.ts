/**
 * Who on this node is told of events: open channels of its clients, and their subscriptions. None of it is replicated; a subscription
 * counts from its place in the total order, which an ordered message gives it.
 */
import type { LibraryConnection } from '../../executive/service.js';
import { EVENT_AT, EVT_CLOSED, EVT_EVENT, type FilterRecord } from '../../ipc/evt.js';
import { matches } from './matching.js';
import type { Channel, Opener, RetainedEvent } from './state.js';

type Filters = readonly FilterRecord[];

/** An open channel of a client of this node. */
export class LocalOpen {
  readonly connection: LibraryConnection;
  opener: Opener;
  /** In the order of subscribing, by the client's numbers. */
  readonly subscriptions = new Map<number, Filters>();
  /** Asked for, and without a place in the order yet. */
  readonly asked = new Map<number, Filters>();
  /** That it was told of. */
  told = new WeakSet<RetainedEvent>();

  constructor(connection: LibraryConnection, opener: Opener) {
    this.connection = connection;
    this.opener = opener;
  }

  /** To the first subscription that it matches. */
  tell(patterns: readonly Buffer[], message: Buffer): boolean {
    for (const [subscription, filters] of this.subscriptions) {
      if (!matches(filters, patterns)) continue;
      message.writeUInt32LE(subscription);
      this.connection.event(this.opener.handle, EVT_EVENT, message);
      return true;
    }
    return false;
  }
}

export class Subscribers {
  readonly #connections = new Map<number, Map<number, LocalOpen>>();
  readonly #channels = new Map<Channel, Set<LocalOpen>>();

  get size(): number {
    let size = 0;
    for (const opens of this.#channels.values()) for (const open of opens) size += open.subscriptions.size;
    return size;
  }

  find(connection: number, handle: number): LocalOpen | undefined {
    return this.#connections.get(connection)?.get(handle);
  }

  add(connection: LibraryConnection, opener: Opener): void {
    const open = new LocalOpen(connection, opener);
    const handles = this.#connections.get(connection.id) ?? new Map<number, LocalOpen>();
    this.#connections.set(connection.id, handles.set(opener.handle, open));
    this.#attach(open);
  }

  remove(connection: number, handle: number): void {
    const handles = this.#connections.get(connection);
    const open = handles?.get(handle);
    if (handles === undefined || open === undefined) return;
    handles.delete(handle);
    if (handles.size === 0) this.#connections.delete(connection);
    this.#detach(open);
  }

  removeConnection(connection: number): void {
    for (const handle of [...(this.#connections.get(connection)?.keys() ?? [])]) this.remove(connection, handle);
  }

  // --- subscriptions -------------------------------------------------------------------------------------------------------

  /** The subscription has its place: what is retained comes first, higher priority first. `time`: of the cluster. */
  subscribe(connection: number, handle: number, subscription: number, time: number): void {
    const open = this.find(connection, handle);
    const filters = open?.asked.get(subscription);
    if (open === undefined || filters === undefined) return;
    open.asked.delete(subscription);
    open.subscriptions.set(subscription, filters);
    const retained = [...open.opener.channel.retained.values()].filter(
      (each) => each.deadline > time && !open.told.has(each) && matches(filters, each.event.patterns),
    );
    for (const each of retained.sort((a, b) => a.event.priority - b.event.priority)) {
      open.told.add(each);
      open.connection.event(handle, EVT_EVENT, messageOf(subscription, each.body));
    }
  }

  // --- events --------------------------------------------------------------------------------------------------------------

  has(channel: Channel): boolean {
    return this.#channels.has(channel);
  }

  /** `message`: as encodeEvent() makes it. `retained`: the event, if it is. */
  publish(channel: Channel, patterns: readonly Buffer[], message: Buffer, retained: RetainedEvent | undefined): void {
    for (const open of this.#channels.get(channel) ?? []) {
      if (open.tell(patterns, message) && retained !== undefined) open.told.add(retained);
    }
  }

  /** The state is another one: open channels find themselves in it again, and those that are not in it are closed. */
  rebind(find: (open: Opener) => Opener | undefined): void {
    this.#channels.clear();
    for (const handles of [...this.#connections.values()]) {
      for (const open of [...handles.values()]) {
        const was = open.opener;
        const opener = find(was);
        if (opener === undefined) {
          open.connection.event(was.handle, EVT_CLOSED, Buffer.alloc(0));
          this.remove(open.connection.id, was.handle);
          continue;
        }
        const told = new WeakSet<RetainedEvent>();
        for (const [id, retained] of was.channel.retained) {
          const same = opener.channel.retained.get(id);
          if (same !== undefined && open.told.has(retained)) told.add(same);
        }
        open.opener = opener;
        open.told = told;
        this.#attach(open);
      }
    }
  }

  #attach(open: LocalOpen): void {
    const { channel } = open.opener;
    const opens = this.#channels.get(channel) ?? new Set<LocalOpen>();
    this.#channels.set(channel, opens.add(open));
  }

  #detach(open: LocalOpen): void {
    const { channel } = open.opener;
    const opens = this.#channels.get(channel);
    opens?.delete(open);
    if (opens?.size === 0) this.#channels.delete(channel);
  }
}

function messageOf(subscription: number, body: Buffer): Buffer {
  const message = Buffer.allocUnsafe(EVENT_AT + body.length);
  message.writeUInt32LE(subscription);
  body.copy(message, EVENT_AT);
  return message;
}
