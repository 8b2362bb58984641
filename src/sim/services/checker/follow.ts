/**
 * Plays the journal of a run: what each process must have, at every place of it. On the way it checks what must never happen: the order of
 * what is applied, synchronisation (E19), and that what was acknowledged is with all who have the state.
 */
import type { Call, Entry, Journal } from '../journal.js';
import type { Origin } from '../message.js';
import { type Component, combine, inOrder } from './combine.js';
import { type AtBegin, FollowedProcess } from './process.js';
import type { Names } from './state.js';

export interface Problem {
  readonly predicate: 'services' | 'E19' | 'E20';
  readonly process: number;
  readonly text: string;
}

/** Whether one component alone goes on: by a majority of votes, or either of two nodes. */
export type Quorum = 'none' | 'majority' | 'two nodes';

export class Follower {
  readonly processes = new Map<number, FollowedProcess>();
  readonly problems: Problem[] = [];
  readonly #names: Names;
  readonly #quorum: Quorum;
  /** By configuration, what each of its members had. */
  readonly #begins = new Map<string, Map<number, AtBegin>>();
  /** By configuration, what was delivered of states before the first was synchronised, and who was primary. */
  readonly #synchronized = new Map<
    string,
    { transfers: readonly string[]; readonly isPrimary: boolean; readonly view: string }
  >();
  /** Members of the configurations that were primary. */
  readonly #primary = new Map<string, readonly number[]>();
  readonly #applied = new Map<bigint, string>();
  /** Acknowledged while a configuration was the last that had the state. */
  readonly #owed = new Map<string, Call[]>();
  /** What each process had applied when it left a configuration. */
  readonly #left: { readonly process: FollowedProcess; readonly id: string; readonly seen: ReadonlySet<string> }[] = [];

  constructor(names: Names, quorum: Quorum) {
    this.#names = names;
    this.#quorum = quorum;
  }

  /** `hasSettled`: what was sent has been delivered. */
  play({ entries }: Journal, hasSettled: boolean): void {
    for (const entry of entries) this.#entry(entry);
    for (const process of this.processes.values()) {
      for (const text of process.misplaced) this.#problem(process, text);
      if (process.isAlive && hasSettled) this.#leaves(process);
    }
    for (const { process, id, seen } of this.#left) {
      for (const { token, what } of this.#owed.get(id) ?? []) {
        if (!seen.has(token)) this.#problem(process, `does not have ${what} ${token}, acknowledged in ${id}`);
      }
    }
  }

  #entry(entry: Entry): void {
    if (entry.kind === 'start') {
      this.processes.set(entry.process, new FollowedProcess(entry.process, entry.node));
      return;
    }
    const process = this.processes.get(entry.process)!;
    switch (entry.kind) {
      case 'transitional':
        process.transitional(entry.id);
        return;
      case 'regular':
        this.#regular(process, entry);
        return;
      case 'message':
        process.message(entry.message, this.#names);
        return;
      case 'synchronized':
        this.#commit(process, entry.isPrimary, entry.view);
        return;
      case 'applied':
        this.#appliedAt(process, entry.position, entry.key);
        return;
      case 'acknowledged':
        this.#acknowledged(process, this.#names.calls.get(entry.token));
        return;
      case 'end':
        process.isAlive = false;
    }
  }

  #problem({ number }: FollowedProcess, text: string, predicate: Problem['predicate'] = 'services'): void {
    this.problems.push({ predicate, process: number, text });
  }

  // --- configurations --------------------------------------------------------------------------------------------------------

  #leaves(process: FollowedProcess): void {
    const { id, isCommitted, state } = process;
    if (isCommitted) this.#left.push({ process, id, seen: state.seen });
  }

  #regular(process: FollowedProcess, { id, view, members }: Extract<Entry, { kind: 'regular' }>): void {
    this.#leaves(process);
    const begins = this.#begins.get(id) ?? new Map<number, AtBegin>();
    this.#begins.set(id, begins.set(process.node, process.regular(id, view, members)));
  }

  #commit(process: FollowedProcess, isPrimary: boolean, view: string): void {
    const { id, members } = process;
    if (process.isCommitted) this.#problem(process, `is synchronised twice in ${id}`, 'E19');
    if (isPrimary && this.#quorum === 'majority') this.#comparePrimary(process);
    this.#compareTransfers(process, isPrimary, view);
    const begins = this.#begins.get(id)!;
    const missing = members.filter((member) => !begins.has(member));
    if (missing.length > 0) {
      this.#problem(process, `is synchronised in ${id} before ${missing} came to it`, 'E19');
      return;
    }
    const hasQuorum = this.#quorum !== 'none';
    const components = inOrder(componentsOf(begins, this.#originsOf(process)), hasQuorum);
    const isSure = (token: string) => this.#names.calls.get(token)?.result === 'done';
    process.commit(combine(components, hasQuorum, isSure), components[0]!, isPrimary, this.#names);
  }

  /** By node. */
  #originsOf({ origins }: FollowedProcess): Map<number, Origin> {
    return new Map([...origins.values()].map((origin) => [this.processes.get(origin.process)!.node, origin]));
  }

  /** Primary components follow one another: each has a node of every other (totem 2.3). */
  #comparePrimary(process: FollowedProcess): void {
    const { id, members } = process;
    for (const [other, nodes] of this.#primary) {
      if (!nodes.some((node) => members.includes(node)))
        this.#problem(process, `is primary in ${id}, which has no node of ${other}`);
    }
    this.#primary.set(id, members);
  }

  /** Of two that have the state of a configuration one has had delivered what the other had, and perhaps more. */
  #compareTransfers(process: FollowedProcess, isPrimary: boolean, view: string): void {
    const { id, transfers } = process;
    const known = this.#synchronized.get(id);
    if (known === undefined) {
      this.#synchronized.set(id, { transfers, isPrimary, view });
      return;
    }
    if (known.isPrimary !== isPrimary) this.#problem(process, `is ${isPrimary ? '' : 'not '}primary in ${id}`, 'E19');
    if (known.view !== view) this.#problem(process, `is told in ${id} ${view}, and others ${known.view}`, 'E20');
    const common = Math.min(transfers.length, known.transfers.length);
    if (transfers.slice(0, common).some((each, at) => each !== known.transfers[at]))
      this.#problem(process, `took other parts of states than others in ${id}`, 'E19');
    if (transfers.length > common) known.transfers = transfers;
  }

  // --- the order -------------------------------------------------------------------------------------------------------------

  /** At one position all apply the same, positions grow, and nothing is applied while the state is not there. */
  #appliedAt(process: FollowedProcess, position: bigint, key: string): void {
    const first = this.#applied.get(position) ?? key;
    this.#applied.set(position, first);
    if (first !== key) this.#problem(process, `${key} is applied at ${position}, where another applies ${first}`);
    if (position <= process.lastPosition)
      this.#problem(process, `${key} is applied at ${position}, after ${process.lastPosition}`);
    process.lastPosition = position;
    if (!process.isCommitted)
      this.#problem(process, `${key} is applied before the state of ${process.id} is there`, 'E19');
  }

  /** What is safe when it is acknowledged is with every member that has the state of that configuration. */
  #acknowledged(process: FollowedProcess, call: Call | undefined): void {
    if (call === undefined || !call.isSafe) return;
    const { committed, state } = process;
    if (state.lacks(call)) this.#problem(process, `${call.what} ${call.token} is acknowledged, and is not there`);
    const owed = this.#owed.get(committed);
    if (owed === undefined) this.#owed.set(committed, [call]);
    else owed.push(call);
  }
}

/** Members of equal lineage have had the same delivered. */
function componentsOf(begins: ReadonlyMap<number, AtBegin>, origins: ReadonlyMap<number, Origin>): Component[] {
  const byLineage = new Map<string, { nodes: number[]; begin: AtBegin }>();
  for (const [node, begin] of begins) {
    const known = byLineage.get(begin.lineage);
    if (known === undefined) byLineage.set(begin.lineage, { nodes: [node], begin });
    else known.nodes.push(node);
  }
  // Of what goes back to the same start the largest counts: clocks were read at different times.
  const ages = new Map<string, number>();
  for (const { founder, age } of origins.values()) ages.set(founder, Math.max(age, ages.get(founder) ?? 0));
  return [...byLineage.values()].map(({ nodes, begin: { lastPrimary, history, state } }) => {
    const age = ages.get(origins.get(nodes[0]!)?.founder ?? '') ?? 0;
    return { nodes, lastPrimary, age, history, state };
  });
}
