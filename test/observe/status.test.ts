import { expect, test } from 'vitest';
import { isStatus } from '../../src/observe/status.js';

const ring = {
  ...{
    packetsSent: 1,
    packetsReceived: 1,
    bytesSent: 1,
    bytesReceived: 1,
    dataRetransmitted: 0,
    retransmitRequests: 0,
  },
  ...{ tokensReceived: 1, tokenRetransmits: 0, messagesOriginated: 1, messagesDelivered: 1, rotationMicroseconds: 80 },
  ...{ window: 50, storeUsed: 0, dropped: { own: 1 } },
};
const least = {
  nodeId: 1,
  state: 'operational',
  configuration: { id: '1.4', members: [1] },
  synchronized: true,
  primary: true,
  services: [{ id: 'evs', number: 1 }],
};
const all = {
  ...least,
  quorum: { expectedVotes: 3, votes: 2, needed: 2 },
  nodes: [{ nodeId: 1, member: true, votes: 1, name: 'a', address: '192.0.2.1' }],
  links: [{ number: 0, transport: 'udp', endpoint: '192.0.2.1:5404', datagramBytes: 1472, receiveBuffer: 1 }],
  thread: { scheduling: 'nice', memoryLocked: false, gso: true, gro: true },
  ring,
  io: { datagramsSent: 1, datagramsReceived: 1, datagramsUnsent: 0, receiveOverflows: 0, refusals: 0 },
};

test('A status is one with what all executives say, and with all that this version says', () => {
  expect(isStatus(least)).toBe(true);
  expect(isStatus(all)).toBe(true);
  expect(isStatus({ ...all, later: 'more' })).toBe(true);
});

test.each([
  ['a node id that is none', { nodeId: 0 }],
  ['a state that nobody knows', { state: 'asleep' }],
  ['members that are no nodes', { configuration: { id: '1.4', members: ['1'] } }],
  ['a service without a number', { services: [{ id: 'evs' }] }],
  ['a node without votes', { nodes: [{ nodeId: 1, member: true }] }],
  ['a node whose name is none', { nodes: [{ nodeId: 1, member: true, votes: 1, name: 7 }] }],
  ['a link without an endpoint', { links: [{ number: 0, transport: 'udp', datagramBytes: 1, receiveBuffer: 1 }] }],
  ['a quorum without numbers', { quorum: {} }],
  ['a thread that is none', { thread: 'nice' }],
  ['a counter that is missing', { ring: { ...ring, window: undefined } }],
  ['a ring without what it dropped', { ring: { ...ring, dropped: undefined } }],
  ['counters of the system that are none', { io: [] }],
])('%s is no status', (_, changed) => {
  expect(isStatus({ ...all, ...changed })).toBe(false);
});
