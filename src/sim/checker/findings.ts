/** Where predicates put what they find, and the words for it. */

import type { Member, RingId } from '../../totem/boundary.js';
import type { Configuration, Message, Process } from './entities.js';
import type { History, Predicate, Violation } from './history.js';

/** One bug shows in many places: more findings of one predicate than this say nothing new. */
const MAX_FINDINGS_PER_PREDICATE = 1000;

export class Findings {
  readonly #violations: Violation[] = [];
  readonly #counts = new Map<Predicate, number>();
  readonly #end: number;

  constructor(history: History) {
    this.#end = history.end;
  }

  /** A violation that shows at event `index` of the process; past its last event: at the end of the history. */
  at(predicate: Predicate, process: Process, index: number, text: string): void {
    const time = process.events[index]?.time ?? this.#end;
    this.#add({ predicate, process: process.name, time, index, text });
  }

  /** A violation that shows outside the traces. */
  outside(predicate: Predicate, process: Member, time: number, text: string): void {
    this.#add({ predicate, process, time, index: -1, text });
  }

  /** All, in the order of time. */
  sorted(): Violation[] {
    return this.#violations.toSorted((a, b) => a.time - b.time || a.index - b.index);
  }

  #add(violation: Violation): void {
    const count = this.#counts.get(violation.predicate) ?? 0;
    if (count >= MAX_FINDINGS_PER_PREDICATE) return;
    this.#counts.set(violation.predicate, count + 1);
    this.#violations.push(violation);
  }
}

export function memberText(member: Member): string {
  return `${member.node}.${member.incarnation}`;
}

export function ringText(ring: RingId): string {
  return `ring ${ring.seq} of ${ring.representative}`;
}

export function processesText(processes: Iterable<Process>): string {
  return `{${[...processes].map((process) => memberText(process.name)).join(' ')}}`;
}

export function configurationText(configuration: Configuration): string {
  const { kind, ring, old, members } = configuration;
  const way = kind === 'regular' ? ringText(ring) : `transitional ${ringText(old)} → ${ringText(ring)}`;
  return `${way} ${processesText(members)}`;
}

export function messageText(message: Message): string {
  const { origin, seq, ordinal, ring, safe } = message.event;
  const place = `seq ${seq}${ordinal === 0 ? '' : `+${ordinal}`} of ${ringText(ring)}`;
  return `${safe ? 'safe ' : ''}message ${labelText(message.event.label)} of ${origin} (${place})`;
}

/** The label as text if it is printable, else as a number. */
export function labelText(label: bigint): string {
  let text = '';
  for (let rest = label; rest > 0n; rest >>= 8n) {
    const byte = Number(rest & 0xffn);
    if (byte < 0x20 || byte > 0x7e) return `#${label}`;
    text += String.fromCharCode(byte);
  }
  return text === '' ? '#0' : `'${text}'`;
}
