import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../src/executive/manager/hello.js';
import { makePlan, serviceConfiguration } from '../../../src/executive/manager/plan.js';

const SERVICE = 9;

interface State {
  readonly lineage: string;
  readonly old: readonly number[];
  /** '' is blank. */
  readonly state: string;
  readonly view?: number;
  readonly founder?: string;
  readonly age?: number;
}

function hello({ lineage, old, state, view = 0, founder = 'f', age = 0 }: State): Hello {
  const digest = Buffer.from(`digest ${state}`);
  const services = [{ number: SERVICE, isBlank: state === '', digest, greeting: Buffer.from(`of ${lineage}`) }];
  const history = [lineage];
  const views = { lastPrimaryView: view, rememberedView: view };
  return {
    lineage,
    oldMembers: old,
    ...views,
    hasSeenAll: false,
    isBehind: false,
    time: 5,
    founder,
    age,
    history,
    services,
  };
}

const a = (state = 'A'): State => ({ lineage: 'a', old: [1, 2, 3], state });
const b = (state = 'B'): State => ({ lineage: 'b', old: [4, 5], state });
const fresh = (node: number): State => ({ lineage: `fresh ${node}`, old: [node], state: '' });

function plan(states: Record<number, State>, hasQuorum = false) {
  const hellos = new Map(Object.entries(states).map(([node, state]) => [Number(node), hello(state)]));
  const made = makePlan(hellos, hasQuorum);
  const about = { id: 'next', viewNumber: 8, members: [...hellos.keys()].sort((x, y) => x - y), time: made.time };
  const { left, joined } = serviceConfiguration(made, SERVICE, hellos, about);
  const parts = made.transfers.map((transfer) => transfer.parts.map(({ members }) => members));
  return { parts, isBlocking: made.isBlocking, receivers: [...made.receivers], left, joined };
}

describe('Without quorum', () => {
  test('who come along together need nothing', () => {
    expect(plan({ 1: a(), 2: a() })).toEqual({ parts: [], isBlocking: false, receivers: [], left: [3], joined: [] });
  });

  test('fresh nodes join the one component that has something, however small it is', () => {
    expect(plan({ 1: a(), 4: fresh(4), 5: fresh(5) })).toEqual({
      parts: [[[1]]],
      isBlocking: false,
      receivers: [4, 5],
      left: [2, 3],
      joined: [4, 5],
    });
  });

  test('a node that is back without its state has left and joined', () => {
    expect(plan({ 1: a(), 2: a(), 3: fresh(3) })).toMatchObject({ receivers: [3], left: [3], joined: [3] });
  });

  test('fresh nodes have nothing to give each other', () => {
    expect(plan({ 1: fresh(1), 2: fresh(2) })).toMatchObject({ parts: [], receivers: [], left: [], joined: [2] });
  });

  test('what is there for longest comes before what has more members, whatever its members remember of how long', () => {
    const young = { ...b(), founder: 'young', age: 90 };
    const old = { ...a(), founder: 'old' };
    expect(plan({ 1: { ...old, age: 5 }, 4: young, 5: young })).toMatchObject({ parts: [[[4, 5], [1]]] });
    const split = { 1: { ...old, age: 5 }, 3: { ...old, lineage: 'c', age: 100, state: 'C' }, 4: young, 5: young };
    expect(plan(split)).toMatchObject({ parts: [[[1], [3], [4, 5]]] });
  });

  test('several components with something are merged, the one with most members first, then the one with the lowest', () => {
    expect(plan({ 1: a(), 4: b(), 5: b(), 6: fresh(6) })).toMatchObject({
      parts: [[[4, 5], [1]]],
      isBlocking: true,
      receivers: [1, 4, 5, 6],
    });
    expect(plan({ 2: a(), 4: b() }).parts).toEqual([[[2], [4]]]);
  });

  test('equal states are not sent', () => {
    expect(plan({ 1: a('same'), 4: b('same') })).toMatchObject({ parts: [], isBlocking: false, receivers: [] });
  });

  test('and who has the same state has come along with it', () => {
    const states = { 1: a('same'), 2: { lineage: 'alone', old: [1, 2, 3], state: 'same' } };
    expect(plan(states)).toMatchObject({ left: [3], joined: [] });
  });
});

describe('With quorum', () => {
  test('the component that was primary last has the only state that counts, even if it is empty', () => {
    const states = { 1: { ...a(''), view: 12 }, 4: { ...b(), view: 8 }, 5: { ...b(), view: 8 } };
    expect(plan(states, true)).toMatchObject({ parts: [[[1]]], isBlocking: false, receivers: [4, 5] });
  });

  test('of several that were primary together last the first in precedence has it', () => {
    const states = { 1: { ...a(), view: 12 }, 4: { ...b(), view: 12 }, 5: { ...b(), view: 12 } };
    expect(plan(states, true)).toMatchObject({ parts: [[[4, 5]]], receivers: [1] });
  });
});
