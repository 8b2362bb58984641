/**
 * Faults that lie in wait: they strike when some process enters a state of membership, or is about to, where a random moment would
 * rarely find it. The two rotations of a commit token and a recovery last a millisecond in seconds (S13, S22, S23).
 */
import type { Action } from './actions.js';
import type { Cluster } from './cluster.js';
import type { Moment } from './process.js';
import type { Random } from './random.js';
import { MICROSECOND, MILLISECOND } from './time.js';

export type AmbushKind = 'crash' | 'pause' | 'stall' | 'isolate' | 'split' | 'tokenLoss' | 'dataLoss' | 'duplicates';

export interface AmbushPlan {
  readonly moments: readonly Moment[];
  readonly kinds: readonly AmbushKind[];
  /** Probability that such a moment springs it. */
  readonly chance: number;
  /** How often at most. */
  readonly limit: number;
  /** ns: all that it began has ended by then. */
  readonly until: number;
  /** How long a fault lasts, ns, at least and at most. Left out: around the token time-out. */
  readonly last?: readonly [number, number];
}

/** Between the state and the fault: any order of magnitude. */
const DELAY_MIN = 10 * MICROSECOND;
const DELAY_MAX = 30 * MILLISECOND;
/** Around the token time-out. */
const LAST: readonly [number, number] = [MILLISECOND, 600 * MILLISECOND];

export class Ambush {
  private readonly cluster: Cluster;
  private readonly random: Random;
  private readonly plan: AmbushPlan;
  private sprung = 0;

  constructor(cluster: Cluster, random: Random, plan: AmbushPlan) {
    this.cluster = cluster;
    this.random = random;
    this.plan = plan;
    cluster.onMoment = (node, moment) => this.entered(node, moment);
  }

  private entered(node: number, moment: Moment): void {
    const { plan, random } = this;
    const { queue } = this.cluster;
    if (!plan.moments.includes(moment) || this.sprung >= plan.limit || !random.chance(plan.chance)) return;
    const at = queue.now + random.logUniform(DELAY_MIN, DELAY_MAX);
    const end = Math.min(at + random.logUniform(...(plan.last ?? LAST)), plan.until);
    if (at >= end) return;
    this.sprung++;
    const { begin, mend } = this.fault(random.pick(plan.kinds), node, end - at);
    queue.at(at, () => this.cluster.apply(begin));
    if (mend !== undefined) queue.at(end, () => this.cluster.apply(mend));
  }

  private fault(kind: AmbushKind, node: number, time: number): { readonly begin: Action; readonly mend?: Action } {
    const groups = this.cluster.machines.map((_, index) => (index === node ? 1 : 0));
    switch (kind) {
      case 'crash':
        return { begin: { do: 'crash', node, power: false, loseWrites: false }, mend: { do: 'start', node } };
      case 'pause':
        return { begin: { do: 'pause', node }, mend: { do: 'resume', node } };
      case 'stall':
        return { begin: { do: 'stall', node, for: time } };
      case 'isolate':
        return { begin: { do: 'partition', groups }, mend: { do: 'heal' } };
      case 'split':
        return { begin: { do: 'partition', groups: groups.map(() => this.random.below(2)) }, mend: { do: 'heal' } };
      case 'tokenLoss':
        return { begin: { do: 'quality', change: { tokenLoss: 1 } }, mend: { do: 'resetQuality' } };
      case 'dataLoss':
        return { begin: { do: 'quality', to: node, change: { dataLoss: 1 } }, mend: { do: 'resetQuality' } };
      case 'duplicates': {
        const change = { duplicate: 1, copies: 3, reorderDelay: Math.round(time) };
        return { begin: { do: 'quality', change }, mend: { do: 'resetQuality' } };
      }
    }
  }
}
