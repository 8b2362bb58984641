/**
 * The routes of this executive's sessions: numbered once, announced with the first message, withdrawn when they are no longer needed.
 * A number is never used twice while the executive lives.
 */
import type { GroupMessaging } from '../../gmi/group-messaging.js';
import { PRIORITIES } from '../../gmi/port.js';
import type { PriorityCode } from '../../ipc/evs.js';
import { MAX_ROUTES } from './limits.js';
import { type AnnouncedRoute, encodeAnnouncements, encodeWithdrawal, messageHeader } from './messages.js';

const NOTHING = new Uint8Array(0);

export interface OwnRoute extends AnnouncedRoute {
  readonly key: string;
  readonly priority: PriorityCode;
  /** Of each of its messages. */
  readonly header: Buffer;
  isAnnounced: boolean;
  isWithdrawn: boolean;
  /** Since the last look for one that is idle. */
  isUsed: boolean;
}

/** Routes of one priority that are to be withdrawn. */
interface Withdrawn {
  ids: number[];
  isWaiting: boolean;
}

export class OwnRoutes {
  readonly #routes = new Map<string, OwnRoute>();
  readonly #messaging: GroupMessaging;
  /** Forgotten, but their withdrawal has not passed its place: messages before it may still wait in a queue. */
  readonly #leaving = new Map<number, OwnRoute>();
  readonly #withdrawn: Withdrawn[] = Array.from({ length: PRIORITIES }, () => ({ ids: [], isWaiting: false }));
  #nextId = 1;

  constructor(messaging: GroupMessaging) {
    this.#messaging = messaging;
  }

  get size(): number {
    return this.#routes.size;
  }

  /** The route of a session to these groups, announced or not. Equal ones are one route. */
  find(session: number, groups: readonly string[], priority: PriorityCode, isSafe: boolean): OwnRoute {
    const key = `${session} ${priority} ${isSafe} ${JSON.stringify(groups)}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    if (this.#routes.size >= MAX_ROUTES) this.#evict();
    const id = this.#nextId++;
    const state = { isAnnounced: false, isWithdrawn: false, isUsed: true };
    const route: OwnRoute = { id, key, session, groups, priority, isSafe, header: messageHeader(id), ...state };
    this.#routes.set(key, route);
    return route;
  }

  /** To be called before each message. False: flow control refused the announcement. */
  prepare(route: OwnRoute): boolean {
    route.isUsed = true;
    if (route.isAnnounced) return true;
    for (const message of encodeAnnouncements([route])) {
      if (!this.#messaging.multicast(route.priority, 0, message, NOTHING)) return false;
    }
    route.isAnnounced = true;
    return true;
  }

  /** For newcomers: all that this node has announced and that a message may still come for. */
  announcements(): Iterable<Buffer> {
    const announced = [...this.#routes.values()].filter((route) => route.isAnnounced);
    return encodeAnnouncements([...this.#leaving.values(), ...announced]);
  }

  /** An own withdrawal passed its place: nothing comes for these any more. */
  passed(withdrawn: readonly number[]): void {
    for (const id of withdrawn) this.#leaving.delete(id);
  }

  closeSession(session: number): void {
    for (const route of this.#routes.values()) if (route.session === session) this.#forget(route);
    this.#withdrawAll();
  }

  /** Second chance: the first that was not used since the last look. */
  #evict(): void {
    for (const route of this.#routes.values()) {
      if (!route.isUsed) {
        this.#forget(route);
        this.#withdrawAll();
        return;
      }
      route.isUsed = false;
    }
    this.#evict();
  }

  #forget(route: OwnRoute): void {
    this.#routes.delete(route.key);
    route.isWithdrawn = true;
    if (!route.isAnnounced) return;
    this.#leaving.set(route.id, route);
    this.#withdrawn[route.priority]!.ids.push(route.id);
  }

  #withdrawAll(): void {
    this.#withdrawn.forEach((withdrawn, priority) => {
      if (withdrawn.isWaiting || withdrawn.ids.length === 0) return;
      withdrawn.isWaiting = !this.#withdraw(withdrawn, priority as PriorityCode);
      if (!withdrawn.isWaiting) return;
      this.#messaging.flow.wait(priority, () => this.#withdraw(withdrawn, priority as PriorityCode));
    });
  }

  /** Behind the last message of the routes, since it has their priority. */
  #withdraw(withdrawn: Withdrawn, priority: PriorityCode): boolean {
    if (!this.#messaging.multicast(priority, 0, encodeWithdrawal(withdrawn.ids), NOTHING)) return false;
    withdrawn.ids = [];
    withdrawn.isWaiting = false;
    return true;
  }
}
