/**
 * The replicated state of EVT: channels, who has them open, and the events that they retain. A channel that was unlinked has no name that
 * leads to it; it lives on for its openers and is gone with the last of them, with all that it retains.
 */
import type { EventRecord } from '../../ipc/evt.js';
import { decodeEvent } from '../../ipc/evt.js';
import { type Expiring, Expiry } from './expiry.js';
import { EVENT_OVERHEAD } from './limits.js';

export interface Channel {
  readonly name: string;
  /** 0: a name leads to it. Else what tells it from others that had its name. */
  unlinkId: bigint;
  readonly openers: Set<Opener>;
  /** In the order of publication. */
  readonly retained: Map<bigint, RetainedEvent>;
  /** That those take. */
  retainedBytes: number;
}

/** The order in which channels are listed, and sent to joiners. */
export function byName(a: Pick<Channel, 'name' | 'unlinkId'>, b: Pick<Channel, 'name' | 'unlinkId'>): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.unlinkId === b.unlinkId) return 0;
  return a.unlinkId < b.unlinkId ? -1 : 1;
}

export interface OpenerKey {
  readonly node: number;
  readonly connection: number;
  /** The client's number for it. */
  readonly handle: number;
}

export interface Opener extends OpenerKey {
  /** PUBLISHER, SUBSCRIBER. */
  readonly flags: number;
  readonly channel: Channel;
}

export interface RetainedEvent extends Expiring {
  readonly channel: Channel;
  readonly event: EventRecord;
  /** As it is written. */
  readonly body: Buffer;
}

export class EvtState {
  /** To which names lead. */
  readonly linked = new Map<string, Channel>();
  readonly unlinked = new Set<Channel>();
  retainedBytes = 0;
  readonly #expiry = new Expiry<RetainedEvent>();
  /** By node, connection and handle. */
  readonly #openers = new Map<number, Map<number, Map<number, Opener>>>();

  get isBlank(): boolean {
    return this.channelCount === 0;
  }

  get channelCount(): number {
    return this.linked.size + this.unlinked.size;
  }

  *channels(): Generator<Channel> {
    yield* this.linked.values();
    yield* this.unlinked;
  }

  // --- channels ------------------------------------------------------------------------------------------------------------

  create(name: string, unlinkId = 0n): Channel {
    const channel: Channel = { name, unlinkId, openers: new Set(), retained: new Map(), retainedBytes: 0 };
    if (unlinkId === 0n) this.linked.set(name, channel);
    else this.unlinked.add(channel);
    return channel;
  }

  unlink(channel: Channel, unlinkId: bigint): void {
    this.linked.delete(channel.name);
    channel.unlinkId = unlinkId;
    this.unlinked.add(channel);
    this.#collect(channel);
  }

  /** Nobody can come to it any more. */
  #collect(channel: Channel): void {
    if (channel.unlinkId === 0n || channel.openers.size > 0) return;
    for (const retained of [...channel.retained.values()]) this.drop(retained);
    this.unlinked.delete(channel);
  }

  /** After a merge, in which openers of members that did not come along were left out. */
  collectAll(): void {
    for (const channel of [...this.unlinked]) this.#collect(channel);
  }

  // --- openers -------------------------------------------------------------------------------------------------------------

  opener({ node, connection, handle }: OpenerKey): Opener | undefined {
    return this.#openers.get(node)?.get(connection)?.get(handle);
  }

  opensOf(node: number, connection: number): number {
    return this.#openers.get(node)?.get(connection)?.size ?? 0;
  }

  open(channel: Channel, { node, connection, handle }: OpenerKey, flags: number): Opener {
    const opener: Opener = { node, connection, handle, flags, channel };
    channel.openers.add(opener);
    const connections = this.#openers.get(node) ?? new Map<number, Map<number, Opener>>();
    const handles = connections.get(connection) ?? new Map<number, Opener>();
    this.#openers.set(node, connections.set(connection, handles.set(handle, opener)));
    return opener;
  }

  close(opener: Opener): void {
    const { node, connection, handle, channel } = opener;
    const connections = this.#openers.get(node)!;
    const handles = connections.get(connection)!;
    handles.delete(handle);
    if (handles.size === 0) connections.delete(connection);
    if (connections.size === 0) this.#openers.delete(node);
    channel.openers.delete(opener);
    this.#collect(channel);
  }

  closeConnection(node: number, connection: number): void {
    for (const opener of [...(this.#openers.get(node)?.get(connection)?.values() ?? [])]) this.close(opener);
  }

  closeNode(node: number): void {
    for (const connection of [...(this.#openers.get(node)?.keys() ?? [])]) this.closeConnection(node, connection);
  }

  // --- retained events -----------------------------------------------------------------------------------------------------

  /** @throws {BodyError} `body` is no event. */
  retain(channel: Channel, body: Buffer): RetainedEvent {
    const event = decodeEvent(body);
    const deadline = event.publishTime + event.retentionTime;
    const retained: RetainedEvent = { channel, event, body, deadline, isGone: false };
    channel.retained.set(event.id, retained);
    this.#count(channel, body.length + EVENT_OVERHEAD);
    this.#expiry.add(retained);
    return retained;
  }

  drop(retained: RetainedEvent): void {
    this.#expiry.remove(retained);
    this.#forget(retained);
  }

  get nextDeadline(): number {
    return this.#expiry.next;
  }

  expire(time: number): void {
    for (let due = this.#expiry.takeDue(time); due !== undefined; due = this.#expiry.takeDue(time)) {
      due.isGone = true;
      this.#forget(due);
    }
  }

  #forget({ channel, event, body }: RetainedEvent): void {
    channel.retained.delete(event.id);
    this.#count(channel, -body.length - EVENT_OVERHEAD);
  }

  #count(channel: Channel, bytes: number): void {
    channel.retainedBytes += bytes;
    this.retainedBytes += bytes;
  }
}
