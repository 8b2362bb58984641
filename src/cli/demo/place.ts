/** Where the demo lives: a temporary directory with a key, and a configuration file and a state directory for each node. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canMulticast, findPort } from './loopback.js';

const GROUP = '239.192.84.1';
const CLUSTER = 'bank';

export interface Place {
  readonly directory: string;
  readonly transport: 'udp' | 'udpu';
  /** Of a node from `nodes`. */
  configFile(node: number): string;
  socket(node: number): string;
  remove(): Promise<void>;
}

export function addressOf(node: number): string {
  return `127.0.0.${node}`;
}

export async function makePlace(nodes: readonly number[]): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'openais-bank-'));
  const addresses = nodes.map(addressOf);
  const port = await findPort(addresses);
  const transport = (await canMulticast(addresses[0]!, addresses[1]!, GROUP, port)) ? 'udp' : 'udpu';
  const place: Place = {
    directory,
    transport,
    configFile: (node) => join(directory, `node${node}.conf`),
    socket: (node) => join(directory, `node${node}.sock`),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  await writeFile(join(directory, 'authkey'), randomBytes(128), { mode: 0o400 });
  for (const node of nodes) await writeFile(place.configFile(node), configuration(place, node, nodes, port));
  return place;
}

function configuration(place: Place, node: number, nodes: readonly number[], port: number): string {
  const list = nodes.map((id) => `  node {\n    nodeid: ${id}\n    ring0_addr: ${addressOf(id)}\n  }\n`).join('');
  return `totem {
  cluster_name: ${CLUSTER}
  nodeid: ${node}
  transport: ${place.transport}
  keyfile: ${join(place.directory, 'authkey')}
  interface {
    bindnetaddr: ${addressOf(node)}
    mcastaddr: ${GROUP}
    mcastport: ${port}
  }
}
nodelist {
${list}}
ipc {
  socket: ${place.socket(node)}
}
state {
  dir: ${join(place.directory, `node${node}`)}
}
logging {
  to_stderr: no
}
`;
}
