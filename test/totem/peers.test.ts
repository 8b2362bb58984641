import { beforeEach, describe, expect, test } from 'vitest';
import { PEERS_MAX, Peers } from '../../src/totem/peers.js';
import { TIMERS } from './driver.js';
import { identity, join, member, members, ring } from './values.js';

let peers: Peers;

beforeEach(() => {
  peers = new Peers(TIMERS);
});

describe('a peer', () => {
  test('is known by its last life; words of earlier ones are refused', () => {
    expect(peers.heard(identity(2, 5n), 10)?.identity).toEqual(identity(2, 5n));
    expect(peers.heard(identity(2, 4n), 11)).toBeUndefined();
    expect(peers.get(member(2, 4n))).toBeUndefined();
    peers.heard(identity(2, 6n), 12);
    expect(peers.get(member(2, 5n))).toBeUndefined();
    expect(peers.get(member(2, 6n))?.heardAt).toBe(12);
  });

  test('is another one when its disk forgot: same incarnation, other salt', () => {
    const peer = peers.heard(identity(2, 5n), 10);
    if (peer !== undefined) peers.quarantine(peer.identity, 10);
    peers.heard({ ...identity(2, 5n), salt: 1n }, 11);
    expect(peers.isQuarantined(member(2, 5n), 12)).toBe(false);
  });

  test('is heard since a time', () => {
    peers.heard(identity(2), 10);
    peers.heard(identity(3), 20);
    expect(peers.heardMembers(15, 25).list()).toEqual(members(3));
    expect(peers.heardMembers(10, 25).list()).toEqual(members(2, 3));
  });

  test('answers probes with how far behind its loop is', () => {
    peers.pong(identity(2, 5n), 70, 10);
    peers.pong(identity(2, 4n), 5, 11);
    expect(peers.get(member(2, 5n))).toMatchObject({ pongAt: 10, lagMs: 70, heardAt: 10 });
  });
});

describe('a report', () => {
  const body = { ring: ring(2, 8n), members: [2, 3], heard: [1] };

  test('of a running ring replaces the one before, and goes stale', () => {
    const peer = peers.heard(identity(2), 0);
    if (peer === undefined) throw new Error('refused');
    peers.announced(peer, body, 0);
    peers.announced(peer, { ...body, heard: [4] }, 10);
    expect([...(peers.freshReport(peer, 11)?.heard ?? [])]).toEqual([4]);
    expect(peers.freshReport(peer, 10 + TIMERS.foreign)).toBeUndefined();
    expect(peers.freshReport(undefined, 0)).toBeUndefined();
  });

  test('of a Join adds to what was told, and is of no running ring', () => {
    const peer = peers.heard(identity(2), 0);
    if (peer === undefined) throw new Error('refused');
    peers.announced(peer, body, 0);
    peers.joins(peer, join([2, 4], { old: ring(2, 8n), heard: members(4) }), 10);
    expect(peers.freshReport(peer, 11)).toMatchObject({ members: [], ring: ring(2, 8n) });
    expect([...(peers.freshReport(peer, 11)?.heard ?? [])].sort()).toEqual([1, 4]);
    peers.joins(peer, join([2, 4], { heard: members(4) }), 10 + 2 * TIMERS.foreign);
    expect([...(peers.freshReport(peer, 10 + 2 * TIMERS.foreign)?.heard ?? [])]).toEqual([4]);
  });
});

describe('quarantine', () => {
  test('makes a process as if unheard, each time for longer, up to a bound', () => {
    let now = 0;
    const lengths: number[] = [];
    for (let i = 0; i < 5; i++) {
      peers.quarantine(identity(2), now);
      const from = now;
      while (peers.isQuarantined(member(2), now)) {
        peers.heard(identity(2), now);
        expect(peers.heardMembers(from, now).size).toBe(0);
        now += 500;
      }
      lengths.push(now - from);
    }
    const { quarantineMin, quarantineMax } = TIMERS;
    expect(lengths).toEqual([quarantineMin, 2 * quarantineMin, quarantineMax, quarantineMax, quarantineMax]);
  });

  test('starts again from the shortest after a long time without', () => {
    peers.quarantine(identity(2), 0);
    peers.quarantine(identity(2), TIMERS.quarantineMin + TIMERS.quarantineMax);
    expect(peers.isQuarantined(member(2), 2 * TIMERS.quarantineMin + TIMERS.quarantineMax)).toBe(false);
  });

  test('is of a process, not of a node', () => {
    peers.quarantine(identity(2, 5n), 0);
    peers.quarantine(identity(2, 4n), 0);
    peers.heard(identity(2, 6n), 1);
    expect(peers.isQuarantined(member(2, 6n), 1)).toBe(false);
  });
});

describe('damping', () => {
  test('doubles while nothing comes of it, and ends when they share a ring', () => {
    const peer = peers.heard(identity(2), 0);
    if (peer === undefined) throw new Error('refused');
    for (let i = 0; i < 10; i++) peers.damp(peer, peer.dampUntil === Number.NEGATIVE_INFINITY ? 0 : peer.dampUntil);
    expect(peer.dampMs).toBe(TIMERS.dampMax);
    peers.joined([identity(2), identity(3)]);
    expect(peer.dampUntil).toBe(Number.NEGATIVE_INFINITY);
    peers.damp(peer, 100);
    expect(peer.dampMs).toBe(TIMERS.dampMin);
    peers.damp(peer, 100 + TIMERS.dampMin + TIMERS.dampMax);
    expect(peer.dampMs).toBe(TIMERS.dampMin);
  });
});

describe('memory', () => {
  test('is bounded: who was silent longest is forgotten', () => {
    for (let node = 1; node <= PEERS_MAX; node++) peers.heard(identity(node), node === 7 ? 0 : node);
    peers.heard(identity(PEERS_MAX + 1), PEERS_MAX + 1);
    expect(peers.get(member(7))).toBeUndefined();
    expect(peers.get(member(8))).toBeDefined();
    expect(peers.heardSince(Number.NEGATIVE_INFINITY, PEERS_MAX + 1)).toHaveLength(PEERS_MAX);
  });
});
