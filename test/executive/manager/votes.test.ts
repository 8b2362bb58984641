import { describe, expect, test } from 'vitest';
import { countVotes, type QuorumOptions } from '../../../src/executive/manager/votes.js';

function options(nodes: number, changes: Partial<QuorumOptions> = {}): QuorumOptions {
  const votes = new Map(Array.from({ length: nodes }, (_, index) => [index + 1, 1]));
  return { votes, expectedVotes: nodes, twoNode: false, waitForAll: false, autoTieBreaker: false, ...changes };
}

const isPrimary = (quorum: QuorumOptions, members: number[], hasSeenAll = false) =>
  countVotes(quorum, members, hasSeenAll).isPrimary;

describe('A component is primary', () => {
  test.each([
    [3, [1, 2], true],
    [3, [3], false],
    [4, [1, 2], false],
    [4, [2, 3, 4], true],
    [1, [1], true],
  ])('with more than half of %i votes: %j %s', (nodes, members, expected) => {
    expect(isPrimary(options(nodes), members)).toBe(expected);
  });

  test('by votes, not by heads; who is not listed has one', () => {
    const votes = new Map([
      [1, 3],
      [2, 1],
      [3, 1],
    ]);
    expect(isPrimary(options(3, { votes, expectedVotes: 5 }), [1])).toBe(true);
    expect(isPrimary(options(3, { votes, expectedVotes: 5 }), [2, 3])).toBe(false);
    expect(isPrimary(options(3, { votes, expectedVotes: 5 }), [2, 3, 9])).toBe(true);
  });

  test('of two halves where the lowest node is, if ties are broken', () => {
    const quorum = options(4, { autoTieBreaker: true });
    expect([isPrimary(quorum, [1, 4]), isPrimary(quorum, [2, 3])]).toEqual([true, false]);
  });

  test('with all that are expected first, if it waits for them; later with most', () => {
    const quorum = options(3, { waitForAll: true });
    expect(isPrimary(quorum, [1, 2])).toBe(false);
    const { isPrimary: all, hasSeenAll } = countVotes(quorum, [1, 2, 3], false);
    expect([all, hasSeenAll]).toEqual([true, true]);
    expect(isPrimary(quorum, [1, 2], hasSeenAll)).toBe(true);
    expect(isPrimary(quorum, [1], hasSeenAll)).toBe(false);
  });

  test('of two nodes each alone, once they have been together', () => {
    const quorum = options(2, { twoNode: true });
    expect(isPrimary(quorum, [1])).toBe(false);
    expect(isPrimary(quorum, [2], true)).toBe(true);
  });
});
