/** E24: no ring sequence leaves a node before its disk holds it; and incarnations of a node rise. */

import { type Findings, memberText } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkDurability(index: HistoryIndex, findings: Findings): void {
  const forgetful = new Set(index.history.forgetful ?? []);
  checkOnWire(index, forgetful, findings);
  const started = index.processes.filter((process) => process.events.length > 0 && !forgetful.has(process.name.node));
  started.sort((a, b) => a.events[0]!.time - b.events[0]!.time);
  const last = new Map<number, bigint>();
  for (const process of started) {
    const { node, incarnation } = process.name;
    const before = last.get(node);
    if (before !== undefined && incarnation <= before) {
      findings.at('E24', process, 0, `${memberText(process.name)} starts after incarnation ${before}`);
    }
    last.set(node, incarnation);
  }
}

function checkOnWire({ history, processes }: HistoryIndex, forgetful: ReadonlySet<number>, findings: Findings): void {
  const { persisted, onWire } = history;
  if (persisted === undefined || onWire === undefined) return;
  const writes = persisted.toSorted((a, b) => a.time - b.time);
  const highWater = new Map<number, bigint>();
  let next = 0;
  for (const { node, time, ringSeq } of onWire.toSorted((a, b) => a.time - b.time)) {
    for (; next < writes.length && writes[next]!.time <= time; next += 1) {
      const write = writes[next]!;
      const known = highWater.get(write.node) ?? 0n;
      if (write.ringSeq > known) highWater.set(write.node, write.ringSeq);
    }
    const durable = highWater.get(node) ?? 0n;
    if (ringSeq <= durable || forgetful.has(node)) continue;
    const ran = processes.findLast(
      (process) => process.name.node === node && (process.events[0]?.time ?? Infinity) <= time,
    );
    const process = ran?.name ?? { node, incarnation: 0n };
    findings.outside('E24', process, time, `sends ring sequence ${ringSeq} while its disk holds ${durable}`);
  }
}
