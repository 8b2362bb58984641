/**
 * E1, E6 and E7: what a trace looks like, that a configuration is the same thing to all, and who is in a transitional
 * one.
 */

import { type Configuration, type Process, sameRing, type View } from './entities.js';
import { configurationText, type Findings, memberText, processesText, ringText } from './findings.js';
import type { HistoryIndex } from './index-history.js';
import type { TraceConfiguration } from './trace.js';

export function checkConfigurations(index: HistoryIndex, findings: Findings): void {
  for (const process of index.processes) {
    if (!process.traced) continue;
    checkBeginning(process, findings);
    checkEvents(process, index.clockError, findings);
    for (const [i, view] of process.views.entries()) {
      checkSelf(view, findings);
      checkAgreement(view, findings);
      checkParent(view, process.views[i - 1]?.stay?.configuration, findings);
      if (view.configuration.kind === 'transitional') checkTransitional(view, index, findings);
    }
    checkWay(process, findings);
  }
  checkRingIds(index, findings);
}

/** E1: a start, then the configuration of the process alone. */
function checkBeginning(process: Process, findings: Findings): void {
  const [start, boot] = process.events;
  if (start === undefined) return;
  const { node, incarnation } = process.name;
  if (start.kind !== 'start' || start.node !== node || start.incarnation !== incarnation) {
    findings.at('E1', process, 0, `the trace of ${memberText(process.name)} does not begin with its start`);
  } else if (boot !== undefined && (boot.kind !== 'configuration' || !isBoot(process.views[0]!))) {
    findings.at('E1', process, 1, `the first event after the start is not the regular configuration of itself alone`);
  }
}

function isBoot(view: View): boolean {
  const { kind, members } = view.configuration;
  return kind === 'regular' && members.length === 1 && members[0] === view.process;
}

/** E1: time goes forward, nothing follows a crash, and each message names the regular configuration that it lies in. */
function checkEvents(process: Process, clockError: number, findings: Findings): void {
  const { events, views, crashed } = process;
  let time = 0;
  let next = 0;
  let ring: Configuration['ring'] | undefined;
  for (let at = 0; at < events.length; at += 1) {
    const event = events[at]!;
    if (event.time < time) findings.at('E1', process, at, `time goes back from ${time} to ${event.time}`);
    if (event.time > crashed + clockError)
      findings.at('E1', process, at, `${event.kind} after its crash at ${crashed}`);
    time = event.time;
    if (views[next]?.index === at) {
      ring = views[next]?.stay?.configuration.ring;
      next += 1;
    } else if (event.kind === 'start' && at > 0) {
      findings.at('E1', process, at, 'a second start in one trace');
    } else if (event.kind === 'send' || event.kind === 'deliver') {
      if (ring === undefined) findings.at('E1', process, at, `${event.kind} before any regular configuration`);
      else if (!sameRing(ring, event.ring)) {
        const where = `${event.kind} names ${ringText(event.ring)}`;
        findings.at('E1', process, at, `${where}, but the process is in ${ringText(ring)}`);
      }
    }
  }
}

/** E1: p is in members(c). */
function checkSelf(view: View, findings: Findings): void {
  const { process } = view;
  const names = (process.events[view.index] as TraceConfiguration).members;
  if (names.some(({ node, incarnation }) => node === process.name.node && incarnation === process.name.incarnation)) {
    return;
  }
  const text = configurationText(view.configuration);
  findings.at('E1', process, view.index, `${memberText(process.name)} delivers ${text} without being a member`);
}

/** E6, and (d) of E7: equal id, equal members. */
function checkAgreement(view: View, findings: Findings): void {
  const { configuration, process } = view;
  const names = (process.events[view.index] as TraceConfiguration).members;
  const { members } = configuration;
  const equal =
    names.length === members.length &&
    names.every(({ node, incarnation }, at) => {
      const { name } = members[at]!;
      return name.node === node && name.incarnation === incarnation;
    });
  if (equal) return;
  const first = memberText(configuration.views[0]!.process.name);
  const mine = `{${names.map(memberText).join(' ')}}`;
  const text = `${configurationText(configuration)} at ${first} has the members ${mine} here`;
  findings.at(configuration.kind === 'regular' ? 'E6' : 'E7', process, view.index, text);
}

/**
 * E6: the parent. Of a transitional configuration it is part of the id (A23); of any it is the ring that the process
 * was in.
 */
function checkParent(view: View, before: Configuration | undefined, findings: Findings): void {
  const { process, configuration, index } = view;
  const { old } = process.events[index] as TraceConfiguration;
  const text = configurationText(configuration);
  if (before === undefined) {
    if (old.representative !== 0) findings.at('E6', process, index, `${text} follows ${ringText(old)} at boot`);
  } else if (!sameRing(before.ring, old)) {
    const came = ringText(before.ring);
    findings.at('E6', process, index, `${text} claims to follow ${ringText(old)}, but the process was in ${came}`);
  }
}

/** E7: regular, transitional, regular, and so on; a transitional configuration leads where it says. */
function checkWay(process: Process, findings: Findings): void {
  for (const view of process.views) {
    const { next, configuration } = view;
    if (next === undefined) continue;
    const to = configurationText(next.configuration);
    if (configuration.kind === next.configuration.kind) {
      const text = `${to} directly after ${configurationText(configuration)}`;
      findings.at('E7', process, next.index, `${text}: regular and transitional ones alternate`);
    } else if (configuration.kind === 'transitional' && !sameRing(configuration.ring, next.configuration.ring)) {
      findings.at('E7', process, next.index, `${configurationText(configuration)} is followed by ${to}`);
    }
  }
}

/** (a), (b) and (c) of E7, for p with the transitional configuration t between the regular ones c and c2. */
function checkTransitional(view: View, index: HistoryIndex, findings: Findings): void {
  const { process, configuration: t, stay } = view;
  const c = stay?.configuration;
  if (c === undefined || !sameRing(c.ring, t.old)) return;
  const c2 = index.regularOf(t.ring);
  for (const q of t.members) {
    const name = memberText(q.name);
    const text = `${configurationText(t)} contains ${name}`;
    if (!c.memberSet.has(q)) {
      findings.at('E7', process, view.index, `${text}, which is not in ${configurationText(c)}`);
      continue;
    }
    if (c2 !== undefined && !c2.memberSet.has(q)) {
      findings.at('E7', process, view.index, `${text}, which is not in ${configurationText(c2)}`);
    }
    const other = c.stays.get(q);
    const later = other?.next?.configuration;
    if (other === undefined) {
      findings.at('E7', process, view.index, `${text}, which never delivered ${configurationText(c)}`);
    } else if (later !== undefined && later !== c2 && later.ring.seq < t.ring.seq) {
      findings.at('E7', process, view.index, `${text}, which had gone on from there to ${configurationText(later)}`);
    }
  }
  // Once for each t: its members are the same to all, or (d) has complained.
  if (t.views[0] === view && c2 !== undefined) checkComplete(view, c, c2, findings);
}

/** (b) of E7: whoever installs c2 directly from c is in t. */
function checkComplete(view: View, c: Configuration, c2: Configuration, findings: Findings): void {
  const t = view.configuration;
  for (const q of c2.stays.keys()) {
    if (c.stays.get(q)?.next?.configuration !== c2 || t.memberSet.has(q)) continue;
    const went = `${memberText(q.name)} went from ${ringText(c.ring)} to ${ringText(c2.ring)}`;
    findings.at('E7', view.process, view.index, `${went} and is not in ${configurationText(t)}`);
  }
}

/** E6: ring ids are never made twice, and sequences rise, at a process and over the incarnations of a node. */
function checkRingIds(index: HistoryIndex, findings: Findings): void {
  const forgetful = new Set(index.history.forgetful ?? []);
  const byMaker = new Map<string, Configuration>();
  for (const configuration of index.configurations) {
    if (configuration.kind !== 'regular' || forgetful.has(configuration.ring.representative)) continue;
    const key = `${configuration.ring.representative}.${configuration.ring.seq}`;
    const other = byMaker.get(key);
    if (other === undefined) {
      byMaker.set(key, configuration);
      continue;
    }
    const { process, index: at } = configuration.views[0]!;
    const both = `${processesText(other.members)} and ${processesText(configuration.members)}`;
    findings.at('E6', process, at, `${ringText(configuration.ring)} was made twice, for ${both}`);
  }
  const incarnations = index.processes.filter((process) => process.traced).sort(byIncarnation);
  for (const [i, process] of incarnations.entries()) {
    const before = incarnations[i - 1];
    const restarted = before?.name.node === process.name.node && !forgetful.has(process.name.node);
    checkRising(process, restarted ? before.stays.at(-1)?.configuration : undefined, findings);
  }
}

function byIncarnation(a: Process, b: Process): number {
  if (a.name.node !== b.name.node) return a.name.node - b.name.node;
  return a.name.incarnation < b.name.incarnation ? -1 : 1;
}

function checkRising(process: Process, before: Configuration | undefined, findings: Findings): void {
  let last = before;
  for (const { configuration, regular } of process.stays) {
    if (last !== undefined && configuration.ring.seq <= last.ring.seq) {
      const text = `${configurationText(configuration)} at ${memberText(process.name)}`;
      findings.at('E6', process, regular.index, `${text} does not come after ${configurationText(last)}`);
    }
    last = configuration;
  }
}
