/**
 * Lists of groups, one object for equal lists however often and by whom they are named, and which local sessions each of them reaches.
 * The latter is a local matter: joining and leaving are not ordered against messages.
 */

export interface GroupList<Session> {
  readonly key: string;
  /** Frozen; the same array for all messages to this list. */
  readonly names: readonly string[];
  /** Who names it: routes of members and of this node. It is forgotten with the last. */
  references: number;
  /** Sessions that have joined any of it, each once; up to date while `version` is that of the registry. */
  reached: readonly Session[];
  version: number;
}

export class GroupLists<Session> {
  readonly #lists = new Map<string, GroupList<Session>>();
  readonly #joined = new Map<string, Set<Session>>();
  #version = 0;

  get size(): number {
    return this.#lists.size;
  }

  /** Counts as one reference: release() it. Repeated names count once. */
  acquire(names: readonly string[]): GroupList<Session> {
    const key = listKey(names);
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = { key, names: Object.freeze([...new Set(names)]), references: 0, reached: [], version: -1 };
      this.#lists.set(key, list);
    }
    list.references++;
    return list;
  }

  release(list: GroupList<Session>): void {
    list.references--;
    if (list.references === 0) this.#lists.delete(list.key);
  }

  /** The sessions that a message to this list reaches. A new array after each change, so it may be walked while handlers change it. */
  reached(list: GroupList<Session>): readonly Session[] {
    if (list.version !== this.#version) {
      const sessions = new Set<Session>();
      for (const name of list.names) for (const session of this.#joined.get(name) ?? []) sessions.add(session);
      list.reached = [...sessions];
      list.version = this.#version;
    }
    return list.reached;
  }

  join(session: Session, name: string): void {
    const sessions = this.#joined.get(name);
    if (sessions === undefined) this.#joined.set(name, new Set([session]));
    else sessions.add(session);
    this.#version++;
  }

  leave(session: Session, name: string): void {
    const sessions = this.#joined.get(name);
    if (sessions?.delete(session) && sessions.size === 0) this.#joined.delete(name);
    this.#version++;
  }
}

/** Lengths keep lists apart whose names hold any separator. */
function listKey(names: readonly string[]): string {
  let key = '';
  for (const name of new Set(names)) key += `${name.length}:${name}`;
  return key;
}
