/**
 * E9, failure atomicity: all who go together from a configuration to the next have delivered the same messages in it.
 * Compared are the sequences, not only the sets; E13 demands that anyway.
 */

import type { View } from './entities.js';
import { configurationText, type Findings, memberText, messageText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkAtomicity(index: HistoryIndex, findings: Findings): void {
  for (const { views } of index.configurations) {
    /** By the number of the next configuration: the first who went there. */
    const first = new Map<number, View>();
    for (const view of views) {
      if (view.next === undefined) continue;
      const next = view.next.configuration.number;
      const other = first.get(next);
      if (other === undefined) first.set(next, view);
      else compare(other, view, findings);
    }
  }
}

function compare(p: View, q: View, findings: Findings): void {
  const length = Math.max(p.to - p.from, q.to - q.from);
  for (let i = 0; i < length; i += 1) {
    const mine = deliveredIn(q, i);
    const its = deliveredIn(p, i);
    if (mine === its) continue;
    const at = mine === undefined ? q.next!.index : q.process.deliveredAt[q.from + i]!;
    const other = memberText(p.process.name);
    const here = mine === undefined ? 'delivers nothing more' : `delivers ${messageText(mine)}`;
    const there = its === undefined ? 'delivers nothing more' : `delivers ${messageText(its)}`;
    const where = `as number ${i + 1} in ${configurationText(q.configuration)}`;
    const text = `${here} where ${other} ${there}, ${where}; both go on to ${configurationText(q.next!.configuration)}`;
    findings.at('E9', q.process, at, text);
    return;
  }
}

function deliveredIn(view: View, i: number) {
  return view.from + i < view.to ? view.process.delivered[view.from + i] : undefined;
}
