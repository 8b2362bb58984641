/** The executive's half of one EVS session: what it has joined, where it sends to, and what of its own has passed. */
import type { GroupMessaging } from '../../gmi/group-messaging.js';
import { countPacked } from '../../gmi/packed.js';
import { SAFE } from '../../gmi/port.js';
import type { EvsRefusal, EvsSettle, EvsSink, PriorityCode } from '../../ipc/evs.js';
import type { GroupLists } from './group-lists.js';
import { MAX_GROUPS_A_CALL, MAX_GROUPS_A_LIST } from './limits.js';
import type { OwnRoute, OwnRoutes } from './own-routes.js';
import { Passage } from './passage.js';

/** What a session needs of the service. */
export interface SessionHost {
  readonly messaging: GroupMessaging;
  readonly lists: GroupLists<EvsSessionHandler>;
  readonly routes: OwnRoutes;
  /** The session was full and is no longer. */
  resume(session: EvsSessionHandler): void;
  close(session: EvsSessionHandler): void;
}

export class EvsSessionHandler {
  readonly passage = new Passage();
  /** In the order of joining; replaced, never changed, so that it can be compared by identity. */
  groups: readonly string[] = [];
  isClosed = false;

  /** Unique on the node while the executive lives. */
  readonly id: number;
  readonly sink: EvsSink;
  readonly #service: SessionHost;

  constructor(service: SessionHost, id: number, sink: EvsSink) {
    this.#service = service;
    this.id = id;
    this.sink = sink;
  }

  /** All of them or, if it would be too many, none. */
  join(groups: readonly string[]): EvsRefusal | undefined {
    const added = [...new Set(groups)].filter((group) => !this.groups.includes(group));
    if (groups.length > MAX_GROUPS_A_CALL) return tooManyGroups(MAX_GROUPS_A_CALL);
    if (this.groups.length + added.length > MAX_GROUPS_A_LIST) return tooManyGroups(MAX_GROUPS_A_LIST);
    for (const group of added) this.#service.lists.join(this, group);
    this.groups = [...this.groups, ...added];
    return undefined;
  }

  /** In order; stops at the first that is not joined, those before it are left. */
  leave(groups: readonly string[]): EvsRefusal | undefined {
    const left = new Set(this.groups);
    const index = groups.findIndex((group) => !left.delete(group));
    for (const group of groups.slice(0, index < 0 ? groups.length : index)) this.#service.lists.leave(this, group);
    this.groups = [...left];
    return index < 0 ? undefined : { code: 'SA_AIS_ERR_NOT_EXIST', what: `groups[${index}] is not joined`, index };
  }

  /** `to` left out: whatever is joined at the time of sending. */
  destination(to: readonly string[] | undefined, priority: PriorityCode, isSafe: boolean): Destination {
    return new Destination(this.#service, this, to, priority, isSafe);
  }

  /** Calls back once all that was accepted until now has passed its place in the order. Returns how to give up waiting. */
  whenPassed(done: () => void): () => void {
    return this.passage.whenPassed(done);
  }

  /** The sink has room again after it returned false. */
  resume(): void {
    this.#service.resume(this);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const group of this.groups) this.#service.lists.leave(this, group);
    this.groups = [];
    this.#service.close(this);
  }
}

function tooManyGroups(most: number): EvsRefusal {
  return { code: 'EVS_ERR_TOO_MANY_GROUPS', what: `at most ${most} groups` };
}

export class Destination {
  readonly priority: PriorityCode;
  readonly #service: SessionHost;
  readonly #session: EvsSessionHandler;
  readonly #to: readonly string[] | undefined;
  readonly #isSafe: boolean;
  #route: OwnRoute | undefined;

  constructor(
    service: SessionHost,
    session: EvsSessionHandler,
    to: readonly string[] | undefined,
    priority: PriorityCode,
    isSafe: boolean,
  ) {
    this.#service = service;
    this.#session = session;
    this.#to = to;
    this.priority = priority;
    this.#isSafe = isSafe;
  }

  /** memory[start, end) holds messages as src/gmi/packed.ts packs them. Returns where the first is that flow control refused. */
  sendPacked(memory: Buffer, start: number, end: number): number {
    const route = this.#prepared();
    if (route === undefined) return start;
    const next = this.#service.messaging.multicastPacked(route.priority, this.#flags, route.header, memory, start, end);
    this.#session.passage.accept(route.priority, countPacked(memory, start, next));
    return next;
  }

  /** In the configuration of this id or not at all (FAILED_OPERATION). False: flow control refused it, nothing was done. */
  sendIn(id: string, data: Uint8Array, settle: EvsSettle): boolean {
    const route = this.#prepared();
    if (route === undefined) return false;
    const { passage } = this.#session;
    let ordinal = 0;
    let isOver = false;
    const settled = (isPlaced: boolean) => {
      isOver = true;
      if (!isPlaced && ordinal > 0) passage.drop(route.priority, ordinal);
      settle(isPlaced ? undefined : { code: 'SA_AIS_ERR_FAILED_OPERATION', what: `configuration ${id} is over` });
    };
    if (!this.#service.messaging.multicastIn(id, route.priority, this.#flags, route.header, data, settled))
      return false;
    if (!isOver) ordinal = passage.accept(route.priority);
    return true;
  }

  get #flags(): number {
    return this.#isSafe ? SAFE : 0;
  }

  #prepared(): OwnRoute | undefined {
    const groups = this.#to ?? this.#session.groups;
    let route = this.#route;
    if (route === undefined || route.isWithdrawn || route.groups !== groups) {
      route = this.#service.routes.find(this.#session.id, groups, this.priority, this.#isSafe);
      this.#route = route;
    }
    return this.#service.routes.prepare(route) ? route : undefined;
  }
}
