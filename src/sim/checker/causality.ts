/**
 * E10: who delivers a message has delivered before all that its origin had sent or delivered, in that configuration,
 * when it sent it. Since each process is one sequence, that covers chains of any length.
 */

import type { Configuration, Message, Process, Stay } from './entities.js';
import { type Findings, memberText, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';
import { commonPrefix } from './order.js';

export function checkCausality(index: HistoryIndex, findings: Findings): void {
  const expected = new Int32Array(index.processes.length);
  for (const configuration of index.configurations) {
    if (configuration.kind !== 'regular') continue;
    const known = new Prefixes(configuration);
    for (const stay of configuration.stays.values()) {
      checkOwnOrder(stay, expected.fill(0), findings);
      checkKnown(stay, known, findings);
    }
  }
}

/**
 * All that the origin had sent before. `expected` is scratch: by origin, how many of its messages came. First finding
 * only.
 */
function checkOwnOrder(r: Stay, expected: Int32Array, findings: Findings): void {
  const { process } = r;
  for (let i = r.from; i < r.to; i += 1) {
    const message = process.delivered[i]!;
    const { origin, stay } = message;
    if (origin === undefined || stay === undefined || stay.configuration !== r.configuration) continue;
    const came = expected[origin.number]!;
    const first = origin.sent[stay.sentFrom + came]!;
    if (first !== message) {
      const text = `delivers ${messageText(message)} before ${messageText(first)}, which its origin sent before`;
      findings.at('E10', process, process.deliveredAt[i]!, text);
      return;
    }
    expected[origin.number] = came + 1;
  }
}

/** All that the origin had delivered before it sent. First finding only. */
function checkKnown(r: Stay, prefixes: Prefixes, findings: Findings): void {
  const { process } = r;
  let places: ReadonlyMap<Message, number> | undefined;
  for (let i = r.from; i < r.to; i += 1) {
    const message = process.delivered[i]!;
    const { origin, stay, known } = message;
    if (origin === undefined || stay === undefined || stay.configuration !== r.configuration) continue;
    if (known <= i - r.from && known <= prefixes.common(r, stay)) continue;
    places ??= placesOf(r);
    const late = origin.delivered
      .slice(stay.from, stay.from + known)
      .find((before) => (places!.get(before) ?? Infinity) > i);
    if (late === undefined) continue;
    const text = `delivers ${messageText(message)} before ${messageText(late)}`;
    const why = `which ${memberText(origin.name)} had delivered when it sent it`;
    findings.at('E10', process, process.deliveredAt[i]!, `${text}, ${why}`);
    return;
  }
}

function placesOf({ process, from, to }: Stay): ReadonlyMap<Message, number> {
  const places = new Map<Message, number>();
  for (let i = from; i < to; i += 1) places.set(process.delivered[i]!, i);
  return places;
}

/**
 * How far the sequences of the stays in one configuration agree, by comparison with the stay that delivered most in the
 * regular configuration: of a legal history what any process knew when it sent is a beginning of that one.
 */
class Prefixes {
  readonly #common = new Map<Process, number>();

  constructor({ stays }: Configuration) {
    const regular = (stay: Stay) => stay.regular.to - stay.from;
    const reference = [...stays.values()].reduce((a, b) => (regular(b) > regular(a) ? b : a));
    for (const [process, stay] of stays) this.#common.set(process, commonPrefix(stay, reference));
  }

  /** At least as many deliveries are the same in both. */
  common(a: Stay, b: Stay): number {
    return Math.min(this.#common.get(a.process)!, this.#common.get(b.process)!);
  }
}
