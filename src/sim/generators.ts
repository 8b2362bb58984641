/**
 * Scenarios that are not one story but many: each makes the faults of a run from a seed. Named after the failure scenarios of the
 * specification; `npm run sim -- --generator S23 --seeds 1000` runs one of them alone.
 */

import type { TimedAction } from './actions.js';
import type { AmbushKind, AmbushPlan } from './ambush.js';
import type { FaultSettings } from './faults.js';
import type { Moment } from './process.js';
import type { Random } from './random.js';
import { MILLISECOND, SECOND } from './time.js';

export interface Generated {
  readonly faults: readonly TimedAction[];
  readonly ambush?: AmbushPlan;
  /** ns: faults end then, later than the settings say. */
  readonly end?: number;
}

type Generator = (random: Random, settings: FaultSettings) => Generated;

/** What makes a cluster form new rings at all, a few times. */
function unrest(random: Random, { nodes, begin, end }: FaultSettings): TimedAction[] {
  const actions: TimedAction[] = [];
  const rounds = random.between(2, 6);
  for (let round = 0; round < rounds; round++) {
    const at = Math.round(random.uniform(begin, end));
    const back = Math.round(Math.min(end, at + random.logUniform(50 * MILLISECOND, SECOND)));
    const node = random.below(nodes);
    if (random.chance(0.5)) {
      actions.push({ at, action: { do: 'crash', node, power: random.chance(0.5), loseWrites: random.chance(0.5) } });
      actions.push({ at: back, action: { do: 'start', node } });
    } else {
      const groups = Array.from({ length: nodes }, () => random.below(2));
      actions.push({ at, action: { do: 'partition', groups } }, { at: back, action: { do: 'heal' } });
    }
  }
  return actions.sort((a, b) => a.at - b.at);
}

function ambushed(moments: readonly Moment[], kinds: readonly AmbushKind[], limit: number): Generator {
  return (random, settings) => ({
    faults: unrest(random, settings),
    ambush: { moments, kinds, limit, chance: random.logUniform(0.1, 1), until: settings.end },
  });
}

/** Loops hang when a configuration is new, some for longer than the synchronisation of services waits for them. */
function hanging(random: Random, settings: FaultSettings): Generated {
  const end = settings.end + random.uniform(5, 15) * SECOND;
  const last = [5 * SECOND, 12 * SECOND] as const;
  const chance = random.uniform(0.1, 0.6);
  return {
    faults: unrest(random, settings),
    ambush: { moments: ['installs'], kinds: ['stall'], limit: 6, chance, until: end, last },
    end,
  };
}

/** S26: two of three sides flap with a period around the time of agreement. */
function flapping(random: Random, { nodes, begin, end, consensus }: FaultSettings): Generated {
  const groups = Array.from({ length: nodes }, (_, node) => (nodes === 2 ? node : random.below(3)));
  const period = consensus * random.uniform(0.3, 3);
  const faults: TimedAction[] = [];
  for (let at = begin, i = 0; at < end; at += period * random.uniform(0.9, 1.1), i++) {
    faults.push({ at: Math.round(at), action: i % 2 === 0 ? { do: 'partition', groups } : { do: 'heal' } });
  }
  return { faults };
}

/** S10: one after another is stopped, for half a token time-out to ten of them. */
function pausing(random: Random, { nodes, begin, end }: FaultSettings): Generated {
  const faults: TimedAction[] = [];
  for (let at = begin; at < end; at += random.uniform(20, 800) * MILLISECOND) {
    const node = random.below(nodes);
    const back = Math.min(end, at + random.logUniform(100 * MILLISECOND, 2.5 * SECOND));
    faults.push({ at: Math.round(at), action: { do: 'pause', node } });
    faults.push({ at: Math.round(back), action: { do: 'resume', node } });
  }
  return { faults: faults.sort((a, b) => a.at - b.at) };
}

/** S45: loss of 5 to 30 % on all links, and now and then a new ring. */
function lossy(random: Random, settings: FaultSettings): Generated {
  const loss: TimedAction = { at: 0, action: { do: 'quality', change: { loss: random.uniform(0.05, 0.3) } } };
  return { faults: [loss, ...(random.chance(0.5) ? unrest(random, settings) : [])] };
}

/** S21: leaves, many at once, in the middle of other changes. */
function leaving(random: Random, settings: FaultSettings): Generated {
  const leaves: TimedAction[] = [];
  for (let node = 0; node < settings.nodes; node++) {
    if (random.chance(0.4)) continue;
    const at = Math.round(random.uniform(settings.begin, settings.end));
    leaves.push({ at: random.chance(0.3) ? settings.begin : at, action: { do: 'leave', node } });
    leaves.push({ at: Math.min(settings.end, at + SECOND), action: { do: 'start', node } });
  }
  return { faults: [...unrest(random, settings), ...leaves].sort((a, b) => a.at - b.at) };
}

export const GENERATORS: Readonly<Record<string, Generator>> = {
  S10: pausing,
  S13: ambushed(['commit'], ['isolate', 'split', 'crash'], 8),
  S21: leaving,
  S22: ambushed(['gather', 'commit'], ['duplicates', 'tokenLoss', 'isolate'], 6),
  S23: ambushed(['recovery'], ['tokenLoss', 'dataLoss', 'pause', 'isolate', 'crash', 'stall'], 5),
  S26: flapping,
  S45: lossy,
  hang: hanging,
};

/** Those that mean something only where services are. */
export const FOR_SERVICES: readonly string[] = ['hang'];
