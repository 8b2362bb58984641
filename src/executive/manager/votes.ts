/** Whether a configuration is the primary component, as a function of its members and of what they have seen (totem 6, quorum). */
import type { Hello } from './hello.js';

export interface QuorumOptions {
  /** Votes of each node of the node list. A node that is not listed has one. */
  readonly votes: ReadonlyMap<number, number>;
  readonly expectedVotes: number;
  /** Of two nodes one is enough; it implies waitForAll. */
  readonly twoNode: boolean;
  /** Nothing is primary before all that are expected have been there together once. */
  readonly waitForAll: boolean;
  /** Of two halves the one with the lowest node of the node list is primary. */
  readonly autoTieBreaker: boolean;
}

export interface Ballot {
  readonly isPrimary: boolean;
  /** All that are expected are here, or somebody here was with all of them before. */
  readonly hasSeenAll: boolean;
  /** All that are expected are here. */
  readonly isComplete: boolean;
}

/** By a component without a tie breaker. */
export function votesNeeded({ expectedVotes, twoNode }: Pick<QuorumOptions, 'expectedVotes' | 'twoNode'>): number {
  return twoNode ? 1 : Math.floor(expectedVotes / 2) + 1;
}

export function countVotes(options: QuorumOptions, members: readonly number[], hasSeenAllBefore: boolean): Ballot {
  const { votes, expectedVotes, twoNode, waitForAll, autoTieBreaker } = options;
  const present = members.reduce((sum, member) => sum + (votes.get(member) ?? 1), 0);
  const isComplete = present >= expectedVotes;
  const hasSeenAll = hasSeenAllBefore || isComplete;
  const lowest = Math.min(...votes.keys());
  const breaksTie = autoTieBreaker && 2 * present === expectedVotes && members.includes(lowest);
  const isEnough = present >= votesNeeded(options) || breaksTie;
  return { isPrimary: isEnough && (hasSeenAll || !(waitForAll || twoNode)), hasSeenAll, isComplete };
}

/**
 * Somebody here was, before it started again, in a primary component that is later than all that anybody here has the state of: some
 * node elsewhere may have that, and clients were told that it stays. Where nobody has any state there is none to wait for.
 */
export function lacksState(hellos: readonly Pick<Hello, 'lastPrimaryView' | 'rememberedView'>[]): boolean {
  const best = Math.max(...hellos.map(({ lastPrimaryView }) => lastPrimaryView));
  return best > 0 && hellos.some(({ rememberedView }) => rememberedView > best);
}
