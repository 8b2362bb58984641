import { describe, expect, test } from 'vitest';
import type { Greeting } from '../../../src/services/clm/greeting.js';
import { type Change, changesOf, makeView, type View } from '../../../src/services/clm/view.js';

const BOOT = 1000;

function greeting(initialViewNumber: number, bootTimestamp = BOOT): Greeting {
  return { name: 'n', address: '10.0.0.1', family: 'IPv4', bootTimestamp, initialViewNumber };
}

/** A configuration, by the initial views that its members tell. */
function change(nodeId: number, viewNumber: number, told: Record<number, Greeting>, joined: number[] = []): Change {
  const greetings = new Map(Object.entries(told).map(([node, each]) => [Number(node), each]));
  const members = [...greetings.keys()].sort((a, b) => a - b);
  return { nodeId, viewNumber, configuration: `c${viewNumber}`, members, joined, greetings };
}

/** What changes from one to the next, in short. */
function next(before: View | undefined, each: Change): [View, string] {
  const view = makeView(each);
  const changes = changesOf(before, view, each).map((node) => `${node.nodeId} ${node.change}`);
  return [view, changes.filter((text) => !text.endsWith('none')).join(', ')];
}

describe('Views', () => {
  test('a node keeps its initial view while it stays; who joins has the new one', () => {
    const { nodes } = makeView(change(1, 9, { 1: greeting(3), 2: greeting(5), 4: greeting(0) }, [2]));
    expect(nodes.map(({ initialViewNumber }) => initialViewNumber)).toEqual([3, 9, 9]);
  });

  test('in the first one everybody joins', () => {
    expect(next(undefined, change(1, 1, { 1: greeting(0), 2: greeting(0) }))[1]).toBe('1 joined, 2 joined');
  });

  test('a node that was away for less than a configuration leaves and joins in one', () => {
    const [before] = next(undefined, change(1, 1, { 1: greeting(0), 2: greeting(0) }));
    expect(next(before, change(1, 2, { 1: greeting(1), 2: greeting(1) }, [2]))[1]).toBe('2 left, 2 joined');
    expect(next(before, change(1, 2, { 1: greeting(1), 2: greeting(0, BOOT + 1) }, [2]))[1]).toBe('2 left, 2 joined');
  });

  test('who comes back to a component with precedence has lost it for that time, and itself is reconfigured', () => {
    const told = { 1: greeting(0), 2: greeting(0), 3: greeting(0), 4: greeting(0) };
    const [before] = next(undefined, change(3, 1, told));
    const back = { 1: greeting(1), 2: greeting(1), 3: greeting(1), 4: greeting(1) };
    const expected = '1 left, 1 joined, 2 left, 2 joined, 3 reconfigured, 4 reconfigured';
    expect(next(before, change(3, 2, back, [3, 4]))[1]).toBe(expected);
  });

  test('another process on a node that comes along is another node', () => {
    const [before] = next(undefined, change(3, 1, { 3: greeting(0), 4: greeting(0) }));
    const told = { 1: greeting(1), 3: greeting(1), 4: greeting(0) };
    expect(next(before, change(3, 2, told, [3, 4]))[1]).toBe('1 joined, 3 reconfigured, 4 left, 4 joined');
  });

  test('a record that changes is reconfigured', () => {
    const [before] = next(undefined, change(1, 1, { 1: greeting(0), 2: greeting(0) }));
    const renamed = { ...greeting(1), name: 'm' };
    expect(next(before, change(1, 2, { 1: greeting(1), 2: renamed }))[1]).toBe('2 reconfigured');
  });
});
