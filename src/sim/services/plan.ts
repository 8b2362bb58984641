/** What a seed decides about services and their clients. */
import type { QuorumOptions } from '../../executive/manager/votes.js';
import type { Random } from '../random.js';
import { MILLISECOND } from '../time.js';

export interface ServicePlan {
  /** ns between requests of an executive's clients, in the mean. */
  readonly interval: number;
  /** Of each executive. */
  readonly clients: number;
  /** Bytes of a section and of an event at most. */
  readonly bytes: number;
  /** Probabilities: a step is about events; calls that are given up; clients that close or die instead of asking. */
  readonly events: number;
  readonly impatience: number;
  readonly deaths: number;
  /** Of a call about things that come and go, not about those that are to stay. */
  readonly fleeting: number;
  readonly quorum: QuorumOptions | undefined;
}

/** `nodes`: ids, in the order of the node list. */
export function drawServices(random: Random, nodes: readonly number[]): ServicePlan {
  return {
    interval: Math.round(random.logUniform(MILLISECOND, 100 * MILLISECOND)),
    clients: random.between(1, 6),
    bytes: Math.round(random.logUniform(32, 20_000)),
    events: random.pick([0, 0.3, 0.5, 1]),
    impatience: random.pick([0, 0.05, 0.3]),
    deaths: random.pick([0, 0.005, 0.03]),
    fleeting: random.pick([0.1, 0.3, 0.6]),
    quorum: random.chance(0.5) ? drawQuorum(random, nodes) : undefined,
  };
}

function drawQuorum(random: Random, nodes: readonly number[]): QuorumOptions {
  const weighted = random.chance(0.2);
  const votes = new Map(nodes.map((node) => [node, weighted ? random.between(1, 3) : 1]));
  const expectedVotes = [...votes.values()].reduce((sum, each) => sum + each, 0);
  const twoNode = nodes.length === 2 && !weighted && random.chance(0.6);
  return {
    votes,
    expectedVotes,
    twoNode,
    waitForAll: twoNode || random.chance(0.2),
    autoTieBreaker: !twoNode && random.chance(0.4),
  };
}
