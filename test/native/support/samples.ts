/** The values behind the golden files. native/test/core/golden_test.cc has the same ones. */

import type {
  Command,
  ControlPacket,
  CoreEvent,
  DeliveredConfiguration,
  Identity,
  RingId,
} from '../../../src/totem/boundary.js';

export const old: RingId = { representative: 2, nonce: 0x0b0c0d0e, seq: 0x0102030405060708n };
export const ring: RingId = { representative: 1, nonce: 0xa1a2a3a4, seq: 0xfffffffffffffffen };
export const alice: Identity = { node: 1, incarnation: 0x1112131415161718n, salt: 0xf1f2f3f4f5f6f7f8n };
export const bob: Identity = { node: 0xfffffffe, incarnation: 5n, salt: 0x2122232425262728n };

const aliceMember = { node: alice.node, incarnation: alice.incarnation };
const bobMember = { node: bob.node, incarnation: bob.incarnation };

export const controlPackets: Readonly<Record<string, ControlPacket>> = {
  mergeDetect: { packet: 'mergeDetect', body: { ring, members: [1, 0xfffffffe], heard: [1, 2, 3] } },
  join: {
    packet: 'join',
    body: {
      ringSeq: 0x3132333435363738n,
      old,
      rotationCount: 7,
      flags: 1,
      versionMin: 1,
      versionMax: 2,
      proc: [aliceMember, bobMember],
      fail: [{ node: 3, incarnation: 9n }],
      heard: [aliceMember],
    },
  },
  commitToken: {
    packet: 'commitToken',
    body: {
      ring,
      tokenSeq: 0x41424344,
      entries: [
        {
          identity: alice,
          filled: true,
          receivedFlag: true,
          old,
          aru: 0x5152535455565758n,
          highDelivered: 0x6162636465666768n,
          window: 512,
          acceleratedWindow: 40,
          deliverMembers: Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i),
        },
        {
          identity: bob,
          filled: false,
          receivedFlag: false,
          old: { representative: 0, nonce: 0, seq: 0n },
          aru: 0n,
          highDelivered: 0n,
          window: 0,
          acceleratedWindow: 0,
          deliverMembers: new Uint8Array(16),
        },
      ],
    },
  },
  leave: { packet: 'leave', body: { ring } },
};

export const commands: Readonly<Record<string, Command>> = {
  createRing: { type: 'createRing', handle: 3, ring, window: 512, acceleratedWindow: 40, members: [alice, bob] },
  freeze: { type: 'freeze', handle: 3 },
  seal: { type: 'seal', handle: 3 },
  'recoveryBegin, odd number of members': {
    type: 'recoveryBegin',
    handle: 4,
    old: 3,
    lowAru: 0x7172737475767778n,
    copy: true,
    oldRingOfMember: [0, 1, 0],
    oldRings: [old, ring],
  },
  'recoveryBegin, four members and nothing to copy': {
    type: 'recoveryBegin',
    handle: 4,
    old: 3,
    lowAru: 0n,
    copy: false,
    oldRingOfMember: [0, 0, 0, 0],
    oldRings: [old],
  },
  tokenStart: { type: 'tokenStart', handle: 4 },
  install: {
    type: 'install',
    handle: 4,
    old: 3,
    highDelivered: 0x8182838485868788n,
    deliverMembers: [1, 2, 0xfffffffe],
    transitional: [1, 2],
  },
  'install at boot': {
    type: 'install',
    handle: 1,
    old: 0,
    highDelivered: 0n,
    deliverMembers: [],
    transitional: [],
  },
  destroy: { type: 'destroy', handle: 4 },
  'control to all': { type: 'control', node: 0, packet: 'leave', body: { ring } },
  'control to one': { ...controlPackets.commitToken!, type: 'control', node: 0xfffffffe },
  plug: { type: 'plug', mask: 0b1011 },
  probe: { type: 'probe', node: 0xfffffffe, count: 3, intervalNs: 5_000_000n },
  drain: { type: 'drain' },
  lag: { type: 'lag', milliseconds: 0x91929394 },
};

export const events: Readonly<Record<string, CoreEvent>> = {
  control: { type: 'control', sender: alice, link: 1, ...controlPackets.join! },
  tokenLoss: { type: 'tokenLoss', handle: 3 },
  failedToReceive: { type: 'failedToReceive', handle: 3, culprit: 0xfffffffe },
  recovered: { type: 'recovered', handle: 4 },
  summary: {
    type: 'summary',
    handle: 3,
    mode: 'frozen',
    receivedFlag: true,
    aru: 0x5152535455565758n,
    high: 0x7172737475767778n,
    highDelivered: 0x6162636465666768n,
  },
  unreachable: { type: 'unreachable', peer: bob },
  pong: { type: 'pong', peer: bob, lagMs: 0x91929394, roundTripUs: 250 },
  paused: { type: 'paused', withoutStepNs: 1_000_000_000n, withoutTokenNs: 0x0102030405060708n },
  refused: { type: 'refused', command: 17, reason: 2 },
  installed: { type: 'installed', handle: 4 },
  drained: { type: 'drained' },
  placed: { type: 'placed', ticket: 0xa1a2a3a4a5a6a7a8n, seq: 0x20000000000001n },
  room: { type: 'room', mask: 0b1010 },
  slow: { type: 'slow', handle: 4 },
  stale: { type: 'stale', peer: bob, highest: 6n },
};

export const configurations: Readonly<Record<string, DeliveredConfiguration>> = {
  'transitional configuration': { kind: 'transitional', ring, old, members: [alice] },
  'regular configuration': { kind: 'regular', ring, old, members: [alice, bob] },
};
