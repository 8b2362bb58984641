/** Where a session beyond a link sends to: told to the executive with the first message, from then on a number. */
import { BodyWriter } from '../../ipc/body.js';
import type { EvsSettle, PriorityCode } from '../../ipc/evs.js';
import {
  DEFINE,
  DESTINATIONS_MAX,
  EVS_SERVICE,
  JOINED_GROUPS,
  SAFE_DESTINATION,
  SEND,
  SEND_HEADER_SIZE,
  SEND_IN,
  writeGroups,
} from '../../ipc/evs-frames.js';
import type { WindowLink } from '../../ipc/link.js';
import { settleWith } from './remote-answer.js';

/** The destinations of one session that the executive knows. */
export class RemoteDestinations {
  readonly #link: WindowLink;
  readonly #object: number;
  readonly #defined: RemoteDestination[] = [];
  readonly #byKey = new Map<string, RemoteDestination>();
  /** Whose number is the next to be given to another one. */
  #hand = 0;
  /** Messages that the executive has accepted, and that may still be on the way. */
  sent = 0;

  constructor(link: WindowLink, object: number) {
    this.#link = link;
    this.#object = object;
  }

  get(to: readonly string[] | undefined, priority: PriorityCode, isSafe: boolean): RemoteDestination {
    const key = `${priority} ${isSafe} ${to === undefined ? '' : JSON.stringify(to)}`;
    return this.#byKey.get(key) ?? new RemoteDestination(this, this.#link, this.#object, key, { to, priority, isSafe });
  }

  /** Gives it a number. False: there is no room now. */
  define(destination: RemoteDestination): boolean {
    const { to, priority, isSafe } = destination.target;
    const isNew = this.#defined.length < DESTINATIONS_MAX;
    const number = isNew ? this.#defined.length : this.#hand;
    const flags = (isSafe ? SAFE_DESTINATION : 0) | (to === undefined ? JOINED_GROUPS : 0);
    const body = new BodyWriter().u32(this.#object).u16(number).u8(priority).u8(flags);
    if (this.#link.request(EVS_SERVICE, DEFINE, 0, writeGroups(body, to ?? []).finish()) === false) return false;
    const former = this.#defined[number];
    if (former !== undefined) {
      former.forget();
      this.#byKey.delete(former.key);
      this.#hand = (this.#hand + 1) % DESTINATIONS_MAX;
    }
    this.#defined[number] = destination;
    this.#byKey.set(destination.key, destination);
    destination.number = number;
    return true;
  }
}

interface RemoteTarget {
  readonly to: readonly string[] | undefined;
  readonly priority: PriorityCode;
  readonly isSafe: boolean;
}

export class RemoteDestination {
  readonly key: string;
  readonly target: RemoteTarget;
  readonly #all: RemoteDestinations;
  readonly #link: WindowLink;
  readonly #head = Buffer.alloc(SEND_HEADER_SIZE);
  #isDefined = false;

  constructor(all: RemoteDestinations, link: WindowLink, object: number, key: string, target: RemoteTarget) {
    this.#all = all;
    this.#link = link;
    this.key = key;
    this.target = target;
    this.#head.writeUInt32LE(object, 0);
  }

  set number(number: number) {
    this.#head.writeUInt16LE(number, 4);
    this.#isDefined = true;
  }

  forget(): void {
    this.#isDefined = false;
  }

  /** False: flow control refused it, nothing was done. */
  send(data: Uint8Array): boolean {
    if (!this.#isDefined && !this.#all.define(this)) return false;
    if (!this.#link.requestItem(EVS_SERVICE, SEND, this.#head, data)) return false;
    this.#all.sent++;
    return true;
  }

  sendAll(data: readonly Uint8Array[]): number {
    let taken = 0;
    while (taken < data.length && this.send(data[taken]!)) taken++;
    return taken;
  }

  /** In the configuration of this id or not at all (FAILED_OPERATION). */
  sendIn(id: string, data: Uint8Array, flags: number, settle: EvsSettle): boolean {
    if (!this.#isDefined && !this.#all.define(this)) return false;
    const head = new BodyWriter().rest(this.#head).text(id).finish();
    if (this.#link.request(EVS_SERVICE, SEND_IN, flags, head, settleWith(settle), data) === false) return false;
    this.#all.sent++;
    return true;
  }
}
