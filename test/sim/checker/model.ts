/**
 * Extended virtual synchrony as an abstract machine that makes legal histories by construction: one log a ring, one
 * receipt set a process, and a change of configuration in one step. It has no tokens, packets or timers, and shares no
 * code with the checker.
 */

import type { History, TraceEvent, TraceMessage } from '../../../src/sim/checker/index.js';
import type { Member, RingId } from '../../../src/totem/boundary.js';

/** Whole numbers from 0 to below `limit`. */
export type Draw = (limit: number) => number;

interface Ring {
  readonly id: RingId;
  readonly members: readonly Actor[];
  readonly log: Entry[];
}

interface Entry {
  readonly sent: TraceMessage;
  readonly origin: Actor;
  readonly holders: Set<Actor>;
}

interface Actor {
  readonly name: Member;
  readonly events: TraceEvent[];
  ring: Ring;
  /** So much of the log of its ring is delivered. */
  delivered: number;
}

const NO_RING: RingId = { representative: 0, nonce: 0, seq: 0n };
const STEPS = 120;

/** A legal history of a few nodes; the same draws give the same history. */
export function legalHistory(draw: Draw): History {
  return new Model(draw).run();
}

class Model {
  readonly #draw: Draw;
  readonly #live: Actor[] = [];
  readonly #traces: { process: Member; events: TraceEvent[] }[] = [];
  readonly #crashes: { process: Member; time: number }[] = [];
  #time = 0;
  #ringSeq = 0n;
  #messages = 0n;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  run(): History {
    const nodes = 2 + this.#draw(4);
    for (let node = 1; node <= nodes; node += 1) this.#start(node, 1n);
    this.#change(this.#live);
    for (let step = 0; step < STEPS; step += 1) this.#step(nodes);
    return { traces: this.#traces, crashes: this.#crashes, end: this.#time + 1 };
  }

  #step(nodes: number): void {
    this.#time += 1;
    const actor = this.#live[this.#draw(this.#live.length)]!;
    const what = this.#draw(100);
    if (what < 35) this.#send(actor);
    else if (what < 60) this.#receive(actor);
    else if (what < 92) this.#deliver(actor, 1 + this.#draw(4));
    else if (what < 97) this.#change(this.#live.filter(() => this.#draw(3) > 0));
    else if (what < 98 && this.#live.length > 1) this.#crash(actor);
    else this.#restart(1 + this.#draw(nodes));
  }

  #start(node: number, incarnation: bigint): void {
    const name = { node, incarnation };
    const events: TraceEvent[] = [{ kind: 'start', time: this.#time, ...name }];
    this.#ringSeq += 4n;
    const ring: Ring = { id: { representative: node, nonce: 7, seq: this.#ringSeq }, members: [], log: [] };
    const actor: Actor = { name, events, ring, delivered: 0 };
    this.#enter(actor, { ...ring, members: [actor] }, 'regular', [actor], NO_RING);
    this.#live.push(actor);
    this.#traces.push({ process: name, events });
  }

  #crash(actor: Actor): void {
    this.#live.splice(this.#live.indexOf(actor), 1);
    this.#crashes.push({ process: actor.name, time: this.#time });
  }

  #restart(node: number): void {
    if (this.#live.some(({ name }) => name.node === node)) return;
    const last = this.#traces.findLast(({ process }) => process.node === node)!.process.incarnation;
    this.#start(node, last + 1n + BigInt(this.#draw(3)));
  }

  #send(actor: Actor): void {
    const { ring } = actor;
    this.#messages += 1n;
    const before = ring.log.at(-1)?.sent;
    // Sometimes the next packet, sometimes another message in the same one.
    const packed = before !== undefined && before.origin === actor.name.node && this.#draw(2) === 0;
    const sent: TraceMessage = {
      kind: 'send',
      time: this.#time,
      ring: ring.id,
      seq: packed ? before.seq : (before?.seq ?? 0n) + 1n,
      ordinal: packed ? before.ordinal + 1 : 0,
      origin: actor.name.node,
      priority: 1 + this.#draw(3),
      safe: this.#draw(3) === 0,
      length: 8,
      hash: this.#messages * 0x9e3779b97f4a7c15n,
      label: this.#messages,
    };
    ring.log.push({ sent, origin: actor, holders: new Set([actor]) });
    actor.events.push(sent);
  }

  #receive(actor: Actor): void {
    for (const { holders } of actor.ring.log) if (this.#draw(4) > 0) holders.add(actor);
  }

  /**
   * In the regular configuration: nothing past a gap, nothing safe that not all members hold, of whom all have to be
   * there.
   */
  #deliver(actor: Actor, count: number): void {
    const { ring } = actor;
    for (let i = 0; i < count; i += 1) {
      const entry = ring.log[actor.delivered];
      if (entry === undefined || !entry.holders.has(actor)) return;
      if (entry.sent.safe && !ring.members.every((member) => this.#holdsAll(member, ring, actor.delivered))) return;
      this.#append(actor, entry);
      actor.delivered += 1;
    }
  }

  /** Up to this place of the log, this place included. */
  #holdsAll(actor: Actor, ring: Ring, place: number): boolean {
    return ring.log.slice(0, place + 1).every(({ holders }) => holders.has(actor));
  }

  #append(actor: Actor, { sent }: Entry): void {
    actor.events.push({ ...sent, kind: 'deliver', time: this.#time });
  }

  /** These form a ring. A few crash on the way, before they install it. */
  #change(chosen: readonly Actor[]): void {
    if (chosen.length === 0) return;
    this.#time += 1;
    this.#ringSeq += 4n;
    const members = chosen.toSorted((a, b) => a.name.node - b.name.node);
    const id = { representative: members[0]!.name.node, nonce: this.#draw(2 ** 31), seq: this.#ringSeq };
    const ring: Ring = { id, members, log: [] };
    const late = new Set(members.slice(1).filter(() => this.#draw(12) === 0));
    const olds = new Set(members.map((actor) => actor.ring));
    for (const old of olds)
      this.#leave(
        old,
        members.filter((actor) => actor.ring === old),
        ring,
        late,
      );
  }

  /** Recovery of one old ring: what any of these holds, all of them get. */
  #leave(old: Ring, companions: readonly Actor[], ring: Ring, late: ReadonlySet<Actor>): void {
    const held = (entry: Entry) => companions.some((actor) => entry.holders.has(actor));
    const furthest = Math.max(...companions.map((actor) => actor.delivered));
    const gap = old.log.findIndex((entry) => !held(entry));
    const contiguous = gap < 0 ? old.log.length : gap;
    const unsafe = old.log.findIndex((entry, at) => at >= furthest && entry.sent.safe);
    const regular = unsafe < 0 ? contiguous : Math.min(contiguous, unsafe);
    const rest = old.log.filter(
      (entry, at) => at >= regular && held(entry) && (at < contiguous || companions.includes(entry.origin)),
    );
    for (const actor of companions) {
      actor.events.push({ kind: 'freeze', time: this.#time, ring: old.id });
      if (late.has(actor)) {
        this.#crash(actor);
        continue;
      }
      for (const entry of old.log.slice(actor.delivered, regular)) this.#append(actor, entry);
      this.#enter(actor, ring, 'transitional', companions, old.id);
      for (const entry of rest) this.#append(actor, entry);
      this.#enter(actor, ring, 'regular', ring.members, old.id);
    }
  }

  #enter(
    actor: Actor,
    ring: Ring,
    configuration: 'regular' | 'transitional',
    who: readonly Actor[],
    old: RingId,
  ): void {
    const members = who.map(({ name }) => name).sort((a, b) => a.node - b.node);
    actor.events.push({ kind: 'configuration', time: this.#time, configuration, ring: ring.id, old, members });
    if (configuration === 'transitional') return;
    actor.ring = ring;
    actor.delivered = 0;
  }
}
