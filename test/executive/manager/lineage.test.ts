import { expect, test } from 'vitest';
import { Lineage } from '../../../src/executive/manager/lineage.js';
import type { Part } from '../../../src/executive/manager/plan.js';
import { Town } from './town.js';

const QUORUM = {
  votes: new Map([1, 2, 3].map((node) => [node, 1])),
  expectedVotes: 3,
  twoNode: false,
  waitForAll: false,
  autoTieBreaker: false,
};
const KEYS = 10;

/** Node 3 has come to 1 and 2, and has all of the state of 1 but its end, which it gets in its transitional configuration, alone. */
function lateJoiner(): Town {
  const town = new Town(QUORUM);
  town.start(1, 2);
  town.form([1, 2]);
  const client = town.client(1);
  for (let i = 0; i < KEYS; i++) client.put(`k${i}`, 'v');
  town.settle();
  town.start(3);
  town.settle();
  town.form([1, 2, 3]);
  const { awaited } = town.node(3);
  while (awaited.filter((nodes) => nodes.join() === '1').length < 1 + KEYS) town.step();
  // A safe message that node 1 does not get: what comes behind it is not delivered any more.
  town.client(2).put('safe', 'v');
  town.node(2).originate((node) => node !== 1);
  town.node(1).originate(() => true);
  town.model.deliver();
  expect(awaited.at(-1)).toEqual([1]);
  return town;
}

test('Who has the state of a configuration only when that is over is not taken for one who has that of the next', () => {
  const town = lateJoiner();
  town.form([1, 2]);
  town.settle();
  town.client(1).put('without 3', 'v');
  town.settle();
  town.form([1, 2, 3]);
  expect(town.node(3).register.text).toContain('"safe"');
  while (!town.node(2).manager.isSynchronized) town.step();
  expect(town.node(3).manager.isSynchronized).toBe(false);
  town.form([1, 2, 3]);
  town.settle();
  expect(town.texts(1, 2, 3)).toEqual(Array(3).fill(town.node(1).register.text));
  expect(town.node(3).register.entries.size).toBe(KEYS + 2);
});

test('All who had the state of a configuration when the next began are one component, whether they got it in time or later', () => {
  const part = { history: [], lastPrimaryView: 0, founder: 'f', age: 0 } as unknown as Part;
  const [first, late, never] = [1, 2, 3].map((node) => new Lineage(node, 's', 0)) as [Lineage, Lineage, Lineage];
  const commit = (...lineages: Lineage[]) => {
    for (const lineage of lineages) lineage.committed('c', [1, 2, 3], part, undefined, 0);
  };
  const ids = () => [first, late, never].map((lineage) => lineage.about(0).lineage);
  const pass = (transitional: string) => {
    for (const lineage of [first, late, never]) lineage.transitional(transitional);
  };
  commit(first);
  pass('c>d');
  commit(late);
  expect(ids()).toEqual(['c>d', 'c>d', 'start 3 s']);
  for (const lineage of [first, late, never]) lineage.regular();
  // Nobody has the state of d: they have what they had.
  pass('d>e');
  expect(ids()).toEqual(['c>d', 'c>d', 'start 3 s']);
  expect(late.about(0)).toEqual(first.about(0));
});
