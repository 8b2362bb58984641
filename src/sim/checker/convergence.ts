/** What must be true of the processes in a time of calm, and from when on. */

import type { Process } from './entities.js';
import type { Calm, Timing } from './history.js';
import type { HistoryIndex } from './index-history.js';

/** Processes that can talk to each other in both directions, directly or through others. */
export interface Component {
  readonly processes: ReadonlySet<Process>;
  /** Directly with whom. */
  readonly neighbours: ReadonlyMap<Process, ReadonlySet<Process>>;
  /** By then all is settled: the bound T_b after the beginning of calm. */
  readonly settled: number;
}

/** T_b of totem A24, in nanoseconds, for a component of `size` processes. */
export function convergenceBound(timing: Timing, size: number, failed: number): number {
  const { token, consensus, merge, failureToReceive, quarantine, persistence } = timing;
  const detection = failureToReceive + quarantine + 2 * merge + token;
  const membership = (failed + 2) * (consensus + token) + 2 * token + persistence;
  const boundary = 6 * size * timing.boundaryDelay;
  return detection + membership + boundary + timing.recoveryRotations * timing.rotation;
}

export function componentsOf(calm: Calm, timing: Timing, index: HistoryIndex): Component[] {
  const neighbours = twoWay(calm, index);
  const components: Component[] = [];
  const placed = new Set<Process>();
  for (const start of neighbours.keys()) {
    if (placed.has(start)) continue;
    const processes = new Set([start]);
    // The set grows while it is walked: that is the whole search.
    for (const process of processes) for (const next of neighbours.get(process)!) processes.add(next);
    for (const process of processes) placed.add(process);
    const failed = timing.failed ?? index.processes.length - processes.size;
    components.push({ processes, neighbours, settled: calm.from + convergenceBound(timing, processes.size, failed) });
  }
  return components;
}

function twoWay(calm: Calm, index: HistoryIndex): Map<Process, Set<Process>> {
  const byNode = new Map<number, { process: Process; reaches: ReadonlySet<number> }>();
  for (const { process: name, reaches } of calm.processes) {
    const process = index.processOf(name);
    if (process === undefined) throw new TypeError(`calm names ${name.node}.${name.incarnation}, which has no trace`);
    byNode.set(name.node, { process, reaches: new Set(reaches) });
  }
  const neighbours = new Map<Process, Set<Process>>();
  for (const [node, { process, reaches }] of byNode) {
    const both = [...reaches].map((other) => byNode.get(other)).filter((other) => other?.reaches.has(node));
    neighbours.set(process, new Set(both.map((other) => other!.process).filter((other) => other !== process)));
  }
  return neighbours;
}

export function isClique(processes: Iterable<Process>, { neighbours }: Component): boolean {
  const all = [...processes];
  return all.every((a) => all.every((b) => a === b || neighbours.get(a)?.has(b)));
}
