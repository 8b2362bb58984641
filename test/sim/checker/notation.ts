/**
 * Histories as text, for tests. One step a line, one millisecond a line, in the order of time:
 *
 * p q r: boot each starts, alone in ring 1 of its own (`boot 20`: in ring 20) p q r: join 5 they freeze and go together
 * to ring 5, each with those who come from the same ring p: send a b! a is agreed, b is safe p q: deliver a b each of
 * them q: freeze the three parts of a join on their own, for what is between them q: transitional 8 {q r} q: regular 8
 * {q r s} p: crash
 *
 * A process is a letter, its node the place of that letter in the alphabet; p' is the incarnation after p. A ring is
 * its sequence number; `8q` is the one that q represents, without a letter it is the lowest member's. Messages get
 * sequence numbers in the order of sending; `a@7` is sent as number 7.
 */

import {
  check,
  type History,
  type TraceConfiguration,
  type TraceEvent,
  type TraceMessage,
} from '../../../src/sim/checker/index.js';
import type { Member, RingId } from '../../../src/totem/boundary.js';

export const MILLISECOND = 1_000_000;
const NO_RING: RingId = { representative: 0, nonce: 0, seq: 0n };

export function member(name: string): Member {
  return { node: name.charCodeAt(0) - 96, incarnation: BigInt(name.length) };
}

export function label(name: string): bigint {
  return [...name].reduceRight((number, letter) => number * 256n + BigInt(letter.charCodeAt(0)), 0n);
}

export function hash(name: string): bigint {
  const prime = 0x100000001b3n;
  return [...name].reduce((h, c) => BigInt.asUintN(64, (h ^ BigInt(c.charCodeAt(0))) * prime), 0xcbf29ce484222325n);
}

/** The history that the text tells, and what only a harness knows. */
export function history(text: string, known: Partial<History> = {}): History {
  const writer = new Writer(text);
  const { crashes } = writer;
  const traces = [...writer.traces].map(([name, events]) => ({ process: member(name), events }));
  // An install takes several lines and so several milliseconds.
  return { traces, crashes, end: writer.time + MILLISECOND, installSpan: Infinity, ...known };
}

/** The predicates that the history violates, each once, the first in time first. */
export function broken(checked: History): string[] {
  return [...new Set(check(checked).map(({ predicate }) => predicate))];
}

/** The same history with one event of one process replaced, or dropped, or more of them put there. */
export function edit(
  original: History,
  name: string,
  index: number,
  change: (event: TraceEvent) => TraceEvent[],
): History {
  const { node, incarnation } = member(name);
  const traces = original.traces.map(({ process, events }) => {
    if (process.node !== node || process.incarnation !== incarnation) return { process, events };
    return { process, events: events.flatMap((event, at) => (at === index ? change(event) : [event])) };
  });
  return { ...original, traces };
}

class Writer {
  readonly traces = new Map<string, TraceEvent[]>();
  readonly crashes: { process: Member; time: number }[] = [];
  time = 0;
  readonly #rings = new Map<string, RingId>();
  readonly #lastSeq = new Map<RingId, bigint>();
  readonly #messages = new Map<string, TraceMessage>();
  /** The regular configuration that each process is in. */
  readonly #current = new Map<string, RingId>();

  constructor(text: string) {
    const lines = text.split('\n').map((line) => line.trim());
    for (const line of lines) this.#nameRings(line);
    for (const line of lines) if (line !== '') this.#step(line);
  }

  /** Representatives first, since a transitional configuration names a ring before it is there. */
  #nameRings(line: string): void {
    const found = /^([^:]*): (?:join (\S+)|regular (\S+) \{(.*)\})$/.exec(line);
    if (found !== null) this.#ring((found[2] ?? found[3])!, (found[4] ?? found[1])!.split(' '));
  }

  #ring(name: string, members: readonly string[]): RingId {
    const known = this.#rings.get(name);
    if (known !== undefined) return known;
    const [, number, letter] = /^(\d+)([a-z]?)$/.exec(name)!;
    const nodes = (letter === '' ? members : [letter!]).map((one) => member(one).node);
    const ring = { representative: Math.min(...nodes), nonce: Number(number), seq: BigInt(number!) };
    this.#rings.set(name, ring);
    return ring;
  }

  #step(line: string): void {
    const [, who, verb, rest] = /^([^:]+): (\w+) ?(.*)$/.exec(line)!;
    this.time += MILLISECOND;
    const names = who!.split(' ');
    // Who comes from the same ring is decided before the first of them has gone.
    const companions = names.map((name) =>
      names.filter((other) => this.#current.get(other) === this.#current.get(name)),
    );
    for (const [i, name] of names.entries()) this.#act(name, verb!, rest!, names, companions[i]!);
  }

  #act(name: string, verb: string, rest: string, together: readonly string[], companions: readonly string[]): void {
    const { node, incarnation } = member(name);
    const { time } = this;
    const ring = rest.split(' ')[0]!;
    const members = /\{(.*)\}/.exec(rest)?.[1]?.split(' ') ?? [];
    if (verb === 'boot') {
      this.traces.set(name, [{ kind: 'start', time, node, incarnation }]);
      this.#configure(name, 'regular', this.#ring(`${rest === '' ? 1 : rest}${name[0]}`, [name]), [name]);
    } else if (verb === 'join') {
      this.#act(name, 'freeze', '', together, companions);
      this.#configure(name, 'transitional', this.#ring(ring, together), companions);
      this.#configure(name, 'regular', this.#ring(ring, together), together);
    } else if (verb === 'freeze') this.#add(name, { kind: 'freeze', time, ring: this.#current.get(name)! });
    else if (verb === 'transitional' || verb === 'regular')
      this.#configure(name, verb, this.#ring(ring, members), members);
    else if (verb === 'send') for (const message of rest.split(' ')) this.#send(name, message);
    else if (verb === 'deliver') for (const message of rest.split(' ')) this.#deliver(name, message);
    else if (verb === 'crash') this.crashes.push({ process: { node, incarnation }, time });
    else throw new TypeError(`no such step: ${verb}`);
  }

  #configure(name: string, configuration: 'regular' | 'transitional', ring: RingId, names: readonly string[]): void {
    const old = this.#current.get(name) ?? NO_RING;
    const members = names.map(member).sort((a, b) => a.node - b.node);
    const event: TraceConfiguration = { kind: 'configuration', time: this.time, configuration, ring, old, members };
    this.#add(name, event);
    if (configuration === 'regular') this.#current.set(name, ring);
  }

  #send(name: string, message: string): void {
    const [, text, safe, given] = /^(\w+)(!?)(?:@(\d+))?$/.exec(message)!;
    const ring = this.#current.get(name) ?? NO_RING;
    const seq = given === undefined ? (this.#lastSeq.get(ring) ?? 0n) + 1n : BigInt(given);
    this.#lastSeq.set(ring, seq);
    const sent: TraceMessage = {
      kind: 'send',
      time: this.time,
      ring,
      seq,
      ordinal: 0,
      origin: member(name).node,
      priority: 2,
      safe: safe === '!',
      length: text!.length,
      hash: hash(text!),
      label: label(text!),
    };
    this.#messages.set(text!, sent);
    this.#add(name, sent);
  }

  #deliver(name: string, message: string): void {
    const sent = this.#messages.get(message);
    if (sent === undefined) throw new TypeError(`nobody has sent ${message}`);
    this.#add(name, { ...sent, kind: 'deliver', time: this.time });
  }

  #add(name: string, event: TraceEvent): void {
    const events = this.traces.get(name);
    if (events === undefined) throw new TypeError(`${name} has not booted`);
    events.push(event);
  }
}
