/** `ais services`: the services of the executive, and what each holds. */
import { Command } from 'commander';
import { fetchStatus } from '../ipc/status.js';
import type { ServiceStatus, Status } from '../observe/status.js';
import { columns, table } from './columns.js';
import { documented, flag, list, nodeId, object } from './schema.js';
import { type SocketOptions, withSocket } from './socket.js';
import { serviceSchema } from './status-schema.js';
import { type Terminal, toJson } from './terminal.js';

const schema = object({ nodeId, synchronized: flag, primary: flag, services: list(serviceSchema) });

export function servicesCommand(terminal: Terminal): Command {
  const command = new Command('services')
    .description('show the services of the executive, the digests of their state, and what they hold')
    .action(async ({ socket, json }: SocketOptions & { json?: boolean }) => {
      const status = await fetchStatus(socket);
      const { nodeId, synchronized, primary, services } = status;
      const document = { nodeId, synchronized, primary, services };
      terminal.out(json ? toJson(document) : describe(terminal, status));
    });
  return documented(withSocket(command), schema);
}

function describe(terminal: Terminal, { nodeId, synchronized, primary, services }: Status): string {
  const answers = primary ? 'and answer' : 'and wait: this is not the primary component';
  const rows = services.map(({ id, number, digest = '-' }) => [id, String(number), digest]);
  return [
    `Node ${nodeId}: its services ${synchronized ? 'are synchronized' : 'synchronize'}, ${answers}.`,
    columns(terminal, ['SERVICE', 'NUMBER', 'DIGEST'], rows),
    table(services.map((service) => [service.id, holdings(service)])),
  ].join('\n');
}

/** Whatever it counts, in its own words. */
function holdings({ id, number, digest, ...counts }: ServiceStatus): string {
  const held = Object.entries(counts).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? toJson(value) : String(value)}`,
  );
  return held.join(', ') || 'nothing that it counts';
}
