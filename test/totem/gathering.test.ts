import { beforeEach, describe, expect, test } from 'vitest';
import { Gathering, JOIN_ENTRIES_MAX, MEMBERS_MAX } from '../../src/totem/gathering.js';
import { MemberSet } from '../../src/totem/sets.js';
import { join, member, members, ring } from './values.js';

/** Node 1 left the ring (1, 100) of 1, 2 and 3. */
let gathering: Gathering;

beforeEach(() => {
  gathering = new Gathering(member(1), { id: ring(1, 100n), members: members(1, 2, 3) });
});

describe('the sets of a gathering', () => {
  test('start from those who shared the ring', () => {
    expect(gathering.proc.list()).toEqual(members(1, 2, 3));
    expect(gathering.candidates()).toEqual(members(1, 2, 3));
  });

  test('keep fail within proc, and never this process in fail', () => {
    expect(gathering.addFailed([member(1), member(9)])).toBe(true);
    expect(gathering.fail.list()).toEqual([member(9)]);
    expect(gathering.proc.has(member(9))).toBe(true);
    expect(gathering.addFailed([member(1)])).toBe(false);
  });

  test('fail the earlier life of a node as soon as a later one is known', () => {
    expect(gathering.addProcesses([member(3, 2n)])).toBe(true);
    expect(gathering.fail.list()).toEqual([member(3, 1n)]);
    expect(gathering.candidates()).toEqual([member(1), member(2), member(3, 2n)]);
  });

  test('begin to count attempts anew when they change', () => {
    gathering.attempts = 2;
    gathering.rotationCount = 1;
    expect(gathering.addProcesses(members(2))).toBe(false);
    expect(gathering.attempts).toBe(2);
    gathering.addProcesses(members(4));
    expect([gathering.attempts, gathering.rotationCount]).toEqual([0, 0]);
  });
});

describe('a Join', () => {
  test('with sets that are mine is an agreement', () => {
    expect(gathering.merge(member(2), join([1, 2, 3]), 5)).toBe('kept');
    expect(gathering.agrees(member(2))).toBe(true);
    expect(gathering.lastJoinAt(member(2))).toBe(5);
    expect(gathering.missing()).toEqual(members(3));
  });

  test('whose sets are subsets of mine changes nothing and agrees to nothing', () => {
    expect(gathering.merge(member(2), join([1, 2]), 5)).toBe('kept');
    expect(gathering.agrees(member(2))).toBe(false);
  });

  test('that was a subset agrees once my sets are its sets', () => {
    gathering.merge(member(2), join([1, 2, 3, 4]), 5);
    gathering.merge(member(3), join([1, 2, 3, 4]), 6);
    expect(gathering.missing()).toEqual(members(4));
    gathering.merge(member(4), join([1, 2, 3, 4, 5]), 7);
    expect(gathering.agrees(member(2))).toBe(false);
  });

  test('is merged verbatim, hearsay too', () => {
    const body = join([2, 5, 6], { fail: members(6) });
    expect(gathering.merge(member(2), body, 5)).toBe('changed');
    expect(gathering.proc.list()).toEqual(members(1, 2, 3, 5, 6));
    expect(gathering.fail.list()).toEqual(members(6));
  });

  test('of one who fails me fails its sender, and not those whom it fails besides', () => {
    gathering.merge(member(2), join([1, 2, 3], { fail: members(1, 3) }), 5);
    expect(gathering.fail.list()).toEqual(members(2));
  });

  test('of an outsider cannot fail those of my ring', () => {
    gathering.merge(member(4), join([1, 2, 3, 4, 5], { fail: members(3, 5) }), 5);
    expect(gathering.fail.list()).toEqual(members(5));
    expect(gathering.agrees(member(4))).toBe(false);
  });

  test('of one of my ring fails whom it fails', () => {
    gathering.merge(member(2), join([1, 2, 3], { fail: members(3) }), 5);
    expect(gathering.fail.list()).toEqual(members(3));
    expect(gathering.missing()).toEqual([]);
  });

  test('of one whom I failed is ignored', () => {
    gathering.addFailed(members(3));
    expect(gathering.merge(member(3), join([1, 2, 3, 4]), 5)).toBe('ignored');
    expect(gathering.proc.has(member(4))).toBe(false);
  });

  test('from before the ring that we shared is stale, and sets no consensus', () => {
    expect(gathering.merge(member(2), join([1, 2, 3], { ringSeq: 99n }), 5)).toBe('stale');
    expect(gathering.agrees(member(2))).toBe(false);
  });

  test('of a restarted node is not stale for a low sequence', () => {
    const body = join([2], { ringSeq: 4n, proc: [member(3, 2n)] });
    expect(gathering.merge(member(3, 2n), body, 5)).toBe('changed');
    expect(gathering.isCandidate(member(3, 2n))).toBe(true);
    expect(gathering.isCandidate(member(3, 1n))).toBe(false);
  });

  test.each([
    ['smaller sets', join([1, 2, 3])],
    ['a lower sequence', join([1, 2, 3, 4, 5], { ringSeq: 100n })],
  ])('that was overtaken, with %s, is stale', (_, late) => {
    gathering.merge(member(2), join([1, 2, 3, 4], { ringSeq: late.proc.length > 3 ? 104n : 100n }), 5);
    expect(gathering.merge(member(2), late, 6)).toBe('stale');
    expect(gathering.agrees(member(2))).toBe(true);
  });

  test.each([
    ['without its sender', join([1, 3])],
    ['with its sender failed', join([1, 2, 3], { fail: members(2) })],
    ['with failed processes that are none', join([1, 2, 3], { fail: members(9) })],
    ['with a sequence that no ring can have', join([1, 2, 3], { ringSeq: (1n << 63n) + 1n })],
  ])('%s is malformed', (_, body) => {
    expect(gathering.merge(member(2), body, 5)).toBe('malformed');
    expect(gathering.lastJoinAt(member(2))).toBe(Number.NEGATIVE_INFINITY);
  });

  test('that would make the sets too long for a Join is ignored', () => {
    const dead = Array.from({ length: JOIN_ENTRIES_MAX - 2 }, (_, i) => i + 4);
    expect(gathering.merge(member(2), join([2, ...dead], { fail: members(...dead) }), 5)).toBe('ignored');
    const fitting = dead.slice(1);
    expect(gathering.merge(member(2), join([2, ...fitting], { fail: members(...fitting) }), 5)).toBe('changed');
    expect(gathering.proc.size).toBe(JOIN_ENTRIES_MAX);
  });

  test('that would make the ring too large is ignored', () => {
    const many = Array.from({ length: MEMBERS_MAX - 2 }, (_, i) => i + 4);
    expect(gathering.merge(member(2), join([2, ...many]), 5)).toBe('ignored');
    expect(gathering.merge(member(2), join([2, ...many.slice(1)]), 5)).toBe('changed');
    expect(gathering.candidates()).toHaveLength(MEMBERS_MAX);
  });
});

describe('a new round', () => {
  test('needs the word of everybody again', () => {
    gathering.merge(member(2), join([1, 2, 3]), 5);
    gathering.beginRound();
    expect(gathering.agrees(member(2))).toBe(false);
    expect(gathering.proc.size).toBe(3);
  });
});

describe('who hears whom', () => {
  const heard = new MemberSet(members(2, 3));

  test('is a clique when all say so', () => {
    gathering.merge(member(2), join([1, 2, 3], { heard: members(1, 3) }), 5);
    gathering.merge(member(3), join([1, 2, 3], { heard: members(1, 2) }), 5);
    expect(gathering.isClique(heard)).toBe(true);
    expect(gathering.isClique(new MemberSet(members(2)))).toBe(false);
  });

  test('is none when one does not hear one other', () => {
    gathering.merge(member(2), join([1, 2, 3], { heard: members(1) }), 5);
    gathering.merge(member(3), join([1, 2, 3], { heard: members(1, 2) }), 5);
    expect(gathering.isClique(heard)).toBe(false);
    // 1 hears both, and both hear it: the lower of two pairs.
    expect(gathering.clique(heard)).toEqual(members(1, 2));
  });

  test('keeps a ring together rather than take one from another', () => {
    gathering = new Gathering(member(1), { id: ring(1, 100n), members: members(1) });
    gathering.merge(member(2), join([1, 2, 3], { heard: members(1, 3), old: ring(2, 96n) }), 5);
    gathering.merge(member(3), join([1, 2, 3], { heard: members(2), old: ring(2, 96n) }), 5);
    expect(gathering.clique(heard)).toEqual(members(1));
  });
});

describe('the rotation rule', () => {
  test('names the first in ring order that forwarded the commit token least often', () => {
    gathering.rotationCount = 2;
    gathering.merge(member(2), join([1, 2, 3], { rotationCount: 1 }), 5);
    gathering.merge(member(3), join([1, 2, 3], { rotationCount: 1 }), 5);
    expect(gathering.lowestRotation()).toEqual(member(2));
    gathering.rotationCount = 0;
    expect(gathering.lowestRotation()).toEqual(member(1));
  });
});

describe('one who agreed', () => {
  test('has moved on when its sets hold more than mine and another ring follows from them', () => {
    expect(gathering.hasMovedOn(join([1, 2, 3, 4]))).toBe(true);
    expect(gathering.hasMovedOn(join([1, 2, 3], { fail: members(3) }))).toBe(true);
  });

  test.each([
    ['its Join is from before', join([1, 2])],
    ['its sets are the same', join([1, 2, 3])],
    ['it learned of somebody dead', join([1, 2, 3, 4], { fail: members(4) })],
  ])('has not when %s', (_, body) => {
    expect(gathering.hasMovedOn(body)).toBe(false);
  });
});
