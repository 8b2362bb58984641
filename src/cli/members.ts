/** `ais members`: who is in the configuration, and which nodes of the node list are not. */
import { Command } from 'commander';
import { fetchStatus } from '../ipc/status.js';
import type { NodeStatus, Status } from '../observe/status.js';
import { type Cell, columns, painted, WIDTH, wrap } from './columns.js';
import { described, documented, flag, list, nodeId, object } from './schema.js';
import { type SocketOptions, withSocket } from './socket.js';
import { configurationSchema, nodeSchema, quorumSchema, stateSchema } from './status-schema.js';
import { type Terminal, toJson } from './terminal.js';

const schema = object(
  {
    nodeId: described(nodeId, 'the node that was asked'),
    state: stateSchema,
    configuration: configurationSchema,
    primary: flag,
    nodes: described(list(nodeSchema), 'members, and nodes of the node list that are none'),
  },
  { quorum: quorumSchema },
);

export function membersCommand(terminal: Terminal): Command {
  const command = new Command('members')
    .description('show the nodes of the cluster: who is in the configuration, and who is missing')
    .action(async ({ socket, json }: SocketOptions & { json?: boolean }) => {
      const status = await fetchStatus(socket);
      const { nodeId, state, configuration, primary, quorum } = status;
      const nodes = nodesOf(status);
      const document = { nodeId, state, configuration, primary, ...(quorum && { quorum }), nodes };
      terminal.out(json ? toJson(document) : describe(terminal, status, nodes));
    });
  return documented(withSocket(command), schema);
}

/** An executive that does not say more of them names its members. */
function nodesOf({ nodes, configuration }: Status): readonly NodeStatus[] {
  return nodes ?? configuration.members.map((nodeId) => ({ nodeId, member: true, votes: 1 }));
}

function describe(terminal: Terminal, status: Status, nodes: readonly NodeStatus[]): string {
  const { configuration, quorum, primary } = status;
  const { length } = configuration.members;
  const rows = nodes.map(({ nodeId, name = '', address = '', votes, member, bootTimestamp }): Cell[] => [
    String(nodeId),
    name,
    address,
    String(votes),
    bootTimestamp === undefined ? '-' : minutes(bootTimestamp),
    member ? painted(nodeId === status.nodeId ? 'member, this node' : 'member', 'green') : painted('missing', 'red'),
  ]);
  const votes = quorum === undefined ? '' : `, ${quorum.votes} of ${quorum.expectedVotes} votes`;
  const part = primary ? 'the primary component' : 'not the primary component: its services wait';
  return [
    ...wrap(`Configuration ${configuration.id}: ${length} of ${nodes.length} nodes${votes}, ${part}.`, WIDTH),
    columns(terminal, ['NODE', 'NAME', 'ADDRESS', 'VOTES', 'MACHINE UP SINCE', 'STATE'], rows),
  ].join('\n');
}

/** 2026-11-23 15:48, in the time zone of whoever looks. */
function minutes(timestamp: number): string {
  const date = new Date(timestamp - new Date(timestamp).getTimezoneOffset() * 60_000);
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(0, 16).replace('T', ' ');
}
