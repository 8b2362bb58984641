import { describe, expect, test } from 'vitest';
import type { CommitEntry, CommitTokenBody } from '../../src/totem/boundary.js';
import * as token from '../../src/totem/commit-token.js';
import { entry, identity, member, members, ring } from './values.js';

const RING = ring(1, 104n);

/** As it is sent by the member at `hop` (counted over all rotations) of the ring 1, 2, 3. */
function sent(hop: number, change: (entries: CommitEntry[]) => CommitEntry[] = (e) => e): CommitTokenBody {
  const entries = [1, 2, 3].map((node, i) => (i <= hop ? entry(node) : token.emptyEntry(identity(node))));
  return { ring: RING, tokenSeq: hop, entries: change(entries) };
}

describe('an arrival of the commit token', () => {
  test.each([
    [2, 1, 0, 0],
    [3, 2, 1, 0],
    [1, 3, 2, 1],
    [2, 1, 3, 1],
    [3, 2, 4, 1],
    [1, 3, 5, 2],
  ])('at node %i from %i with sequence %i is of rotation %i', (self, sender, hop, rotation) => {
    const arrival = token.readArrival(identity(self), identity(sender), sent(hop));
    expect(arrival).toMatchObject({ rotation, commit: { ring: RING, index: self - 1 } });
  });

  test.each([
    ['a wrong sequence', 3, 2, sent(2)],
    ['a sequence of a third rotation', 2, 1, sent(6)],
    ['a sender that is not before me', 3, 1, sent(1)],
    ['entries filled too early', 2, 1, sent(0, ([a, , c]) => [a as CommitEntry, entry(2), c as CommitEntry])],
    [
      'entries not filled',
      1,
      3,
      sent(2, ([a, b]) => [a as CommitEntry, b as CommitEntry, token.emptyEntry(identity(3))]),
    ],
    [
      'an old ring that is not older',
      2,
      1,
      sent(0, ([, b, c]) => [entry(1, { old: RING }), b as CommitEntry, c as CommitEntry]),
    ],
    ['no window', 2, 1, sent(0, ([, b, c]) => [entry(1, { window: 0 }), b as CommitEntry, c as CommitEntry])],
    ['members in disorder', 2, 1, sent(0, ([a, b, c]) => [a as CommitEntry, c as CommitEntry, b as CommitEntry])],
    ['another representative', 2, 1, { ...sent(0), ring: ring(2, 104n) }],
    ['one member', 1, 1, sent(0, ([a]) => [a as CommitEntry])],
  ])('is refused with %s', (_, self, sender, body) => {
    expect(token.readArrival(identity(self), identity(sender), body)).toBeUndefined();
  });

  test('is refused by a process that is not on it, or by another life of one that is', () => {
    expect(token.readArrival(identity(4), identity(1), sent(0))).toBeUndefined();
    expect(token.readArrival(identity(2, 2n), identity(1), sent(0))).toBeUndefined();
    expect(token.readArrival({ ...identity(2), salt: 1n }, identity(1), sent(0))).toBeUndefined();
    expect(token.readArrival(identity(2), identity(1, 2n), sent(0))).toBeUndefined();
  });
});

describe('a commit', () => {
  const commit = token.newCommit(RING, [identity(1), identity(2), identity(3)]);

  test('starts without entries, and takes one where it is', () => {
    expect(commit.entries.every((e) => !e.filled)).toBe(true);
    const filled = token.withEntry(commit, entry(1));
    expect(filled.entries.map((e) => e.filled)).toEqual([true, false, false]);
    expect(token.identities(filled)).toEqual([identity(1), identity(2), identity(3)]);
  });

  test('goes to the next higher node, and from the last to the first', () => {
    expect(token.nextNode(commit)).toBe(2);
    expect(token.nextNode({ ...commit, index: 2 })).toBe(1);
  });

  test('counts hops over all rotations', () => {
    expect(token.tokenOf(commit, 0).tokenSeq).toBe(0);
    expect(token.tokenOf({ ...commit, index: 2 }, 1).tokenSeq).toBe(5);
  });

  test('lists members by node and incarnation, all of them', () => {
    const body = sent(0);
    expect(token.listsMembers(body, members(1, 2, 3))).toBe(true);
    expect(token.listsMembers(body, members(1, 2))).toBe(false);
    expect(token.listsMembers(body, [member(1), member(2), member(3, 2n)])).toBe(false);
    expect(token.isOnCommit(commit, member(3))).toBe(true);
    expect(token.isOnCommit(commit, member(3, 2n))).toBe(false);
  });

  test('agrees on windows that every member can take', () => {
    const entries = [entry(1, { window: 80, acceleratedWindow: 60 }), entry(2, { window: 40, acceleratedWindow: 50 })];
    expect(token.agreedWindows(entries)).toEqual({ window: 40, acceleratedWindow: 40 });
  });
});

describe('an entry', () => {
  test.each<Partial<CommitEntry>>([
    { identity: identity(2) },
    { old: ring(1, 96n) },
    { filled: false },
    { receivedFlag: true },
    { aru: 11n },
    { highDelivered: 9n },
    { window: 51 },
    { acceleratedWindow: 21 },
    { deliverMembers: Uint8Array.from({ length: 16 }, () => 1) },
  ])('differs from another in case %#', (change) => {
    expect(token.sameEntry(entry(1), entry(1))).toBe(true);
    expect(token.sameEntry(entry(1), entry(1, change))).toBe(false);
  });
});
