import { beforeEach, describe, expect, test } from 'vitest';
import { admitted, foreigners, type Neighbourhood } from '../../src/totem/admission.js';
import { Peers } from '../../src/totem/peers.js';
import { TIMERS } from './driver.js';
import { identity, join, member, members, ring } from './values.js';

/** Node 1 in ring (1, 8) of 1 and 2. */
let around: Neighbourhood;
let peers: Peers;

beforeEach(() => {
  peers = new Peers(TIMERS);
  around = { self: identity(1), ring: ring(1, 8n), members: members(1, 2), peers, timers: TIMERS, now: 100 };
});

function reports(node: number, inRing: { id: ReturnType<typeof ring>; members: number[] }, heard: number[]): void {
  const peer = peers.heard(identity(node), around.now);
  if (peer !== undefined) peers.announced(peer, { ring: inRing.id, members: inRing.members, heard }, around.now);
}

function later(ms: number): void {
  around = { ...around, now: around.now + ms };
}

const mine = { id: ring(1, 8n), members: [1, 2] };
const other = { id: ring(3, 20n), members: [3, 4] };
const chosen = (inviter?: { node: number; incarnation: bigint }): number[] =>
  admitted(around, inviter).map((peer) => peer.identity.node);

describe('two rings', () => {
  test('merge when all hear all', () => {
    reports(2, mine, [3, 4]);
    reports(3, other, [1, 2]);
    expect(chosen()).toEqual([]);
    reports(4, other, [1, 2]);
    expect(chosen()).toEqual([3, 4]);
  });

  test('are not torn for a larger clique before everybody had the time to speak', () => {
    const all = (): void => {
      reports(2, mine, [3]);
      reports(3, other, [1, 2]);
      reports(4, other, [1, 2]);
    };
    all();
    expect(chosen()).toEqual([]);
    later(TIMERS.foreign - 1);
    all();
    expect(chosen()).toEqual([]);
    later(1);
    all();
    expect(chosen()).toEqual([3]);
  });

  test('stay apart when a clique of both would not be larger', () => {
    later(2 * TIMERS.foreign);
    reports(2, mine, []);
    reports(3, other, [1]);
    reports(4, other, []);
    expect(chosen()).toEqual([]);
  });

  test('stay apart when hearing is one way', () => {
    reports(2, mine, [3, 4]);
    reports(3, other, [1, 2]);
    reports(4, other, [1]);
    expect(chosen()).toEqual([]);
  });

  test('do not count what a member said in another ring', () => {
    reports(2, { id: ring(1, 4n), members: [1, 2] }, [3, 4]);
    reports(3, other, [1, 2]);
    reports(4, other, [1, 2]);
    expect(chosen()).toEqual([]);
  });
});

describe('a process outside', () => {
  test('is forgotten when it is not heard for long', () => {
    reports(2, mine, [5]);
    reports(5, { id: ring(5, 4n), members: [5] }, [1, 2]);
    expect(foreigners(around).map((peer) => peer.identity.node)).toEqual([5]);
    expect(chosen()).toEqual([5]);
    later(TIMERS.foreign);
    expect(chosen()).toEqual([]);
    later(1);
    expect(foreigners(around)).toEqual([]);
  });

  test('in quarantine is as if unheard', () => {
    reports(2, mine, [5]);
    reports(5, { id: ring(5, 4n), members: [5] }, [1, 2]);
    peers.quarantine(identity(5), 100);
    expect(foreigners(around)).toEqual([]);
    expect(chosen()).toEqual([]);
  });

  test('that is damped may still invite', () => {
    reports(2, mine, [5]);
    reports(5, { id: ring(5, 4n), members: [5] }, [1, 2]);
    const peer = peers.get(identity(5));
    if (peer !== undefined) peers.damp(peer, 100);
    expect(chosen()).toEqual([]);
    expect(chosen(identity(5))).toEqual([5]);
  });

  test('that has left its ring need not answer for the rest of it', () => {
    around = { ...around, members: members(1) };
    const peer = peers.heard(identity(3), 100);
    if (peer !== undefined) peers.joins(peer, join([1, 3], { old: other.id, heard: members(1) }), 100);
    expect(chosen()).toEqual([3]);
  });

  test('that has failed one of my ring is not let in before it has a ring of its own', () => {
    around = { ...around, members: members(1) };
    const peer = peers.heard(identity(3), around.now);
    if (peer === undefined) throw new Error('refused');
    peers.joins(peer, join([1, 3], { fail: members(1), heard: members(1) }), around.now);
    expect(chosen(identity(3))).toEqual([]);
    peers.joins(peer, join([1, 3], { fail: [member(1, 2n)], heard: members(1) }), around.now);
    expect(chosen(identity(3))).toEqual([3]);
    peers.joins(peer, join([1, 3], { fail: members(1), heard: members(1) }), around.now);
    peers.announced(peer, { ring: ring(3, 24n), members: [3], heard: [1] }, around.now);
    expect(chosen()).toEqual([3]);
  });

  test('is let in together with another that it hears, not with one that it does not', () => {
    reports(2, mine, [5, 6]);
    reports(5, { id: ring(5, 4n), members: [5] }, [1, 2, 6]);
    reports(6, { id: ring(6, 4n), members: [6] }, [1, 2, 5]);
    expect(chosen()).toEqual([5, 6]);
    reports(6, { id: ring(6, 4n), members: [6] }, [1, 2]);
    expect(chosen()).toEqual([5]);
    reports(5, { id: ring(5, 4n), members: [5] }, [2]);
    expect(chosen()).toEqual([6]);
  });
});
