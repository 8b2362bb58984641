/** `ais status`: what the executive of this machine says about itself. */
import { Command } from 'commander';
import { fetchStatus } from '../ipc/status.js';
import type { Status } from '../observe/status.js';
import { table } from './columns.js';
import { count, documented, flag, list, nodeId, object } from './schema.js';
import { type SocketOptions, withSocket } from './socket.js';
import {
  configurationSchema,
  ioSchema,
  linkSchema,
  memorySchema,
  nodeSchema,
  quorumSchema,
  ringSchema,
  serviceSchema,
  stateSchema,
  threadSchema,
} from './status-schema.js';
import { type Terminal, toJson } from './terminal.js';

const schema = object(
  {
    nodeId,
    state: stateSchema,
    configuration: configurationSchema,
    synchronized: flag,
    primary: flag,
    services: list(serviceSchema),
    memory: memorySchema,
  },
  {
    quorum: quorumSchema,
    clients: count,
    nodes: list(nodeSchema),
    links: list(linkSchema),
    thread: threadSchema,
    ring: ringSchema,
    io: ioSchema,
  },
);

export function statusCommand(terminal: Terminal): Command {
  const command = new Command('status')
    .description('show node, state and members as the executive of this machine sees them')
    .action(async ({ socket, json }: SocketOptions & { json?: boolean }) => {
      const status = await fetchStatus(socket);
      terminal.out(json ? toJson(status) : describe(status));
    });
  return documented(withSocket(command), schema);
}

function describe({ nodeId, state, configuration, synchronized, primary, quorum, services, ring }: Status): string {
  const { id, members } = configuration;
  const votes = quorum && ` (${quorum.votes} of ${quorum.expectedVotes} votes)`;
  return `Node ${nodeId}: ${state}\n${table([
    ['configuration', id],
    ['members', `${members.join(', ')} (${members.length})`],
    ['synchronized', yesOrNo(synchronized)],
    ['primary', `${yesOrNo(primary)}${votes ?? ''}`],
    ...services.flatMap(({ id, digest }) => (digest === undefined ? [] : [[`digest of ${id}`, digest] as const])),
    ...(ring
      ? [
          ['messages', `${ring.messagesOriginated} sent, ${ring.messagesDelivered} delivered`] as const,
          ['packets', `${ring.packetsSent} sent, ${ring.packetsReceived} received`] as const,
          ['retransmitted', `${ring.dataRetransmitted} packets, ${ring.tokenRetransmits} tokens`] as const,
          ['rotation', `${ring.rotationMicroseconds} µs`] as const,
        ]
      : []),
  ])}`;
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
