/**
 * Swarm testing: a seed first draws which kinds of faults exist at all and how often they come, then a schedule of them. Few kinds at a
 * time, in ever other mixtures, reach more states than all kinds all the time.
 */
import type { TimedAction } from './actions.js';
import type { LinkQuality } from './network.js';
import type { Random } from './random.js';
import { MILLISECOND, SECOND } from './time.js';

export interface FaultSettings {
  readonly nodes: number;
  /** When faults may begin and when all must have ended, ns. */
  readonly begin: number;
  readonly end: number;
  /** Timers of the token and of agreement, ns: what partitions flap around (S26). */
  readonly consensus: number;
}

type Kind = (random: Random, settings: FaultSettings) => TimedAction[];

/** Probability that a kind exists in a run. */
const KINDS: readonly { readonly chance: number; readonly draw: Kind }[] = [
  { chance: 0.4, draw: crashes },
  { chance: 0.3, draw: pauses },
  { chance: 0.25, draw: partitions },
  { chance: 0.2, draw: cuts },
  { chance: 0.3, draw: badLinks },
  { chance: 0.15, draw: oneSocketBad },
  { chance: 0.2, draw: stalls },
  { chance: 0.15, draw: consumerStalls },
  { chance: 0.12, draw: leaves },
];

/** At most so many faults of one kind. */
const FAULTS_OF_A_KIND = 12;

export function drawFaults(random: Random, settings: FaultSettings): TimedAction[] {
  const kinds = KINDS.filter(({ chance }) => random.chance(chance));
  const schedule = kinds.flatMap(({ draw }) => draw(random, settings));
  // A stable sort: what a kind does in one instant stays in its order.
  return schedule.sort((a, b) => a.at - b.at);
}

/** Times of faults that come at random, a drawn number of them. */
function times(random: Random, { begin, end }: FaultSettings): number[] {
  const count = Math.round(random.logUniform(1, FAULTS_OF_A_KIND));
  return Array.from({ length: count }, () => Math.round(random.uniform(begin, end))).sort((a, b) => a - b);
}

/** An end for a fault: any order of magnitude from 1 ms to 10 s, but before faults end. */
function endOf(random: Random, start: number, { end }: FaultSettings, longest = 10 * SECOND): number {
  return Math.round(Math.min(start + random.logUniform(MILLISECOND, longest), end));
}

function crashes(random: Random, settings: FaultSettings): TimedAction[] {
  const restarts = random.chance(0.8);
  const powerChance = random.pick([0, 0.5, 1]);
  return times(random, settings).flatMap((at) => {
    const node = random.below(settings.nodes);
    const power = random.chance(powerChance);
    const crash: TimedAction = { at, action: { do: 'crash', node, power, loseWrites: random.chance(0.5) } };
    if (!restarts) return [crash];
    // A snapshot of a virtual machine is put back (S41).
    const restored: TimedAction[] = random.chance(0.05) ? [{ at, action: { do: 'restoreDisk', node } }] : [];
    return [crash, ...restored, { at: endOf(random, at, settings, 3 * SECOND), action: { do: 'start', node } }];
  });
}

function pauses(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).flatMap((at) => {
    const node = random.below(settings.nodes);
    return [
      { at, action: { do: 'pause', node } },
      { at: endOf(random, at, settings), action: { do: 'resume', node } },
    ];
  });
}

/** Now and then the same two sides flap with a period around the time of agreement. */
function partitions(random: Random, settings: FaultSettings): TimedAction[] {
  const drawGroups = (): number[] => Array.from({ length: settings.nodes }, () => random.below(random.pick([2, 2, 3])));
  if (!random.chance(0.3)) {
    return times(random, settings).flatMap((at) => {
      const heals: TimedAction[] = random.chance(0.7)
        ? [{ at: endOf(random, at, settings, 3 * SECOND), action: { do: 'heal' } }]
        : [];
      return [{ at, action: { do: 'partition', groups: drawGroups() } }, ...heals];
    });
  }
  const groups = drawGroups();
  const period = settings.consensus * random.uniform(0.3, 3);
  const flaps: TimedAction[] = [];
  let at = random.uniform(settings.begin, settings.end);
  for (let i = 0; i < FAULTS_OF_A_KIND && at < settings.end; i++, at += period) {
    flaps.push({ at: Math.round(at), action: i % 2 === 0 ? { do: 'partition', groups } : { do: 'heal' } });
  }
  return flaps;
}

function cuts(random: Random, settings: FaultSettings): TimedAction[] {
  const bothWays = random.pick([0, 0.5, 1]);
  return times(random, settings).flatMap((at) => {
    const [from, to] = twoNodes(random, settings.nodes);
    const end = endOf(random, at, settings, 4 * SECOND);
    const oneWay: TimedAction[] = [
      { at, action: { do: 'cut', from, to } },
      { at: end, action: { do: 'mend', from, to } },
    ];
    if (!random.chance(bothWays)) return oneWay;
    const back: TimedAction[] = [
      { at, action: { do: 'cut', from: to, to: from } },
      { at: end, action: { do: 'mend', from: to, to: from } },
    ];
    return [...oneWay, ...back];
  });
}

export function drawBadness(random: Random): Partial<LinkQuality> {
  return {
    ...(random.chance(0.6) ? { loss: random.logUniform(0.001, 0.3) } : {}),
    ...(random.chance(0.4) ? { duplicate: random.logUniform(0.001, 1), copies: random.between(1, 3) } : {}),
    ...(random.chance(0.4) ? { reorder: random.logUniform(0.001, 0.5) } : {}),
    reorderDelay: Math.round(random.logUniform(0.1 * MILLISECOND, 50 * MILLISECOND)),
  };
}

/** All links, one node's or one direction turns bad for a while. */
function badLinks(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).flatMap((at) => {
    const change = drawBadness(random);
    const [from, to] = twoNodes(random, settings.nodes);
    const scope = random.pick([{}, { from }, { to }, { from, to }]);
    return [
      { at, action: { do: 'quality', ...scope, change } },
      { at: endOf(random, at, settings, 5 * SECOND), action: { do: 'resetQuality' } },
    ];
  });
}

/** A firewall, or a path that large packets do not fit: data is lost and tokens are not, or the other way (S24). */
function oneSocketBad(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).flatMap((at) => {
    const [from, to] = twoNodes(random, settings.nodes);
    const amount = random.pick([0.1, 0.5, 1]);
    const change = random.pick([{ dataLoss: amount }, { tokenLoss: amount }, { pathMtu: random.between(200, 1400) }]);
    const scope = random.pick([{ to }, { from }, { from, to }]);
    return [
      { at, action: { do: 'quality', ...scope, change } },
      { at: endOf(random, at, settings, 5 * SECOND), action: { do: 'resetQuality' } },
    ];
  });
}

/** A loop that hangs up to 5 s. */
function stalls(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).map((at) => {
    const end = endOf(random, at, settings, 5 * SECOND);
    return { at, action: { do: 'stall', node: random.below(settings.nodes), for: end - at } };
  });
}

function consumerStalls(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).map((at) => {
    const end = endOf(random, at, settings, 5 * SECOND);
    return { at, action: { do: 'stallConsumer', node: random.below(settings.nodes), for: end - at } };
  });
}

/** Some at once, some come back. */
function leaves(random: Random, settings: FaultSettings): TimedAction[] {
  return times(random, settings).flatMap((at) => {
    const nodes = random.chance(0.2)
      ? Array.from({ length: settings.nodes }, (_, node) => node)
      : [random.below(settings.nodes)];
    const comesBack = random.chance(0.7);
    return nodes.flatMap((node): TimedAction[] => {
      const leave: TimedAction = { at, action: { do: 'leave', node } };
      return comesBack ? [leave, { at: endOf(random, at, settings), action: { do: 'start', node } }] : [leave];
    });
  });
}

function twoNodes(random: Random, nodes: number): [number, number] {
  const from = random.below(nodes);
  return [from, (from + 1 + random.below(nodes - 1)) % nodes];
}
