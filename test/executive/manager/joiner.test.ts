import { describe, expect, test } from 'vitest';
import { LOG_MAX } from '../../../src/executive/manager/replay-log.js';
import { together } from './town.js';

/** Nodes 1 and 2 have a state, of a client of `node`; 3 has just come. */
function joining(node: number) {
  const town = together(1, 2);
  const client = town.client(node);
  for (let i = 0; i < 30; i++) client.put(`k${i}`, 'old');
  town.settle();
  town.start(3);
  town.settle();
  town.form([1, 2, 3]);
  return { town, client };
}

describe('A joiner', () => {
  test('gets the state, and what was ordered meanwhile', () => {
    const { town, client } = joining(1);
    // Hellos and the first chunks.
    for (let i = 0; i < 3; i++) town.step();
    expect(town.node(1).manager.isSynchronized).toBe(true);
    expect(town.node(3).manager.isSynchronized).toBe(false);
    client.put('k0', 'new');
    const early = town.client(3);
    const read = early.get('k0');
    town.step();
    expect(early.code(read)).toBeUndefined();
    town.settle();
    expect(early.text(read)).toBe('new');
    expect(new Set(town.texts(1, 2, 3)).size).toBe(1);
    expect(town.node(3).register.configurations.at(-1)).toMatchObject({ members: [1, 2, 3], joined: [3], left: [] });
    expect(town.node(1).register.configurations.at(-1)).toEqual(town.node(3).register.configurations.at(-1));
    expect(town.node(3).register.positions).toEqual(town.node(1).register.positions.slice(-1));
  });

  test('never has to keep more than it may: requests wait when half of that has been ordered', () => {
    const { town, client } = joining(2);
    for (let i = 0; i < 3; i++) town.step();
    expect(town.node(3).manager.isSynchronized).toBe(false);
    const size = 60_000;
    const tags = Array.from({ length: (0.55 * LOG_MAX) / size }, () => client.putAgreed('large', 'v'.repeat(size)));
    // The sender of the state has no turn.
    while (town.node(2).originate(() => true)) town.model.deliver();
    const ordered = tags.filter((tag) => client.code(tag) === 'SA_AIS_OK').length * size;
    expect([ordered > LOG_MAX / 2 - 20 * size, ordered < LOG_MAX / 2 + 20 * size]).toEqual([true, true]);
    town.settle();
    expect(tags.every((tag) => client.code(tag) === 'SA_AIS_OK')).toBe(true);
    expect(new Set(town.texts(1, 2, 3)).size).toBe(1);
    expect(town.node(3).failures).toEqual([]);
  }, 30_000);

  test('that loses the sender of the state gets it from another', () => {
    const { town } = joining(2);
    for (let i = 0; i < 4; i++) town.step();
    expect(town.node(3).manager.isSynchronized).toBe(false);
    town.crash(1);
    town.form([2, 3]);
    town.settle();
    expect(new Set(town.texts(2, 3)).size).toBe(1);
    expect(town.node(3).register.entries.size).toBe(30);
  });

  test('with nothing to get is ready at once', () => {
    const town = together(1, 2, 3);
    expect(town.node(3).manager.isSynchronized).toBe(true);
    expect(town.node(3).register.configurations.at(-1)?.greetings.get(1)?.toString()).toBe('I am 1');
  });
});
