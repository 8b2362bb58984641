import { describe, expect, test } from 'vitest';
import type { CommitEntry } from '../../src/totem/boundary.js';
import { fromBitmap, resolveObligation, toBitmap, transitionalEntries } from '../../src/totem/obligation.js';
import { entry, ring } from './values.js';

const OLD = [1, 2, 3, 4];
const elsewhere = ring(8, 50n);

/** Acknowledged everything in an attempt of `nodes`. */
function bound(node: number, nodes: number[]): CommitEntry {
  return entry(node, { receivedFlag: true, deliverMembers: toBitmap(nodes, OLD) });
}

describe('the bitmap of deliver_memb', () => {
  test('comes back as it went, over members in ascending order', () => {
    expect(fromBitmap(toBitmap([2, 4], OLD), OLD)).toEqual([2, 4]);
    expect(toBitmap([2, 4], OLD)[0]).toBe(0b1010);
    const many = Array.from({ length: 128 }, (_, i) => 1000 + i);
    expect(fromBitmap(toBitmap(many, many), many)).toEqual(many);
    expect(toBitmap(many, many)).toHaveLength(16);
  });
});

describe('the transitional set', () => {
  test('is by equal old ring, nonce included', () => {
    const own = entry(1);
    const all = [own, entry(2), entry(3, { old: elsewhere }), entry(4, { old: ring(1, 100n, 8) })];
    expect(transitionalEntries(own, all).map((e) => e.identity.node)).toEqual([1, 2]);
  });
});

describe('a recovery', () => {
  test('of which nobody is bound exchanges everything above the lowest aru', () => {
    const own = entry(1, { aru: 20n, highDelivered: 18n });
    const entries = [own, entry(2, { aru: 15n, highDelivered: 19n }), entry(9, { old: elsewhere, aru: 1n })];
    expect(resolveObligation(own, entries, OLD)).toEqual({
      kind: 'fresh',
      attempt: { deliverMembers: [1, 2], highDelivered: 19n },
      lowAru: 15n,
    });
  });

  test('keeps the larger deliver_memb of an attempt that binds all who are left of it', () => {
    const own = bound(1, [1, 2, 3]);
    expect(resolveObligation(own, [own, bound(2, [1, 2, 3])], OLD)).toEqual({ kind: 'keep' });
  });

  test('starts afresh when one of the attempt did not acknowledge: nobody can have installed', () => {
    const own = bound(1, [1, 2, 3]);
    const resolution = resolveObligation(own, [own, entry(2), bound(3, [1, 2, 3])], OLD);
    expect(resolution).toMatchObject({ kind: 'fresh', attempt: { deliverMembers: [1, 2, 3] } });
  });

  test('is not bound by what binds members of another old ring', () => {
    const own = entry(1);
    const other = entry(9, { old: elsewhere, receivedFlag: true, deliverMembers: toBitmap([9], [9]) });
    expect(resolveObligation(own, [own, other], OLD).kind).toBe('fresh');
  });

  test('keeps what binds a process that is alone', () => {
    const own = bound(1, [1, 2]);
    expect(resolveObligation(own, [own], OLD)).toEqual({ kind: 'keep' });
  });
});

describe('members that are bound differently', () => {
  // 1 was with 3, who may have installed; 2 was with 4, who may have installed something else.
  test('split, each naming the other', () => {
    const entries = [bound(1, [1, 3]), bound(2, [2, 4])];
    expect(resolveObligation(entries[0] as CommitEntry, entries, OLD)).toEqual({ kind: 'split', others: [2] });
    expect(resolveObligation(entries[1] as CommitEntry, entries, OLD)).toEqual({ kind: 'split', others: [1] });
  });

  // 3 was not in the attempt of 1 and 2: what 2 may have installed without it binds 1 all the same.
  test('split from one that was not in the attempt', () => {
    const entries = [bound(1, [1, 2]), entry(3), entry(4)];
    expect(resolveObligation(entries[0] as CommitEntry, entries, OLD)).toEqual({ kind: 'split', others: [3, 4] });
    expect(resolveObligation(entries[1] as CommitEntry, entries, OLD)).toEqual({ kind: 'split', others: [1] });
  });

  test('come to consistent groups: each pair splits on both sides or on none', () => {
    const attempts = [[], [1, 2], [1, 2, 3], [1, 2, 3, 4], [2, 3], [3, 4]];
    const variants = OLD.map((node) => attempts.filter((a) => a.length === 0 || a.includes(node)));
    const pick = (node: number, choice: number): CommitEntry => {
      const nodes = variants[node - 1]?.[choice % (variants[node - 1]?.length ?? 1)] ?? [];
      return nodes.length === 0 ? entry(node) : bound(node, nodes);
    };
    for (let choice = 0; choice < 6 ** 4; choice++) {
      const entries = OLD.map((node, i) => pick(node, Math.floor(choice / 6 ** i) % 6));
      const verdicts = entries.map((own) => resolveObligation(own, entries, OLD));
      for (const [i, mine] of verdicts.entries()) {
        for (const [j, theirs] of verdicts.entries()) {
          const iNames = mine.kind === 'split' && mine.others.includes(j + 1);
          const jNames = theirs.kind === 'split' && theirs.others.includes(i + 1);
          expect(iNames).toBe(jNames);
        }
      }
    }
  });
});
