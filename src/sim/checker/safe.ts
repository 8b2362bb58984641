/** E14 and E15: who delivers a safe message knows that all members of the configuration have it. */

import type { Configuration, Message, Process, Stay, View } from './entities.js';
import { configurationText, type Findings, memberText, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

interface SafeDelivery {
  readonly message: Message;
  /** Who delivered it first in that configuration, and when. */
  readonly process: Process;
  readonly time: number;
}

export function checkSafe(index: HistoryIndex, findings: Findings): void {
  const lastSeenBy = new Array<Stay | undefined>(index.messages.length).fill(undefined);
  for (const configuration of index.configurations) {
    const safe = safeDeliveries(configuration);
    if (safe.length === 0) continue;
    if (configuration.kind === 'regular') checkInstalled(configuration, safe[0]!, index, findings);
    const regular = configuration.kind === 'regular' ? configuration : index.regularOf(configuration.old);
    for (const q of configuration.members) {
      const stay = regular?.stays.get(q);
      // Who never came, has crashed in c, or is still in it when the trace ends, has not left without it.
      if (stay?.next !== undefined) checkDelivered(stay, stay.next, configuration, safe, lastSeenBy, findings);
    }
  }
}

/** Each safe message that anyone delivered in this configuration, once. */
function safeDeliveries(configuration: Configuration): SafeDelivery[] {
  const found = new Map<Message, SafeDelivery>();
  for (const view of configuration.views) {
    const { process } = view;
    for (let i = view.from; i < view.to; i += 1) {
      const message = process.delivered[i]!;
      if (!message.event.safe) continue;
      const { time } = process.events[process.deliveredAt[i]!]!;
      const known = found.get(message);
      if (known === undefined || time < known.time) found.set(message, { message, process, time });
    }
  }
  return [...found.values()].sort((a, b) => a.time - b.time);
}

/**
 * E14 for one member q. It may deliver the message in the regular configuration or in its own transitional one (A21).
 */
function checkDelivered(
  stay: Stay,
  next: Stay,
  configuration: Configuration,
  safe: readonly SafeDelivery[],
  lastSeenBy: (Stay | undefined)[],
  findings: Findings,
): void {
  const { process } = stay;
  for (let i = stay.from; i < stay.to; i += 1) lastSeenBy[process.delivered[i]!.number] = stay;
  const missing = safe.find(({ message }) => lastSeenBy[message.number] !== stay);
  if (missing === undefined) return;
  const who = `${memberText(missing.process.name)} delivers ${messageText(missing.message)}`;
  const text = `${who} in ${configurationText(configuration)}, but this member leaves it without that message`;
  findings.at('E14', process, next.regular.index, text);
}

/**
 * E15, in the strong form: every member has delivered the configuration before anyone delivers a safe message in it.
 */
function checkInstalled(
  configuration: Configuration,
  first: SafeDelivery,
  { clockError }: HistoryIndex,
  findings: Findings,
): void {
  for (const q of configuration.members) {
    const view: View | undefined = configuration.stays.get(q)?.regular;
    const time = view === undefined ? Infinity : q.events[view.index]!.time;
    if (time <= first.time + clockError) continue;
    const { process, message } = first;
    const at = process.deliveredAt[process.delivered.indexOf(message)]!;
    const when = view === undefined ? 'never delivers' : 'has not yet delivered';
    const never = `${memberText(q.name)} ${when} that configuration`;
    findings.at(
      'E15',
      process,
      at,
      `delivers ${messageText(message)} in ${configurationText(configuration)}, but ${never}`,
    );
  }
}
