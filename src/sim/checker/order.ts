/**
 * E11, E12 and E16: in one regular configuration and what follows it, messages have one order, and nobody skips one
 * that it could have. White box: against the sequence numbers of all that was sent. Black box: every two processes
 * against each other, without a look at sequence numbers; only for those whose sequence is no beginning of the longest
 * one, since two beginnings of one sequence agree.
 */

import type { Configuration, Message, Stay } from './entities.js';
import { configurationText, type Findings, memberText, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkOrder(index: HistoryIndex, findings: Findings): void {
  const places = new Int32Array(index.messages.length);
  for (const configuration of index.configurations) {
    if (configuration.kind !== 'regular') continue;
    const stays = [...configuration.stays.values()];
    for (const stay of stays) checkAgainstSent(stay, configuration, findings);
    for (const odd of oddStays(stays)) checkAgainstOthers(odd, stays, places, findings);
  }
}

/**
 * Whether delivery `i` of the stay lies in its transitional configuration, where messages of those who are gone may be
 * missing.
 */
function inTransitional(stay: Stay, i: number): boolean {
  return stay.transitional !== undefined && i >= stay.transitional.from;
}

/** May `stay` deliver on, past its missing `message`, as delivery `i`? Only if the origin does not go with it. */
function mayBeMissing(message: Message, stay: Stay, i: number): boolean {
  if (!inTransitional(stay, i)) return false;
  return message.origin !== undefined && !stay.transitional!.configuration.memberSet.has(message.origin);
}

/**
 * All that was sent in the ring with a smaller sequence number comes before, or never if its origin is gone. First
 * finding only.
 */
function checkAgainstSent(stay: Stay, { sent }: Configuration, findings: Findings): void {
  const { process } = stay;
  let expected = 0;
  let skipped: Message | undefined;
  for (let i = stay.from; i < stay.to; i += 1) {
    const message = process.delivered[i]!;
    if (message.rank < 0 || message.stay?.configuration !== stay.configuration) continue;
    for (; expected < message.rank; expected += 1) {
      const missing = sent[expected]!;
      if (skipped === undefined && missing.position < message.position) skipped = missing;
      if (mayBeMissing(missing, stay, i)) continue;
      reportSkip(stay, i, missing, findings);
      return;
    }
    expected = Math.max(expected, message.rank + 1);
  }
}

function reportSkip(stay: Stay, i: number, missing: Message, findings: Findings): void {
  const { process, configuration } = stay;
  const message = process.delivered[i]!;
  const overtakes = missing.event.safe && !message.event.safe;
  const view = inTransitional(stay, i) ? stay.transitional!.configuration : configuration;
  const skips = `delivers ${messageText(message)} without ${messageText(missing)} before it`;
  findings.at(overtakes ? 'E16' : 'E12', process, process.deliveredAt[i]!, `${skips}, in ${configurationText(view)}`);
}

/** Those whose sequence is not the beginning of the longest one. */
function oddStays(stays: readonly Stay[]): readonly Stay[] {
  const length = (stay: Stay) => stay.to - stay.from;
  const longest = stays.reduce((a, b) => (length(b) > length(a) ? b : a));
  return stays.filter((stay) => commonPrefix(stay, longest) < length(stay));
}

export function commonPrefix(a: Stay, b: Stay): number {
  if (a === b) return a.to - a.from;
  const limit = Math.min(a.to - a.from, b.to - b.from);
  const mine = a.process.delivered;
  const other = b.process.delivered;
  let i = 0;
  while (i < limit && mine[a.from + i] === other[b.from + i]) i += 1;
  return i;
}

/** `places` is scratch, all zero between calls: by message, one more than its index in `odd`. */
function checkAgainstOthers(odd: Stay, stays: readonly Stay[], places: Int32Array, findings: Findings): void {
  const { delivered } = odd.process;
  for (let i = odd.from; i < odd.to; i += 1) places[delivered[i]!.number] = i + 1;
  for (const other of stays) if (other !== odd && !checkPair(odd, other, places, findings)) break;
  for (let i = odd.from; i < odd.to; i += 1) places[delivered[i]!.number] = 0;
}

/** False after the first finding. */
function checkPair(q: Stay, p: Stay, places: Int32Array, findings: Findings): boolean {
  let last: Message | undefined;
  let lastPlace = 0;
  /** The first message of p's that q lacks, and the first such one whose origin goes with q. */
  let missing: Message | undefined;
  let missingOfCompanion: Message | undefined;
  for (let i = p.from; i < p.to; i += 1) {
    const message = p.process.delivered[i]!;
    const place = places[message.number]! - 1;
    if (place < 0) {
      missing ??= message;
      if (isCompanion(message, q)) missingOfCompanion ??= message;
      continue;
    }
    const both = `${memberText(p.process.name)} delivers`;
    const at = q.process.deliveredAt[place]!;
    if (last !== undefined && place < lastPlace) {
      const text = `${both} ${messageText(last)} before ${messageText(message)}, this process the other way round`;
      findings.at('E11', q.process, q.process.deliveredAt[lastPlace]!, text);
      return false;
    }
    const skipped = inTransitional(q, place) ? missingOfCompanion : missing;
    if (skipped !== undefined) {
      const text = `${both} ${messageText(skipped)} before ${messageText(message)}, this process skips it`;
      findings.at('E12', q.process, at, text);
      return false;
    }
    last = message;
    lastPlace = place;
  }
  return true;
}

function isCompanion(message: Message, q: Stay): boolean {
  return message.origin !== undefined && (q.transitional?.configuration.memberSet.has(message.origin) ?? true);
}
