/** What one member has announced: its routes, as this executive understands them. */
import type { GroupList, GroupLists } from './group-lists.js';
import { MAX_ROUTES_OF_A_MEMBER } from './limits.js';
import type { AnnouncedRoute } from './messages.js';

export interface MemberRoute<Session> {
  readonly session: number;
  readonly isSafe: boolean;
  readonly list: GroupList<Session>;
}

export class MemberRoutes<Session> {
  readonly #routes = new Map<number, MemberRoute<Session>>();
  readonly #lists: GroupLists<Session>;

  constructor(lists: GroupLists<Session>) {
    this.#lists = lists;
  }

  get(route: number): MemberRoute<Session> | undefined {
    return this.#routes.get(route);
  }

  /** A route never changes, so one that is known already is the same. False: the member announced more than it may. */
  add(route: AnnouncedRoute): boolean {
    if (this.#routes.has(route.id)) return true;
    if (this.#routes.size >= MAX_ROUTES_OF_A_MEMBER) return false;
    const list = this.#lists.acquire(route.groups);
    this.#routes.set(route.id, { session: route.session, isSafe: route.isSafe, list });
    return true;
  }

  remove(route: number): void {
    const known = this.#routes.get(route);
    if (known === undefined) return;
    this.#routes.delete(route);
    this.#lists.release(known.list);
  }

  clear(): void {
    for (const route of this.#routes.values()) this.#lists.release(route.list);
    this.#routes.clear();
  }
}
