/** E2 and E3: what is delivered was sent, in that configuration, before, with these bytes, and once. */

import { type Message, type Process, type Stay, sameRing } from './entities.js';
import { configurationText, type Findings, memberText, messageText, ringText } from './findings.js';
import type { HistoryIndex } from './index-history.js';
import type { TraceMessage } from './trace.js';

export function checkIntegrity(index: HistoryIndex, findings: Findings): void {
  for (const process of index.processes) {
    for (const stay of process.stays) {
      for (let i = stay.from; i < stay.to; i += 1) {
        const message = process.delivered[i]!;
        const at = process.deliveredAt[i]!;
        const problem = originProblem(message, stay, process.events[at] as TraceMessage, index);
        if (problem !== undefined) findings.at('E2', process, at, problem);
      }
    }
    checkOnce(process, findings);
  }
}

/** E2. The time of the send is that of its origin's record, which is written before the packet leaves (A27). */
function originProblem(m: Message, stay: Stay, event: TraceMessage, index: HistoryIndex): string | undefined {
  if (m.origin === undefined) {
    return `delivers ${messageText(m)}, whose origin is not in ${configurationText(stay.configuration)}`;
  }
  if (m.stay === undefined) return m.sendIndex < 0 ? neverSent(m, index) : undefined;
  const sent = m.event;
  if (m.stay.configuration !== stay.configuration) {
    return `delivers ${messageText(m)} in ${ringText(stay.configuration.ring)}`;
  }
  if (sent.time > event.time + index.clockError) {
    return `delivers ${messageText(m)} at ${event.time}, before it was sent at ${sent.time}`;
  }
  if (sent.seq !== event.seq || sent.ordinal !== event.ordinal) {
    return `delivers ${messageText(m)} at another place: seq ${event.seq}+${event.ordinal}`;
  }
  if (sent.length !== event.length) return `delivers ${event.length} bytes of ${messageText(m)}, sent ${sent.length}`;
  if (sent.priority !== event.priority) return `delivers ${messageText(m)} with priority ${event.priority}`;
  // An agreed message in a packet with a safe one is safe as well; the other way round breaks a promise.
  if (sent.safe && !event.safe) return `delivers ${messageText(m)} as an agreed one`;
  return undefined;
}

function neverSent(m: Message, index: HistoryIndex): string {
  const { event } = m;
  const sent = index.messages.find(
    (other) =>
      other.sendIndex >= 0 &&
      other.event.seq === event.seq &&
      other.event.ordinal === event.ordinal &&
      sameRing(other.event.ring, event.ring),
  );
  if (sent === undefined) return `delivers ${messageText(m)}, which nobody sent`;
  return `delivers ${messageText(m)}, but what was sent there is ${messageText(sent)}: other bytes or another origin`;
}

/** E3. */
function checkOnce(process: Process, findings: Findings): void {
  for (const at of process.duplicates) {
    findings.at('E3', process, at, `delivers ${messageText(process.messages[at]!)} a second time`);
  }
  for (const at of process.resent) {
    findings.at('E3', process, at, `sends ${messageText(process.messages[at]!)} a second time`);
  }
  for (const view of process.views) {
    if (view.configuration.kind === 'regular') continue;
    const end = view.next?.index ?? process.events.length;
    for (let at = view.index + 1; at < end; at += 1) {
      if (process.events[at]!.kind !== 'send') continue;
      const text = `${memberText(process.name)} sends in ${configurationText(view.configuration)}`;
      findings.at('E3', process, at, text);
    }
  }
}
