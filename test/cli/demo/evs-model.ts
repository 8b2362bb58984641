/**
 * A model of extended virtual synchrony, small enough to be seen through: rings with one order of messages each, members that come and
 * go, and configurations as the promises of totem.md section 2 allow them. For tests of what is built on those promises.
 */
import type { Configuration } from '../../../src/client/evs/types.js';

export interface ModelMember<T> {
  configuration(configuration: Configuration): void;
  message(message: T, sender: number, isOwn: boolean, isSafe: boolean): void;
}

interface Sent<T> {
  readonly from: number;
  readonly message: T;
  readonly isSafe: boolean;
  /** Who has it. */
  readonly holders: Set<number>;
  /** Who had it while its ring was alive for them: what is recovered later, the others never hear of. */
  readonly acknowledged: Set<number>;
}

interface Ring<T> {
  readonly id: string;
  readonly members: readonly number[];
  readonly log: Sent<T>[];
  /** Who has installed it: before, nobody acknowledges anything of it (totem A1, E15). */
  readonly installed: Set<number>;
}

interface Process<T> {
  readonly member: ModelMember<T>;
  ring: Ring<T>;
  /** Messages of its ring that it has delivered. */
  delivered: number;
  /** It has left its ring and delivers nothing before the next one. */
  isFrozen: boolean;
}

export class EvsModel<T> {
  readonly #processes = new Map<number, Process<T>>();
  #rings = 0;

  get nodes(): number[] {
    return [...this.#processes.keys()].sort((a, b) => a - b);
  }

  start(node: number, member: ModelMember<T>): void {
    const ring = this.#makeRing([node]);
    ring.installed.add(node);
    this.#processes.set(node, { member, ring, delivered: 0, isFrozen: false });
    member.configuration(this.#configuration('regular', ring.id, [node]));
  }

  crash(node: number): void {
    this.#processes.delete(node);
  }

  /** False: in another configuration than `only`. The message reaches those of its ring that `reaches` says, beside the sender. */
  send(node: number, message: T, isSafe: boolean, reaches: (node: number) => boolean, only?: string): boolean {
    const process = this.#processes.get(node);
    if (process === undefined || process.isFrozen || (only !== undefined && process.ring.id !== only)) return false;
    const { ring } = process;
    // Who has frozen the ring takes nothing of it any more.
    const isListening = (member: number) => {
      const other = this.#processes.get(member);
      return other?.ring === ring && !other.isFrozen;
    };
    const holders = new Set(ring.members.filter((m) => m === node || (reaches(m) && isListening(m))));
    ring.log.push({ from: node, message, isSafe, holders, acknowledged: new Set(holders) });
    return true;
  }

  /** What is missing is sent again, to all that still are in the ring. */
  repair(): void {
    for (const [node, { ring, isFrozen }] of this.#processes) {
      if (isFrozen) continue;
      for (const sent of ring.log) {
        sent.holders.add(node);
        sent.acknowledged.add(node);
      }
    }
  }

  /** Everybody delivers what it may: in order, up to the first gap, or the first safe message that not all members have. */
  deliver(): void {
    for (const [node, process] of this.#processes) {
      while (!process.isFrozen) {
        const next = process.ring.log[process.delivered];
        if (next === undefined || !next.holders.has(node)) break;
        if (next.isSafe && !this.#isSafe(process.ring, process.delivered)) break;
        this.#give(node, process, next);
      }
    }
  }

  /** Acknowledged is what has nothing missing before it. */
  #isSafe({ members, installed, log }: Ring<T>, index: number): boolean {
    const before = log.slice(0, index + 1);
    return members.every((member) => installed.has(member) && before.every((sent) => sent.acknowledged.has(member)));
  }

  /** These lose their rings; nothing more is delivered to them before reform(). */
  freeze(nodes: readonly number[]): void {
    for (const node of nodes) this.#processes.get(node)!.isFrozen = true;
  }

  /** These agree on a ring. Of them `installs` says who gets as far as to install it; the others stay frozen in what they have. */
  reform(
    nodes: readonly number[],
    installs: (node: number) => boolean,
    formed: (id: string, members: readonly number[]) => void = () => {},
  ): void {
    this.freeze(nodes);
    const next = this.#makeRing(nodes);
    formed(next.id, next.members);
    const old = new Map(nodes.map((node) => [node, this.#processes.get(node)!.ring]));
    const together = (ring: Ring<T>) => nodes.filter((node) => old.get(node) === ring);
    // Recovery: who comes along from the same ring shares what any of them has.
    for (const ring of new Set(old.values())) {
      for (const sent of ring.log)
        if (together(ring).some((node) => sent.holders.has(node))) this.#share(sent, together(ring));
    }
    // What one of them had delivered before counts for all, also if it was safe.
    const high = new Map([...new Set(old.values())].map((ring) => [ring, this.#highest(together(ring))]));
    for (const node of nodes) {
      const ring = old.get(node)!;
      if (installs(node)) this.#install(node, next, together(ring), high.get(ring)!);
    }
  }

  #highest(nodes: readonly number[]): number {
    return Math.max(...nodes.map((node) => this.#processes.get(node)!.delivered));
  }

  #share(sent: Sent<T>, nodes: readonly number[]): void {
    for (const node of nodes) sent.holders.add(node);
  }

  /** In the order of totem 1.13: the rest of the old configuration, the transitional one, what is left, the new one. */
  #install(node: number, next: Ring<T>, together: readonly number[], high: number): void {
    const process = this.#processes.get(node)!;
    const { ring } = process;
    for (let at = process.delivered; at < ring.log.length; at++) {
      const sent = ring.log[at]!;
      if (!sent.holders.has(node) || (sent.isSafe && at >= high)) break;
      this.#give(node, process, sent);
    }
    const rest = ring.log.slice(process.delivered);
    process.member.configuration(this.#configuration('transitional', `${ring.id}>${next.id}`, together));
    let isAfterGap = false;
    for (const sent of rest) {
      if (!sent.holders.has(node)) isAfterGap = true;
      else if (!isAfterGap || together.includes(sent.from)) this.#give(node, process, sent);
    }
    process.ring = next;
    next.installed.add(node);
    process.delivered = 0;
    process.isFrozen = false;
    process.member.configuration(this.#configuration('regular', next.id, next.members));
  }

  #give(node: number, process: Process<T>, sent: Sent<T>): void {
    process.delivered++;
    process.member.message(sent.message, sent.from, sent.from === node, sent.isSafe);
  }

  #makeRing(members: readonly number[]): Ring<T> {
    return { id: `r${++this.#rings}`, members, log: [], installed: new Set() };
  }

  /** Joined and left are of no use to those who are tested with this. */
  #configuration(kind: Configuration['kind'], id: string, members: readonly number[]): Configuration {
    return { type: 'configuration', kind, id, members, joined: [], left: [] };
  }
}
