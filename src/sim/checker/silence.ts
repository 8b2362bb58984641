/**
 * E23: from Gather until the next regular configuration a process sends nothing, and what it still delivers of the old
 * ring it delivers in the one action that installs the new one.
 */

import { type Process, sameRing } from './entities.js';
import { configurationText, type Findings, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';
import type { TraceFreeze } from './trace.js';

export function checkSilence(index: HistoryIndex, findings: Findings): void {
  const { installSpan = 0, end } = index.history;
  for (const process of index.processes) checkProcess(process, installSpan, end, findings);
}

function checkProcess(process: Process, installSpan: number, end: number, findings: Findings): void {
  const { events, views } = process;
  const freezes: TraceFreeze[] = [];
  let frozen = false;
  /** First event of the install that is going on, if one is. */
  let install = -1;
  let next = 0;
  for (let at = 0; at < events.length; at += 1) {
    const event = events[at]!;
    if (event.kind === 'freeze') {
      // It may be that of a ring that forms, and is given up or installed later: the process is frozen all the same.
      freezes.push(event);
      frozen = true;
    } else if (event.kind === 'send' && frozen) {
      findings.at('E23', process, at, `sends ${messageText(process.messages[at]!)} between Gather and the next ring`);
    } else if (event.kind === 'deliver' && frozen && install < 0) {
      install = at;
    } else if (event.kind === 'configuration') {
      const { configuration } = views[next]!;
      const text = configurationText(configuration);
      if (!frozen && next > 0) findings.at('E23', process, at, `delivers ${text} without having entered Gather`);
      next += 1;
      if (install < 0) install = at;
      if (event.time - events[install]!.time > installSpan) {
        reportEarly(process, install, `${text} comes only at ${event.time}`, findings);
        install = at;
      }
      const regular = configuration.kind === 'regular';
      if (regular) install = -1;
      frozen = !regular || freezes.some(({ ring }) => sameRing(ring, configuration.ring));
    }
  }
  // A crash may cut an install short.
  if (install < 0 || process.crashed !== Infinity || end - events[install]!.time <= installSpan) return;
  reportEarly(process, install, 'no regular configuration follows', findings);
}

function reportEarly(process: Process, at: number, why: string, findings: Findings): void {
  const message = process.messages[at];
  const what = message === undefined ? 'delivers a configuration' : `delivers ${messageText(message)}`;
  findings.at('E23', process, at, `${what} between Gather and the install: ${why}`);
}
