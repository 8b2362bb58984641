/**
 * E21: the answers of the API are true. What was refused is never sent; what is sent was submitted so, in the order of
 * its priority and in the ring that was asked for; a ticket is answered with what happened, once.
 */

import { type Process, sameRing } from './entities.js';
import { type Findings, labelText, messageText, ringText } from './findings.js';
import type { Placed } from './history.js';
import type { HistoryIndex } from './index-history.js';
import { type Fate, groupBy, type SubmitsOfProcess, sameContents } from './submits.js';

export function checkApi(index: HistoryIndex, submits: readonly SubmitsOfProcess[], findings: Findings): void {
  const { placed = [], othersSend = false } = index.history;
  const placedOf = groupBy(placed, (answer) => index.processOf(answer.process));
  for (const own of submits) {
    const { process, fates } = own;
    for (const at of own.unexplained) checkUnexplained(own, at, !othersSend, findings);
    for (const fate of fates) checkAsAsked(process, fate, findings);
    for (const line of groupBy(fates, ({ submit }) => submit.priority).values()) checkFifo(process, line, findings);
    checkPlaced(fates, placedOf.get(process) ?? [], index.clockError, findings);
  }
}

/** A send without an accepted submit. Unless the harness makes all messages, it may be one of the services' own. */
function checkUnexplained(own: SubmitsOfProcess, at: number, allKnown: boolean, findings: Findings): void {
  const { process, refused, fates } = own;
  const message = process.messages[at]!;
  const text = `sends ${messageText(message)}`;
  if (refused.some((submit) => sameContents(submit, message))) {
    findings.at('E21', process, at, `${text}, which was refused`);
  } else if (fates.some(({ submit }) => sameContents(submit, message))) {
    findings.at('E21', process, at, `${text} before it was submitted, or once more than it was submitted`);
  } else if (allKnown) {
    findings.at('E21', process, at, `${text}, which was never submitted so`);
  }
}

function checkAsAsked(process: Process, { submit, message }: Fate, findings: Findings): void {
  if (message === undefined) return;
  const { event, sendIndex } = message;
  const label = labelText(submit.label);
  if (submit.priority !== event.priority) {
    const text = `sends ${label} with priority ${event.priority}, submitted with ${submit.priority}`;
    findings.at('E21', process, sendIndex, text);
  }
  if (submit.safe && !event.safe) {
    findings.at('E21', process, sendIndex, `sends ${label} as an agreed message, submitted as a safe one`);
  }
  if (submit.onlyIn !== undefined && !sameRing(submit.onlyIn, event.ring)) {
    const text = `sends ${label} in ${ringText(event.ring)}, submitted for ${ringText(submit.onlyIn)} alone`;
    findings.at('E21', process, sendIndex, text);
  }
}

/**
 * Within a priority, nothing is sent before what was accepted before it. Only messages for one ring alone may be left
 * out.
 */
function checkFifo(process: Process, line: readonly Fate[], findings: Findings): void {
  let last = -1;
  let waiting: Fate | undefined;
  for (const { message, submit } of line) {
    if (message === undefined) {
      if (submit.onlyIn === undefined) waiting ??= { message, submit };
    } else if (waiting !== undefined || message.sendIndex < last) {
      const earlier = waiting === undefined ? process.messages[last]! : message;
      const later = waiting === undefined ? labelText(submit.label) : labelText(waiting.submit.label);
      const text = `sends ${messageText(earlier)} before ${later}`;
      findings.at('E21', process, Math.max(message.sendIndex, last), text);
      return;
    } else {
      last = message.sendIndex;
    }
  }
}

function checkPlaced(fates: readonly Fate[], placed: readonly Placed[], clockError: number, findings: Findings): void {
  const byTicket = new Map(fates.map((fate) => [fate.submit.ticket ?? 0n, fate]));
  byTicket.delete(0n);
  const answered = new Set<bigint>();
  for (const answer of placed.toSorted((a, b) => a.time - b.time)) {
    const { ticket, seq, process, time } = answer;
    const problem = answered.has(ticket)
      ? 'it was answered before'
      : placedProblem(byTicket.get(ticket), answer, clockError);
    answered.add(ticket);
    if (problem === undefined) continue;
    findings.outside('E21', process, time, `ticket ${ticket} is answered with seq ${seq}: ${problem}`);
  }
}

function placedProblem(fate: Fate | undefined, { time, seq }: Placed, clockError: number): string | undefined {
  if (fate === undefined) return 'it belongs to no accepted submit';
  const { message, submit } = fate;
  const label = labelText(submit.label);
  if (seq === 0n) {
    if (message !== undefined) return `not sent, but here is ${messageText(message)}`;
    return submit.onlyIn === undefined ? `not sent, but ${label} was not bound to one ring` : undefined;
  }
  if (message === undefined) return `${label} was never sent`;
  if (message.event.seq !== seq) return `the place is that of another than ${messageText(message)}`;
  return message.event.time > time + clockError
    ? `${messageText(message)} was sent only at ${message.event.time}`
    : undefined;
}
