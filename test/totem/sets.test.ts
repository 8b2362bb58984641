import { describe, expect, test } from 'vitest';
import { MemberSet, memberKey, ringKey, sameIdentity, sameMember, sameRing } from '../../src/totem/sets.js';

const m = (node: number, incarnation = 1n) => ({ node, incarnation });

describe('a set of members', () => {
  test('holds a restarted node as another member', () => {
    const set = new MemberSet([m(3, 1n)]);
    expect(set.has(m(3, 2n))).toBe(false);
    expect(set.add(m(3, 2n))).toBe(true);
    expect(set.add(m(3, 2n))).toBe(false);
    expect(set.size).toBe(2);
  });

  test('lists ascending by unsigned node, then incarnation, whatever the order of addition', () => {
    const set = new MemberSet([m(0xffffffff), m(0x80000000), m(2, 9n), m(2, 1n << 60n), m(0x7fffffff), m(1)]);
    expect(set.list()).toEqual([m(1), m(2, 9n), m(2, 1n << 60n), m(0x7fffffff), m(0x80000000), m(0xffffffff)]);
  });

  test('equals another of the same members and has the same key', () => {
    const a = new MemberSet([m(1), m(2)]);
    const b = new MemberSet([m(2), m(1)]);
    expect(a.equals(b)).toBe(true);
    expect(a.key()).toBe(b.key());
    b.add(m(3));
    expect(a.equals(b)).toBe(false);
    expect(a.key()).not.toBe(b.key());
  });

  test('knows subsets and differences', () => {
    const all = new MemberSet([m(1), m(2), m(3)]);
    const some = new MemberSet([m(1), m(3)]);
    expect(some.isSubsetOf(all)).toBe(true);
    expect(all.isSubsetOf(some)).toBe(false);
    expect(all.minus(some).list()).toEqual([m(2)]);
    expect(all.addAll(some)).toBe(false);
    expect([...some]).toEqual([m(1), m(3)]);
  });

  test('keeps no reference to the objects that it was given', () => {
    const given = { node: 1, incarnation: 1n };
    const set = new MemberSet([given]);
    given.node = 2;
    expect(set.has(m(1))).toBe(true);
  });
});

describe('equality', () => {
  test('of rings is on representative, nonce and sequence', () => {
    const ring = { representative: 1, nonce: 2, seq: 3n };
    expect(sameRing(ring, { ...ring })).toBe(true);
    for (const other of [
      { ...ring, representative: 2 },
      { ...ring, nonce: 3 },
      { ...ring, seq: 4n },
    ]) {
      expect(sameRing(ring, other)).toBe(false);
      expect(ringKey(other)).not.toBe(ringKey(ring));
    }
  });

  test('of identities includes the salt, that of members does not', () => {
    const one = { node: 1, incarnation: 2n, salt: 3n };
    const other = { ...one, salt: 4n };
    expect(sameIdentity(one, other)).toBe(false);
    expect(sameMember(one, other)).toBe(true);
    expect(memberKey(one)).toBe(memberKey(other));
  });
});
