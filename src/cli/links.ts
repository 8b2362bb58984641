/** `ais links`: the links of the ring, what the system granted them, and what it lost. */
import { Command } from 'commander';
import { fetchStatus } from '../ipc/status.js';
import type { Status } from '../observe/status.js';
import { columns, table } from './columns.js';
import { documented, list, nodeId, object } from './schema.js';
import { type SocketOptions, withSocket } from './socket.js';
import { ioSchema, linkSchema, threadSchema } from './status-schema.js';
import { type Terminal, toJson } from './terminal.js';

const schema = object({ nodeId, links: list(linkSchema) }, { thread: threadSchema, io: ioSchema });

const scheduling = { realTime: 'real time', nice: 'ahead of others', plain: 'as any other' } as const;

export function linksCommand(terminal: Terminal): Command {
  const command = new Command('links')
    .description('show the links of the ring: addresses, buffers, datagrams that were lost')
    .action(async ({ socket, json }: SocketOptions & { json?: boolean }) => {
      const status = await fetchStatus(socket);
      const { nodeId, links = [], thread, io } = status;
      const document = { nodeId, links, ...(thread && { thread }), ...(io && { io }) };
      terminal.out(json ? toJson(document) : describe(terminal, status));
    });
  return documented(withSocket(command), schema);
}

function describe(terminal: Terminal, { links = [], thread, io }: Status): string {
  const rows = links.map(({ number, transport, endpoint, group, interface: name, datagramBytes, receiveBuffer }) => [
    String(number),
    name ?? '-',
    endpoint,
    group ?? `unicast (${transport})`,
    String(datagramBytes),
    kibibytes(receiveBuffer),
  ]);
  const headings = ['LINK', 'INTERFACE', 'ADDRESS', 'SENDS TO', 'DATAGRAM', 'BUFFER'];
  const facts: Array<[string, string]> = [];
  if (thread !== undefined) {
    facts.push(['scheduling', scheduling[thread.scheduling] ?? thread.scheduling]);
    facts.push(['memory', thread.memoryLocked ? 'locked' : 'not locked']);
    facts.push(['offload', [thread.gso && 'sending', thread.gro && 'receiving'].filter(Boolean).join(', ') || 'none']);
  }
  if (io !== undefined) {
    facts.push(['datagrams', `${io.datagramsSent} sent, ${io.datagramsReceived} received`]);
    facts.push(['lost here', `${io.receiveOverflows} overflowed, ${io.datagramsUnsent} unsent`]);
    facts.push(['refused', `${io.refusals} by other hosts: nobody listens there`]);
  }
  return [columns(terminal, headings, rows), ...(facts.length > 0 ? [table(facts)] : [])].join('\n');
}

function kibibytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}
