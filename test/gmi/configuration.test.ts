import { expect, test } from 'vitest';
import { asFirst, ConfigurationHistory, ringName, sameRing } from '../../src/gmi/configuration.js';
import type { DeliveredConfiguration, Identity, RingId } from '../../src/totem/boundary.js';

const none: RingId = { representative: 0, nonce: 0, seq: 0n };
const ring = (seq: number): RingId => ({ representative: 1, nonce: seq * 7, seq: BigInt(seq) });
const process = (node: number, incarnation = 1): Identity => ({ node, incarnation: BigInt(incarnation), salt: 5n });

function regular(seq: number, old: number, members: Identity[]): DeliveredConfiguration {
  return { kind: 'regular', ring: ring(seq), old: old === 0 ? none : ring(old), members };
}

function transitional(seq: number, old: number, members: Identity[]): DeliveredConfiguration {
  return { ...regular(seq, old, members), kind: 'transitional' };
}

test('The first configuration is joined by its only member', () => {
  const { configuration } = new ConfigurationHistory().next(regular(4, 0, [process(1)]));
  expect(configuration).toEqual({
    type: 'configuration',
    kind: 'regular',
    id: ringName(ring(4)),
    members: [1],
    joined: [1],
    left: [],
  });
});

test('Who leaves is told with the transitional configuration and the regular one, who joins with the regular one', () => {
  const history = new ConfigurationHistory();
  history.next(regular(4, 0, [process(1), process(2), process(3)]));
  const middle = history.next(transitional(8, 4, [process(1), process(3)])).configuration;
  expect(middle).toMatchObject({ kind: 'transitional', members: [1, 3], joined: [], left: [2] });
  const last = history.next(regular(8, 4, [process(1), process(3), process(9)])).configuration;
  expect(last).toMatchObject({ kind: 'regular', members: [1, 3, 9], joined: [9], left: [2] });
});

test('A node that started again both left and joined', () => {
  const history = new ConfigurationHistory();
  history.next(regular(4, 0, [process(1), process(2)]));
  history.next(transitional(8, 4, [process(1)]));
  const { configuration } = history.next(regular(8, 4, [process(1), process(2, 2)]));
  expect(configuration).toMatchObject({ members: [1, 2], joined: [2], left: [2] });
});

test('A process that was in another ring meanwhile both left and joined', () => {
  const history = new ConfigurationHistory();
  history.next(regular(4, 0, [process(1), process(2)]));
  history.next(transitional(12, 4, [process(1)]));
  const { configuration } = history.next(regular(12, 4, [process(1), process(2)]));
  expect(configuration).toMatchObject({ joined: [2], left: [2] });
});

test('The transitional configurations of two old rings that merge differ in their ids', () => {
  const one = new ConfigurationHistory().next(transitional(20, 4, [process(1)])).configuration;
  const other = new ConfigurationHistory().next(transitional(20, 8, [process(2)])).configuration;
  expect(one.id).not.toBe(other.id);
});

test('Rings are the same if all three parts of their ids are, and their names show it', () => {
  const a = ring(4);
  expect(sameRing(a, { ...a })).toBe(true);
  for (const b of [
    { ...a, seq: 5n },
    { ...a, nonce: 1 },
    { ...a, representative: 2 },
  ]) {
    expect(sameRing(a, b)).toBe(false);
    expect(ringName(a)).not.toBe(ringName(b));
  }
});

test('As the first event of a session everybody has joined, and nobody can change it for the others', () => {
  const history = new ConfigurationHistory();
  history.next(regular(4, 0, [process(1)]));
  history.next(transitional(8, 4, [process(1)]));
  const first = asFirst(history.next(regular(8, 4, [process(1), process(2)])).configuration);
  expect(first).toMatchObject({ members: [1, 2], joined: [1, 2], left: [] });
  expect(Object.isFrozen(first) && Object.isFrozen(first.joined) && Object.isFrozen(first.members)).toBe(true);
});
