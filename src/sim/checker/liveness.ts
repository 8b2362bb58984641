/**
 * E4, E17 and E18: once nothing disturbs them any more, processes that can talk to each other agree on who is there
 * within the bound T_b, and leave it at that. Off without the timing of the harness (A26), since bounds mean nothing
 * where delays have none.
 */

import { type Component, componentsOf, isClique } from './convergence.js';
import type { Process, View } from './entities.js';
import { configurationText, type Findings, memberText, processesText } from './findings.js';
import type { Calm, Timing } from './history.js';
import type { HistoryIndex } from './index-history.js';

export function checkLiveness(index: HistoryIndex, findings: Findings): void {
  checkRan(index, findings);
  checkAlone(index, findings);
  const { timing, calm = [] } = index.history;
  if (timing === undefined) return;
  for (const period of calm) {
    const components = componentsOf(period, timing, index);
    const cliques = components.every((component) => isClique(component.processes, component));
    for (const component of components) {
      if (component.settled > period.until) continue;
      for (const process of component.processes) {
        checkSettled(process, component, cliques, findings);
        checkQuiet(process, component, period, cliques, findings);
        checkChurn(process, period, timing, findings);
        if (period.until >= index.history.end) checkLast(process, findings);
      }
    }
  }
}

/** The view of a process at a time. */
function viewAt(process: Process, time: number): View | undefined {
  return process.views.findLast((view) => process.events[view.index]!.time <= time);
}

/**
 * E17: by then it is in one regular configuration with all with whom it can talk; if that is not transitive, with a
 * clique of them.
 */
function checkSettled(process: Process, component: Component, cliques: boolean, findings: Findings): void {
  const view = viewAt(process, component.settled);
  const bad = view?.next?.index ?? process.events.length;
  if (view === undefined || view.configuration.kind !== 'regular') {
    findings.at('E17', process, bad, `is in no regular configuration at ${component.settled}`);
    return;
  }
  const { members, memberSet } = view.configuration;
  const whole = members.length === component.processes.size && members.every((q) => component.processes.has(q));
  if (cliques ? whole : isClique(memberSet, component)) return;
  const should = `${cliques ? 'all' : 'a clique'} of ${processesText(component.processes)}`;
  const text = `is in ${configurationText(view.configuration)} at ${component.settled}, not in one of ${should}`;
  findings.at('E17', process, bad, text);
}

/** E18: who can talk to each other is not split again. E17: and if that is not transitive, the choice is final. */
function checkQuiet(process: Process, component: Component, calm: Calm, cliques: boolean, findings: Findings): void {
  const view = process.views.find(({ index }) => {
    const { time } = process.events[index]!;
    return time > component.settled && time <= calm.until;
  });
  if (view === undefined) return;
  const text = `delivers ${configurationText(view.configuration)} though nothing has happened since ${calm.from}`;
  findings.at(cliques ? 'E18' : 'E17', process, view.index, text);
}

/** E17: not too many configurations on the way. */
function checkChurn(process: Process, calm: Calm, timing: Timing, findings: Findings): void {
  const { configurations } = timing;
  if (configurations === undefined) return;
  const regular = process.stays.filter((stay) => {
    const { time } = process.events[stay.regular.index]!;
    return time >= calm.from && time <= calm.until;
  });
  const tooMany = regular[configurations];
  if (tooMany === undefined) return;
  const text = `delivers ${regular.length} regular configurations since ${calm.from}, limit ${configurations}`;
  findings.at('E17', process, tooMany.regular.index, text);
}

/** E4: in the last configuration of a live process, all live and stay. */
function checkLast(process: Process, findings: Findings): void {
  const view = process.views.at(-1);
  if (view === undefined) return;
  for (const q of view.configuration.members) {
    const last = q.views.at(-1);
    if (last?.configuration === view.configuration && q.crashed === Infinity) continue;
    const where = last === undefined ? 'never ran' : `ends in ${configurationText(last.configuration)}`;
    const what = q.crashed === Infinity ? where : `crashed at ${q.crashed}`;
    const text = `ends in ${configurationText(view.configuration)}, where ${memberText(q.name)} ${what}`;
    findings.at('E4', process, process.events.length, text);
    return;
  }
}

/** E18: nobody is in a configuration before it ran. */
function checkRan({ configurations, clockError }: HistoryIndex, findings: Findings): void {
  for (const { members, views } of configurations) {
    const { process, index } = views[0]!;
    const { time } = process.events[index]!;
    for (const q of members) {
      if ((q.events[0]?.time ?? Infinity) <= time + clockError) continue;
      const text = configurationText(views[0]!.configuration);
      findings.at('E18', process, index, `${text} contains ${memberText(q.name)}, which did not run`);
    }
  }
}

/** E18: a process is alone at boot, or for a reason (A25). Needs a harness that knows all reasons. */
function checkAlone({ processes, history }: HistoryIndex, findings: Findings): void {
  if (history.alone === undefined) return;
  for (const process of processes) {
    const { node, incarnation } = process.name;
    const reasons = history.alone.filter((one) => one.process.node === node && one.process.incarnation === incarnation);
    for (const { configuration, regular } of process.stays.slice(1)) {
      const { time } = process.events[regular.index]!;
      if (configuration.members.length > 1 || reasons.some(({ from, until }) => from <= time && time <= until))
        continue;
      findings.at(
        'E18',
        process,
        regular.index,
        `forms ${configurationText(configuration)} alone, for no known reason`,
      );
    }
  }
}
