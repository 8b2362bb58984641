/** The parts of the status document (src/observe/status.ts), as the schemas of commands have them. */
import { count, described, flag, list, moment, nodeId, object, oneOf, record, text } from './schema.js';

export const nodeSchema = object(
  { nodeId, member: flag, votes: count },
  { name: text, address: text, bootTimestamp: described(moment, 'of the machine') },
);

export const quorumSchema = described(
  object({
    expectedVotes: count,
    votes: described(count, 'of the members'),
    needed: described(count, 'by a primary component'),
  }),
  'absent without a section quorum: then every component is primary',
);

export const linkSchema = object(
  {
    number: count,
    transport: oneOf('udp', 'udpu'),
    endpoint: described(text, 'where it sends from and receives tokens'),
    datagramBytes: count,
    receiveBuffer: described(count, 'bytes that the system keeps'),
  },
  { interface: text, group: described(text, 'multicast group, of udp') },
);

export const threadSchema = object({
  scheduling: oneOf('realTime', 'nice', 'plain'),
  memoryLocked: flag,
  gso: flag,
  gro: flag,
});

export const ringSchema = object({
  ...{ packetsSent: count, packetsReceived: count, bytesSent: count, bytesReceived: count },
  ...{ dataRetransmitted: count, retransmitRequests: count, tokensReceived: count, tokenRetransmits: count },
  ...{ messagesOriginated: count, messagesDelivered: count },
  rotationMicroseconds: described(count, 'of the token, mean of late'),
  window: described(count, 'packets a rotation'),
  storeUsed: described(count, 'packets that are kept until all have them'),
  dropped: described(record(count), 'packets that were not taken, by reason'),
});

export const ioSchema = object({
  ...{ datagramsSent: count, datagramsReceived: count, datagramsUnsent: count },
  receiveOverflows: described(count, 'dropped by the kernel, whose receive buffer was full'),
  refusals: described(count, "datagrams answered with 'port unreachable'"),
});

export const memorySchema = object({ resident: count, heap: count });

/** A service of a third party says what it likes. */
export const serviceSchema = {
  ...object(
    { id: text, number: count },
    { digest: described(text, 'of the replicated state: equal on all synchronized members') },
  ),
  additionalProperties: { description: 'what the service counts' },
};

export const configurationSchema = object({ id: text, members: list(nodeId) });
export const stateSchema = oneOf('operational', 'gather', 'commit', 'recovery');
