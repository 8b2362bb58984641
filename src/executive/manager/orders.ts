/** Messages of this node on their way into the total order: what services order by themselves, and what clients asked for. */
import type { GroupMessaging } from '../../gmi/group-messaging.js';
import { MEDIUM, SAFE } from '../../gmi/port.js';
import type { OrderedRequest } from './connection.js';
import { encodeOrdered, type OrderedHeader } from './ordered.js';

interface Outgoing {
  readonly service: number;
  readonly fn: number;
  readonly connection: number;
  readonly tag: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

export class Orders {
  readonly #messaging: GroupMessaging;
  readonly #now: () => number;
  /** Requests whose messages are on the way, by tag. */
  readonly #pending = new Map<number, OrderedRequest>();
  /** What waits for room, before any request: as much as services order, and as was under way when quorum was lost. */
  readonly #waiting: Outgoing[] = [];
  /** At the head of what waits: refused since something was sent. All of it was ordered before the rest. */
  #refused = 0;
  #lastTag = 0;

  /** `now`: the time that messages carry. */
  constructor(messaging: GroupMessaging, now: () => number) {
    this.#messaging = messaging;
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Something waits that was ordered before what the send queue may hold. */
  get isBehind(): boolean {
    return this.#refused > 0;
  }

  /** Of a service itself. */
  add(service: number, fn: number, body: Uint8Array): void {
    this.#waiting.push({ service, fn, connection: 0, tag: 0, flags: 0, body });
  }

  /** False: there was no room, and nothing was done. */
  request(request: OrderedRequest): boolean {
    const { service, fn, body, isSafe, connection } = request;
    const tag = (this.#lastTag + 1) >>> 0 || 1;
    const flags = isSafe ? SAFE : 0;
    if (!this.#send({ service: service.number, fn, connection: connection.id, tag, flags, body })) return false;
    this.#lastTag = tag;
    this.#pending.set(tag, request);
    return true;
  }

  /** A message of this node was delivered: the request that it answers, if there is one. */
  delivered({ tag }: OrderedHeader): OrderedRequest | undefined {
    if (tag === 0) return undefined;
    const request = this.#pending.get(tag);
    this.#pending.delete(tag);
    return request;
  }

  /** It was delivered where it does not count: it goes out again, before what was never sent. */
  again(
    service: number,
    fn: number,
    flags: number,
    { connection, tag }: OrderedHeader,
    body: Uint8Array,
    request: OrderedRequest | undefined,
  ): void {
    if (request !== undefined) this.#pending.set(tag, request);
    this.#waiting.splice(this.#refused++, 0, { service, fn, connection, tag, flags, body });
  }

  /** Sends what waits. False: there is no room for all of it. */
  flush(): boolean {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (!this.#send(first)) return false;
      this.#waiting.shift();
      this.#refused = 0;
    }
    return true;
  }

  #send({ service, fn, connection, tag, flags, body }: Outgoing): boolean {
    const header = encodeOrdered(service, fn, { time: this.#now(), connection, tag });
    return this.#messaging.multicast(MEDIUM, flags, header, body);
  }
}
