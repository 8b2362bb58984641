/** What this node's state comes from: with whom it has it in common, and which configurations it has gone through. */
import { type Hello, HISTORY_MAX } from './hello.js';
import type { Part } from './plan.js';

export class Lineage {
  /** Equal for those who delivered the same messages since the last configuration that they all committed, and no others. */
  #id: string;
  #oldMembers: readonly number[];
  #history: readonly string[] = [];
  #lastPrimaryView = 0;
  #founder: string;
  /** By the clock of this node. */
  #foundedAt: number;
  /** No transitional configuration came since the last commit. */
  #isFresh = false;
  /** The transitional configuration that this node is in. */
  #transitional: string | undefined;

  constructor(nodeId: number, start: string, now: number) {
    this.#id = `start ${nodeId} ${start}`;
    this.#oldMembers = [nodeId];
    this.#founder = this.#id;
    this.#foundedAt = now;
  }

  /** For a hello. */
  about(now: number): Pick<Hello, 'lineage' | 'oldMembers' | 'lastPrimaryView' | 'founder' | 'age' | 'history'> {
    return {
      lineage: this.#id,
      oldMembers: this.#oldMembers,
      lastPrimaryView: this.#lastPrimaryView,
      founder: this.#founder,
      age: Math.max(0, now - this.#foundedAt),
      history: this.#history,
    };
  }

  /** Members of one configuration may go different ways from here. Those that only passed by, and had no commit, change nothing. */
  transitional(id: string): void {
    if (this.#isFresh) this.#id = id;
    this.#isFresh = false;
    this.#transitional = id;
  }

  regular(): void {
    this.#transitional = undefined;
  }

  /** The state of a regular configuration is settled. `first`: of the parts that it was made from. It may be over by then: this node has
   *  gone the way already that others went after their commit. */
  committed(id: string, members: readonly number[], first: Part, primaryView: number | undefined, now: number): void {
    this.#id = this.#transitional ?? id;
    this.#isFresh = this.#transitional === undefined;
    this.#oldMembers = members;
    this.#history = [...first.history, id].slice(-HISTORY_MAX);
    this.#lastPrimaryView = primaryView ?? first.lastPrimaryView;
    if (first.founder !== this.#founder) {
      this.#founder = first.founder;
      this.#foundedAt = now - first.age;
    }
  }
}
