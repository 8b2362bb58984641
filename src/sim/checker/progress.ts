/**
 * The liveness halves of E8 and E21: at the end of a history that ends in calm, what was accepted has been sent, what
 * was sent has been delivered by all who are still in that configuration, and who left the ring for which a message was
 * meant has said so.
 */

import { componentsOf } from './convergence.js';
import type { Process, Stay } from './entities.js';
import { configurationText, type Findings, labelText, messageText, ringText } from './findings.js';
import type { Timing } from './history.js';
import type { HistoryIndex } from './index-history.js';
import type { Fate, SubmitsOfProcess } from './submits.js';

export function checkProgress(index: HistoryIndex, submits: readonly SubmitsOfProcess[], findings: Findings): void {
  const { timing, calm, end } = index.history;
  const last = calm?.at(-1);
  if (timing === undefined || last === undefined || last.until < end) return;
  const settled = new Map<Process, number>();
  for (const component of componentsOf(last, timing, index)) {
    for (const process of component.processes) settled.set(process, component.settled);
  }
  for (const [process, from] of settled) {
    const stay = process.stays.at(-1);
    if (stay !== undefined) checkDelivered(stay, from, timing, end, findings);
  }
  for (const { process, fates } of submits) {
    const from = settled.get(process);
    if (from === undefined || timing.origination === undefined) continue;
    const before = end - timing.origination;
    if (from <= before) for (const fate of fates) checkSent(process, fate, before, index, findings);
  }
}

/** Everything that was sent in the last configuration long enough ago. First finding only. */
function checkDelivered(stay: Stay, settled: number, timing: Timing, end: number, findings: Findings): void {
  const { process, configuration, from, to } = stay;
  if (timing.delivery === undefined || settled + timing.delivery > end) return;
  const delivered = new Set(process.delivered.slice(from, to));
  for (const message of configuration.sent) {
    if (message.event.time + timing.delivery > end || delivered.has(message)) continue;
    const text = `never delivers ${messageText(message)}, sent at ${message.event.time}`;
    findings.at('E8', process, process.events.length, `${text} in ${configurationText(configuration)}`);
    return;
  }
}

/** E8: accepted before that time means sent by the end; or answered (E21), if its ring went away before. */
function checkSent(process: Process, fate: Fate, before: number, index: HistoryIndex, findings: Findings): void {
  const { submit, message } = fate;
  const label = labelText(submit.label);
  if (submit.onlyIn === undefined) {
    if (message !== undefined || submit.time > before) return;
    findings.at('E8', process, process.events.length, `never sends ${label}, accepted at ${submit.time}`);
    return;
  }
  if (submit.ticket === undefined || submit.ticket === 0n) return;
  const left = index.regularOf(submit.onlyIn)?.stays.get(process)?.next?.regular;
  if (left === undefined || Math.max(submit.time, process.events[left.index]!.time) > before) return;
  const isAnswered = index.history.placed?.some((placed) => {
    return placed.ticket === submit.ticket && index.processOf(placed.process) === process;
  });
  if (isAnswered) return;
  const text = `leaves ${ringText(submit.onlyIn)} and never answers ticket ${submit.ticket} of ${label}`;
  findings.at('E21', process, left.index, text);
}
