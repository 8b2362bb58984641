import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignMarks, EventIds } from '../../../src/services/evt/event-ids.js';

describe('Marks', () => {
  test('members of a configuration have different marks, whatever they had before', () => {
    const nodes = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(nodes, fc.array(fc.option(fc.nat(5))), fc.string(), (members, marks, configuration) => {
        const had = members.flatMap((node, i) => (typeof marks[i] === 'number' ? [[node, marks[i]] as const] : []));
        const told = new Map(had);
        const assigned = assignMarks(configuration, members, told);
        expect(new Set(assigned.values()).size).toBe(members.length);
        for (const mark of assigned.values()) expect(mark).toBeLessThan(2 ** 20);
      }),
    );
  });

  test('who has one keeps it, but of two that are equal the higher node takes another', () => {
    const told = new Map([
      [1, 7],
      [2, 7],
      [3, 8],
    ]);
    const assigned = assignMarks('c', [1, 2, 3, 4], told);
    expect([assigned.get(1), assigned.get(3)]).toEqual([7, 8]);
    expect(assigned.get(2)).not.toBe(7);
  });

  test('another life of a node, in another configuration, has another mark', () => {
    const marks = ['a', 'b', 'c'].map((configuration) => assignMarks(configuration, [1], new Map()).get(1));
    expect(new Set(marks).size).toBe(3);
  });
});

describe('Ids', () => {
  test('they grow, faster than the time if need be, and never with it back', () => {
    const ids = new EventIds();
    ids.mark = 5;
    ids.advance(1_700_000_000_000.5);
    const given = [ids.next(), ids.next()];
    ids.advance(1_600_000_000_000);
    given.push(ids.next());
    ids.advance(1_800_000_000_000);
    given.push(ids.next());
    expect([...given].sort((a, b) => (a < b ? -1 : 1))).toEqual(given);
    expect(given.every((id) => id > 1000n && id < 2n ** 64n && (id & 0xfffffn) === 5n)).toBe(true);
    expect(new Set(given).size).toBe(4);
  });
});
