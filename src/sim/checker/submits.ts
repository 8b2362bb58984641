/** Which send came from which submit, for the predicates about the API. */

import { type Message, type Process, sameRing } from './entities.js';
import type { Submit } from './history.js';
import type { HistoryIndex } from './index-history.js';
import type { TraceMessage } from './trace.js';

/** An accepted submit and what became of it. */
export interface Fate {
  readonly submit: Submit;
  message: Message | undefined;
}

export interface SubmitsOfProcess {
  readonly process: Process;
  /** Accepted, by time. */
  readonly fates: readonly Fate[];
  readonly refused: readonly Submit[];
  /** Indices of sends for which there is no accepted submit that is older and not used up. */
  readonly unexplained: readonly number[];
}

/** Empty if the harness gave no submits. */
export function matchSubmits(index: HistoryIndex): SubmitsOfProcess[] {
  const { submits } = index.history;
  if (submits === undefined) return [];
  const own = groupBy(submits, ({ process }) => index.processOf(process));
  return index.processes.map((process) => match(process, own.get(process) ?? [], index.clockError));
}

export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Do submit and send have the same contents, as far as the harness told them? */
export function sameContents(submit: Submit, { event }: Message): boolean {
  return submit.label === event.label && (submit.hash === undefined || submit.hash === event.hash);
}

/** The oldest accepted submit with the contents of the send is the one that it comes from. */
function match(process: Process, submits: readonly Submit[], clockError: number): SubmitsOfProcess {
  const ordered = submits.toSorted((a, b) => a.time - b.time);
  const refused = ordered.filter(({ accepted }) => !accepted);
  const fates = ordered.filter(({ accepted }) => accepted).map((submit): Fate => ({ submit, message: undefined }));
  const byLabel = groupBy(fates, ({ submit }) => submit.label);
  const unexplained: number[] = [];
  for (let at = 0; at < process.events.length; at += 1) {
    const event = process.events[at]!;
    if (event.kind !== 'send') continue;
    const message = process.messages[at]!;
    const candidates = (byLabel.get(event.label) ?? []).filter((fate) => {
      return (
        fate.message === undefined && fate.submit.time <= event.time + clockError && sameContents(fate.submit, message)
      );
    });
    // Contents that repeat may have been submitted in several ways.
    const fate = candidates.find(({ submit }) => isAsAsked(submit, event)) ?? candidates[0];
    if (fate === undefined) unexplained.push(at);
    else fate.message = message;
  }
  return { process, fates, refused, unexplained };
}

function isAsAsked(submit: Submit, event: TraceMessage): boolean {
  if (submit.priority !== event.priority || (submit.safe && !event.safe)) return false;
  return submit.onlyIn === undefined || sameRing(submit.onlyIn, event.ring);
}
