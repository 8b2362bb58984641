/** Who on this node is told of changes. What is told comes from the total order; who is told is nobody else's business. */
import type { LibraryConnection } from '../../executive/service.js';
import { WATCH_ENDED, WATCH_KINDS, type WatchKind } from '../../ipc/ckpt.js';
import { idOf, type Section } from './checkpoint.js';
import type { CkptState } from './state.js';

export interface Watch {
  readonly connection: LibraryConnection;
  /** What its events are addressed to. */
  readonly object: number;
  readonly handle: number;
  /** Checkpoint. */
  readonly id: bigint;
}

const NOTHING = Buffer.alloc(0);

export class Watches {
  readonly #watches = new Map<bigint, Set<Watch>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  count(connection: LibraryConnection): number {
    return this.#select((watch) => watch.connection === connection).length;
  }

  add(watch: Watch): void {
    const others = this.#watches.get(watch.id);
    if (others === undefined) this.#watches.set(watch.id, new Set([watch]));
    else others.add(watch);
    this.#size++;
  }

  remove(connection: LibraryConnection, object: number): void {
    this.#drop((watch) => watch.connection === connection && watch.object === object);
  }

  disconnected(connection: LibraryConnection): void {
    this.#drop((watch) => watch.connection === connection);
  }

  closed(connection: number, handle: number): void {
    this.#drop((watch) => watch.connection.id === connection && watch.handle === handle);
  }

  tell(section: Section, kind: WatchKind): void {
    const watches = this.#watches.get(section.checkpoint.id);
    if (watches === undefined) return;
    const id = idOf(section.key);
    for (const { connection, object } of watches) connection.event(object, WATCH_KINDS.indexOf(kind), id);
  }

  /** Ends those whose checkpoint is no longer open. */
  endClosed(state: CkptState, nodeId: number): void {
    if (this.#size === 0) return;
    const isOpen = ({ connection, handle, id }: Watch) =>
      state.openers.find(nodeId, connection.id, handle)?.checkpoint.id === id;
    for (const watch of this.#select((each) => !isOpen(each)))
      watch.connection.event(watch.object, WATCH_ENDED, NOTHING);
    this.#drop((watch) => !isOpen(watch));
  }

  /** Another state has taken the place of the old one: tells how sections differ. */
  replaced(old: CkptState, now: CkptState): void {
    for (const id of this.#watches.keys()) {
      const before = old.checkpoints.get(id)?.sections;
      const after = now.checkpoints.get(id)?.sections;
      if (before === undefined || after === undefined) continue;
      for (const section of before.values()) if (!after.has(section.key)) this.tell(section, 'deleted');
      for (const section of after.values()) {
        const was = before.get(section.key);
        if (was?.version === section.version) continue;
        if (was !== undefined && was.born !== section.born) this.tell(was, 'deleted');
        this.tell(section, was?.born === section.born ? 'written' : 'created');
      }
    }
  }

  #select(choose: (watch: Watch) => boolean): Watch[] {
    return [...this.#watches.values()].flatMap((watches) => [...watches].filter(choose));
  }

  #drop(choose: (watch: Watch) => boolean): void {
    for (const watch of this.#select(choose)) {
      const watches = this.#watches.get(watch.id)!;
      watches.delete(watch);
      if (watches.size === 0) this.#watches.delete(watch.id);
      this.#size--;
    }
  }
}
