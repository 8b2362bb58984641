/**
 * EVS in the executive. It has no replicated state: who receives a message is a local matter, and a route that a member has announced
 * is known to all who were in the configuration then, or is announced again to who came later.
 */
import { asFirst, type ConfigurationChange } from '../../gmi/configuration.js';
import type { GroupMessaging, ServiceReceiver } from '../../gmi/group-messaging.js';
import { type MessageFrame, OWN, type PriorityNumber } from '../../gmi/port.js';
import type { ConfigurationEvent, EvsDelivery, EvsRefusal, EvsSink, PriorityCode } from '../../ipc/evs.js';
import { GroupLists } from './group-lists.js';
import { MAX_SESSIONS } from './limits.js';
import { type MemberRoute, MemberRoutes } from './member-routes.js';
import { ANNOUNCE, decodeAnnouncement, decodeWithdrawal, EVS, MESSAGE, WITHDRAW } from './messages.js';
import { OwnRoutes } from './own-routes.js';
import { EvsSessionHandler, type SessionHost } from './session.js';

export interface EvsStats {
  /** Messages that a correct member does not send: malformed, of an unknown function or route, too many routes. */
  violations: number;
}

const NO_MEMORY = Buffer.alloc(0);
const ROUTE_SIZE = 4;

export class EvsService implements ServiceReceiver, SessionHost {
  readonly id = EVS;
  readonly lists = new GroupLists<EvsSessionHandler>();
  readonly routes: OwnRoutes;
  readonly messaging: GroupMessaging;
  readonly stats: EvsStats = { violations: 0 };
  readonly #members = new Map<number, MemberRoutes<EvsSessionHandler>>();
  readonly #sessions = new Map<number, EvsSessionHandler>();
  #isLeaving = false;
  /** Sessions that can take no more: while there are any, nothing is read. */
  readonly #full = new Set<EvsSessionHandler>();
  /** Of the message before: most have the same. */
  #lastRoute: MemberRoute<EvsSessionHandler> | undefined;
  #lastRouteSender = 0;
  #lastRouteNumber = 0;
  #nextSession = 1;
  #together: readonly number[] = [];
  readonly #delivery: EvsDelivery = {
    groups: [],
    sender: 0,
    session: 0,
    priority: 2,
    isSafe: false,
    memory: NO_MEMORY,
    start: 0,
    end: 0,
    at: -1,
  };

  constructor(messaging: GroupMessaging) {
    this.messaging = messaging;
    this.routes = new OwnRoutes(messaging);
    messaging.register(this);
  }

  /** For operators. */
  status(): object {
    return { sessions: this.#sessions.size, ...this.stats };
  }

  // --- sessions ------------------------------------------------------------------------------------------------------------

  /** The current regular configuration. */
  get configurationNow(): ConfigurationEvent {
    const { regular } = this.messaging;
    if (regular === undefined) throw new Error('EVS is used before the first configuration.');
    return regular;
  }

  /** The sink is told of the current configuration before this returns. */
  open(sink: EvsSink, groups: readonly string[]): EvsSessionHandler | EvsRefusal {
    if (this.#sessions.size >= MAX_SESSIONS) {
      return { code: 'SA_AIS_ERR_NO_RESOURCES', what: `${MAX_SESSIONS} sessions are open on this node` };
    }
    const session = new EvsSessionHandler(this, this.#nextSession++, sink);
    this.#sessions.set(session.id, session);
    sink.configuration(asFirst(this.configurationNow));
    const { latest } = this.messaging;
    // Between a transitional configuration and the regular one that it leads to messages come in the transitional one.
    if (latest?.kind === 'transitional') sink.configuration(latest);
    const refusal = session.join(groups);
    if (refusal !== undefined) session.close();
    return refusal ?? session;
  }

  close(session: EvsSessionHandler): void {
    this.#sessions.delete(session.id);
    this.routes.closeSession(session.id);
    this.resume(session);
  }

  /** This node is about to leave: whoever takes nothing holds that back no longer. The link bounds what it is told. */
  leave(): void {
    this.#isLeaving = true;
    if (this.#full.size === 0) return;
    this.#full.clear();
    this.messaging.resumeReading();
  }

  /** A handler may have closed its session meanwhile: nobody would resume it. */
  #stopAt(session: EvsSessionHandler): void {
    if (!session.isClosed && !this.#isLeaving) this.#full.add(session);
  }

  resume(session: EvsSessionHandler): void {
    if (this.#full.delete(session) && this.#full.size === 0) this.messaging.resumeReading();
  }

  // --- the total order -----------------------------------------------------------------------------------------------------

  deliver(fn: number, frame: MessageFrame, start: number): boolean {
    if (fn === MESSAGE && frame.end - start >= ROUTE_SIZE) return this.#message(frame, start);
    if (fn === ANNOUNCE) this.#announced(frame, start);
    else if (fn === WITHDRAW) this.#withdrawn(frame, start);
    else this.stats.violations++;
    return true;
  }

  #message(frame: MessageFrame, start: number): boolean {
    const route = this.#routeOf(frame.sender, frame.memory.readUInt32LE(start));
    if (route === undefined) {
      this.stats.violations++;
      return true;
    }
    const reached = this.lists.reached(route.list);
    if (reached.length > 0) {
      const delivery = this.#delivery;
      delivery.groups = route.list.names;
      delivery.sender = frame.sender;
      delivery.session = route.session;
      delivery.priority = frame.priority as PriorityCode;
      delivery.isSafe = route.isSafe;
      delivery.memory = frame.memory;
      delivery.start = start + ROUTE_SIZE;
      delivery.end = frame.end;
      delivery.at = frame.at ?? -1;
      for (const session of reached) {
        if (!session.isClosed && !session.sink.message(delivery)) this.#stopAt(session);
      }
    }
    if ((frame.flags & OWN) !== 0) this.#sessions.get(route.session)?.passage.pass(frame.priority as PriorityNumber);
    return this.#full.size === 0;
  }

  #routeOf(sender: number, number: number): MemberRoute<EvsSessionHandler> | undefined {
    if (sender !== this.#lastRouteSender || number !== this.#lastRouteNumber || this.#lastRoute === undefined) {
      this.#lastRoute = this.#members.get(sender)?.get(number);
      this.#lastRouteSender = sender;
      this.#lastRouteNumber = number;
    }
    return this.#lastRoute;
  }

  #announced(frame: MessageFrame, start: number): void {
    const routes = decodeAnnouncement(frame.memory, start, frame.end);
    if (routes === undefined) {
      this.stats.violations++;
      return;
    }
    let member = this.#members.get(frame.sender);
    if (member === undefined) {
      member = new MemberRoutes(this.lists);
      this.#members.set(frame.sender, member);
    }
    for (const route of routes) if (!member.add(route)) this.stats.violations++;
  }

  #withdrawn(frame: MessageFrame, start: number): void {
    const routes = decodeWithdrawal(frame.memory, start, frame.end);
    if (routes === undefined) {
      this.stats.violations++;
      return;
    }
    for (const route of routes) this.#members.get(frame.sender)?.remove(route);
    this.#lastRoute = undefined;
    if ((frame.flags & OWN) !== 0) this.routes.passed(routes);
  }

  configuration(change: ConfigurationChange): boolean {
    const { configuration } = change;
    if (configuration.kind === 'transitional') this.#together = configuration.members;
    else this.#forgetOthers();
    for (const session of this.#sessions.values()) {
      if (!session.sink.configuration(configuration)) this.#stopAt(session);
    }
    return this.#full.size === 0;
  }

  /** Who did not come along announces again what it uses: it sees this node as a newcomer, too. */
  #forgetOthers(): void {
    this.#lastRoute = undefined;
    for (const [node, routes] of this.#members) {
      if (this.#together.includes(node)) continue;
      routes.clear();
      this.#members.delete(node);
    }
    this.#together = [];
  }

  synchronize(_change: ConfigurationChange, newcomers: readonly number[]): Iterable<Uint8Array> {
    return newcomers.length > 0 ? this.routes.announcements() : [];
  }

  endOfBatch(): void {
    for (const session of this.#sessions.values()) session.sink.endOfBatch();
  }
}
