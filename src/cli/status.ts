/** `ais status`: what the executive of this machine says about itself. */
import { Command } from 'commander';
import { defaultSocketPath } from '../config/schema.js';
import { fetchStatus } from '../ipc/status.js';
import type { RingCounters, Status } from '../observe/status.js';
import { type Terminal, table, toJson } from './terminal.js';

export function statusCommand(terminal: Terminal): Command {
  return new Command('status')
    .description('show node, state and members as the executive of this machine sees them')
    .option('--socket <path>', 'socket of the executive', defaultSocketPath)
    .option('--json', 'print JSON')
    .action(async ({ socket, json }: { socket: string; json?: boolean }) => {
      const status = await fetchStatus(socket);
      terminal.out(json ? toJson(status) : describe(status));
    });
}

function describe({ nodeId, state, configuration, synchronized, primary, services, ring }: Status): string {
  const { id, members } = configuration;
  const yesOrNo = (value: boolean) => (value ? 'yes' : 'no');
  return `Node ${nodeId}: ${state}\n${table([
    ['configuration', id],
    ['members', `${members.join(', ')} (${members.length})`],
    ['synchronized', yesOrNo(synchronized)],
    ['primary', yesOrNo(primary)],
    ...services.flatMap(({ id, digest }) => (digest === undefined ? [] : [[`digest of ${id}`, digest] as const])),
    ...(ring ? counters(ring) : []),
  ])}`;
}

function counters(ring: RingCounters): Array<[string, string]> {
  return [
    ['messages', `${ring.messagesOriginated} sent, ${ring.messagesDelivered} delivered`],
    ['packets', `${ring.packetsSent} sent, ${ring.packetsReceived} received`],
    ['retransmitted', `${ring.dataRetransmitted} packets, ${ring.tokenRetransmits} tokens`],
    ['rotation', `${ring.rotationMicroseconds} µs`],
  ];
}
