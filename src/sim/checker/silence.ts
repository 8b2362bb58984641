/**
 * E23: from Gather until the next regular configuration a process sends nothing, and what it still delivers of the old
 * ring it delivers in the one action that installs the new one.
 */

import type { Process } from './entities.js';
import { configurationText, type Findings, messageText, ringText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkSilence(index: HistoryIndex, findings: Findings): void {
  for (const process of index.processes) checkProcess(process, index.history.installSpan ?? 0, findings);
}

function checkProcess(process: Process, installSpan: number, findings: Findings): void {
  let frozen = false;
  /** First event of the install that is going on, if one is. */
  let install = -1;
  let view = 0;
  for (let at = 0; at < process.events.length; at += 1) {
    const event = process.events[at]!;
    if (event.kind === 'freeze') {
      if (install >= 0) reportEarly(process, install, `Gather is entered again in ${ringText(event.ring)}`, findings);
      frozen = true;
      install = -1;
    } else if (event.kind === 'send' && frozen) {
      findings.at('E23', process, at, `sends ${messageText(process.messages[at]!)} between Gather and the next ring`);
    } else if (event.kind === 'deliver' && frozen && install < 0) {
      install = at;
    } else if (event.kind === 'configuration') {
      const { configuration } = process.views[view]!;
      view += 1;
      const text = configurationText(configuration);
      if (!frozen && view > 1) findings.at('E23', process, at, `delivers ${text} without having entered Gather`);
      // Said once for each change: the regular configuration that follows needs no Gather of its own.
      frozen = true;
      if (install < 0) install = at;
      if (event.time - process.events[install]!.time > installSpan) {
        reportEarly(process, install, `${text} comes only at ${event.time}`, findings);
        install = at;
      }
      if (event.configuration === 'regular') {
        frozen = false;
        install = -1;
      }
    }
  }
  const idle = process.crashed === Infinity && install >= 0;
  if (idle) reportEarly(process, install, 'no regular configuration follows', findings);
}

function reportEarly(process: Process, at: number, why: string, findings: Findings): void {
  const message = process.messages[at];
  const what = message === undefined ? 'delivers a configuration' : `delivers ${messageText(message)}`;
  findings.at('E23', process, at, `${what} between Gather and the install: ${why}`);
}
