/** `ais stats`: what the ring has done since the executive started, and with --over how much of it in a second. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { fetchStatus } from '../ipc/status.js';
import type { Status } from '../observe/status.js';
import { columns } from './columns.js';
import { count, described, documented, nodeId, object, record } from './schema.js';
import { type SocketOptions, seconds, withSocket } from './socket.js';
import { ioSchema, memorySchema, ringSchema } from './status-schema.js';
import { type Terminal, toJson } from './terminal.js';

const schema = object(
  { nodeId, memory: memorySchema },
  {
    clients: count,
    ring: ringSchema,
    io: ioSchema,
    perSecond: described(record({ type: 'number' }), 'with --over: how much of what is counted grew in a second'),
  },
);

/** Of the moment: they do not count anything. */
const momentary = new Set(['rotationMicroseconds', 'window', 'storeUsed']);

export function statsCommand(terminal: Terminal): Command {
  const command = new Command('stats')
    .description('show what the ring has done since the executive started')
    .option('--over <seconds>', 'look twice, and show rates', seconds)
    .action(async ({ socket, over, json }: SocketOptions & { over?: number; json?: boolean }) => {
      const before = over === undefined ? undefined : await look(socket);
      if (over !== undefined) await delay(over);
      const { status, at } = await look(socket);
      const { nodeId, clients, memory, ring, io } = status;
      const perSecond = before && ratesOf(before, { status, at });
      const document = { nodeId, clients, memory, ring, io, perSecond };
      terminal.out(json ? toJson(document) : describe(terminal, status, perSecond));
    });
  return documented(withSocket(command), schema);
}

interface Look {
  readonly status: Status;
  /** Milliseconds. */
  readonly at: number;
}

async function look(socket: string): Promise<Look> {
  const status = await fetchStatus(socket);
  return { status, at: performance.now() };
}

/** Each count by name. */
function countsOf({ ring, io }: Status): Map<string, number> {
  const { dropped = {}, ...counters } = ring ?? {};
  const named = [...Object.entries({ ...counters, ...io })];
  for (const [reason, packets] of Object.entries(dropped)) named.push([`dropped: ${reason}`, packets]);
  return new Map(named);
}

function ratesOf(before: Look, after: Look): Record<string, number> {
  // Two looks at the same moment show no rate.
  const elapsed = Math.max(after.at - before.at, 1) / 1000;
  const old = countsOf(before.status);
  const grown = [...countsOf(after.status)].filter(([name]) => !momentary.has(name));
  return Object.fromEntries(
    grown.map(([name, value]) => [name, Math.round((10 * (value - (old.get(name) ?? 0))) / elapsed) / 10]),
  );
}

function describe(terminal: Terminal, status: Status, perSecond: Record<string, number> | undefined): string {
  const { nodeId, clients, memory } = status;
  const values = new Map(countsOf(status));
  if (clients !== undefined) values.set('clients', clients);
  values.set('residentBytes', memory.resident);
  values.set('heapBytes', memory.heap);
  const headings = perSecond === undefined ? ['WHAT', 'VALUE'] : ['WHAT', 'VALUE', 'A SECOND'];
  const rows = [...values].map(([name, value]) => [
    words(name),
    String(value),
    ...(perSecond === undefined ? [] : [name in perSecond ? perSecond[name]!.toFixed(1) : '-']),
  ]);
  return `Node ${nodeId}\n${columns(terminal, headings, rows)}`;
}

/** packetsSent: packets sent. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
