/** Every value that may cross the boundary, for fast-check. */

import fc from 'fast-check';
import type {
  Command,
  CommitEntry,
  ControlPacket,
  CoreEvent,
  DeliveredConfiguration,
  Identity,
  Member,
  RingId,
} from '../../../src/totem/boundary.js';

export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u8 = fc.integer({ min: 0, max: 255 });

const maxMembers = 128;
const maxJoinEntries = 256;

export const ringId: fc.Arbitrary<RingId> = fc.record({ representative: u32, nonce: u32, seq: u64 });
export const identity: fc.Arbitrary<Identity> = fc.record({ node: u32, incarnation: u64, salt: u64 });
const member: fc.Arbitrary<Member> = fc.record({ node: u32, incarnation: u64 });

const list = <T>(item: fc.Arbitrary<T>, maxLength: number) =>
  // Mostly short, sometimes as long as it may be.
  fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(item, { minLength: maxLength, maxLength }) },
  );

const commitEntry: fc.Arbitrary<CommitEntry> = fc.record({
  identity,
  filled: fc.boolean(),
  receivedFlag: fc.boolean(),
  old: ringId,
  aru: u64,
  highDelivered: u64,
  window: u16,
  acceleratedWindow: u16,
  deliverMembers: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});

export const controlPacket: fc.Arbitrary<ControlPacket> = fc.oneof(
  fc.record({
    packet: fc.constant('mergeDetect' as const),
    body: fc.record({ ring: ringId, members: list(u32, maxMembers), heard: list(u32, maxJoinEntries) }),
  }),
  fc.record({
    packet: fc.constant('join' as const),
    body: fc.record({
      ringSeq: u64,
      old: ringId,
      rotationCount: u32,
      flags: u8,
      versionMin: u8,
      versionMax: u8,
      proc: list(member, maxJoinEntries),
      fail: list(member, maxJoinEntries),
      heard: list(member, maxJoinEntries),
    }),
  }),
  fc.record({
    packet: fc.constant('commitToken' as const),
    body: fc.record({ ring: ringId, tokenSeq: u32, entries: list(commitEntry, maxMembers) }),
  }),
  fc.record({ packet: fc.constant('leave' as const), body: fc.record({ ring: ringId }) }),
);

const type = <T extends string>(name: T) => fc.constant(name);

export const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: type('createRing'),
    handle: u32,
    ring: ringId,
    window: u16,
    acceleratedWindow: u16,
    members: list(identity, maxMembers),
  }),
  fc.record({ type: fc.constantFrom('freeze', 'seal', 'tokenStart', 'destroy'), handle: u32 }),
  fc.record({
    type: type('recoveryBegin'),
    handle: u32,
    old: u32,
    lowAru: u64,
    copy: fc.boolean(),
    oldRingOfMember: list(u16, maxMembers),
    oldRings: list(ringId, maxMembers),
  }),
  fc.record({
    type: type('install'),
    handle: u32,
    old: u32,
    highDelivered: u64,
    deliverMembers: list(u32, maxMembers),
    transitional: list(u32, maxMembers),
  }),
  fc.tuple(u32, controlPacket).map(([node, packet]): Command => ({ type: 'control', node, ...packet })),
  fc.record({ type: type('plug'), mask: u32 }),
  fc.record({ type: type('probe'), node: u32, count: u32, intervalNs: u64 }),
  fc.record({ type: type('drain') }),
  fc.record({ type: type('lag'), milliseconds: u32 }),
);

export const coreEvent: fc.Arbitrary<CoreEvent> = fc.oneof(
  fc
    .tuple(identity, u8, controlPacket)
    .map(([sender, link, packet]): CoreEvent => ({ type: 'control', sender, link, ...packet })),
  fc.record({ type: fc.constantFrom('tokenLoss', 'recovered', 'installed', 'slow'), handle: u32 }),
  fc.record({ type: type('failedToReceive'), handle: u32, culprit: u32 }),
  fc.record({
    type: type('summary'),
    handle: u32,
    mode: fc.constantFrom('forming', 'running', 'frozen', 'sealed'),
    receivedFlag: fc.boolean(),
    aru: u64,
    high: u64,
    highDelivered: u64,
  }),
  fc.record({ type: type('unreachable'), peer: identity }),
  fc.record({ type: type('pong'), peer: identity, lagMs: u32, roundTripUs: u32 }),
  fc.record({ type: type('paused'), withoutStepNs: u64, withoutTokenNs: u64 }),
  fc.record({ type: type('refused'), command: u32, reason: u32 }),
  fc.record({ type: type('drained') }),
  fc.record({ type: type('placed'), ticket: u64, seq: u64 }),
  fc.record({ type: type('room'), mask: u8 }),
  fc.record({ type: type('stale'), peer: identity, highest: u64 }),
);

export const deliveredConfiguration: fc.Arbitrary<DeliveredConfiguration> = fc.record({
  kind: fc.constantFrom('regular', 'transitional'),
  ring: ringId,
  old: ringId,
  members: list(identity, maxMembers),
});

export const message = fc.record({
  sender: u32,
  priority: fc.integer({ min: 0, max: 3 }),
  flags: fc.integer({ min: 0, max: 3 }),
  ordinal: u32,
  seq: u64,
  bytes: fc.uint8Array({ minLength: 1, maxLength: 100 }),
});
