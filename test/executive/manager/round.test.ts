import { describe, expect, test } from 'vitest';
import { together } from './town.js';

/** Nodes 1 and 2 have a state of several chunks; 3 comes. What is told since. */
function joining() {
  const town = together(1, 2);
  const client = town.client(1);
  for (let i = 0; i < 30; i++) client.put(`k${i}`, 'v');
  town.settle();
  town.start(3);
  town.settle();
  for (const node of town.nodes.values()) node.awaited.length = 0;
  town.form([1, 2, 3]);
  return town;
}

describe('A synchronisation', () => {
  test('tells for whose hello and state it waits, to the joiner as to those who go on at once', () => {
    const town = joining();
    expect(town.node(2).awaited).toEqual([[1, 2, 3]]);
    town.settle();
    for (const node of [1, 2, 3]) {
      const { awaited } = town.node(node);
      const texts = awaited.map((nodes) => nodes.join());
      expect(texts.slice(0, 4)).toEqual(['1,2,3', '2,3', '3', '1']);
      expect(texts.at(-1)).toBe('');
      // Each chunk is progress.
      expect(texts.slice(3, -1).length).toBeGreaterThan(2);
      expect(new Set(texts.slice(3, -1))).toEqual(new Set(['1']));
    }
  });

  test('waits for nobody when nothing has to be sent', () => {
    expect(together(1, 2).node(2).awaited.at(-1)).toEqual([]);
  });

  test('waits for all who send when states are merged', () => {
    const town = together(1, 2);
    town.form([1]);
    town.form([2]);
    town.settle();
    town.client(1).put('a', '1');
    town.client(2).put('b', '2');
    town.settle();
    town.node(2).awaited.length = 0;
    town.form([1, 2]);
    town.settle();
    const texts = town.node(2).awaited.map((nodes) => nodes.join());
    expect(texts.slice(0, 3)).toEqual(['1,2', '2', '1,2']);
    expect(texts.at(-1)).toBe('');
  });

  test('that is cut short is followed by one that waits for the members that are left', () => {
    const town = joining();
    town.step();
    town.crash(1);
    town.form([2, 3]);
    expect(town.node(3).awaited.at(-1)).toEqual([2, 3]);
    town.settle();
    expect(town.node(3).awaited.at(-1)).toEqual([]);
  });
});
