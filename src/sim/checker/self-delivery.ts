/** E8: a process delivers what it sent before it leaves the configuration in which it sent it. */

import type { Process, Stay } from './entities.js';
import { configurationText, type Findings, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkSelfDelivery(index: HistoryIndex, findings: Findings): void {
  for (const process of index.processes) {
    for (const stay of process.stays) if (stay.next !== undefined) checkStay(process, stay, stay.next, findings);
  }
}

function checkStay(process: Process, stay: Stay, next: Stay, findings: Findings): void {
  if (stay.sentFrom === stay.sentTo) return;
  const own = new Set(process.delivered.slice(stay.from, stay.to).filter((message) => message.origin === process));
  for (let i = stay.sentFrom; i < stay.sentTo; i += 1) {
    const message = process.sent[i]!;
    if (own.has(message)) continue;
    const to = configurationText(next.configuration);
    findings.at(
      'E8',
      process,
      next.regular.index,
      `leaves for ${to} without delivering its own ${messageText(message)}`,
    );
    return;
  }
}
