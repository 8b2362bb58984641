import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchStatus } from '../../src/ipc/status.js';
import type { Status } from '../../src/observe/status.js';
import { Cluster } from '../executive/support/cluster.js';
import { type StatusServer, serveStatus } from '../ipc/support/status-server.js';
import { type } from './support/type.js';

let cluster: Cluster;
let server: StatusServer | undefined;
beforeEach(async () => {
  cluster = await Cluster.make();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await cluster.close();
}, 30_000);

const socketOf = (node: number) => join(cluster.directory, `${node}.sock`);
const start = (node: number) => cluster.start(node, { ipc: { socket: socketOf(node) } });
const leave = (node: number, ...more: string[]) => type(['leave', '--socket', socketOf(node), ...more]);

test('A node leaves, its executive ends in order, and the others go on at once', async () => {
  const [first, second] = await Promise.all([start(1), start(2)]);
  await cluster.form(1, 2);
  const { status, out } = await leave(1);
  expect({ status, out }).toEqual({ status: 0, out: 'Node 1 has left, and its executive ends; 2 stayed.' });
  expect(await first.closed).toBeUndefined();
  await cluster.form(2);
  expect(second.status().state).toBe('operational');
  await expect(fetchStatus(socketOf(1))).rejects.toMatchObject({ code: 'SA_AIS_ERR_UNAVAILABLE' });
});

test('The last one stays if checkpoints would be lost with it, unless it is forced', async () => {
  const executive = await start(1);
  expect(await type(['ckpt', 'create', 'kept', '--socket', socketOf(1)])).toMatchObject({ status: 0 });
  const refused = await leave(1);
  expect(refused).toMatchObject({ status: 1, out: '' });
  expect(refused.err).toMatch(/node 1 is alone.*start another executive first, or use --force/);
  expect(executive.status().state).toBe('operational');
  expect(await leave(1, '--force', '--json')).toMatchObject({
    status: 0,
    out: expect.stringContaining('"staying":[]'),
  });
  expect(await executive.closed).toBeUndefined();
});

test('One that has nothing to lose leaves when it is alone', async () => {
  await start(1);
  expect(await leave(1)).toMatchObject({ status: 0, err: '' });
});

const status: Status = {
  nodeId: 1,
  state: 'operational',
  configuration: { id: '1.4', members: [1, 2, 3] },
  synchronized: true,
  primary: true,
  quorum: { expectedVotes: 5, votes: 3, needed: 3 },
  nodes: [1, 2, 3, 4, 5].map((nodeId) => ({ nodeId, votes: 1, member: nodeId < 4 })),
  services: [],
  memory: { resident: 1, heap: 1 },
};

test('Who would take quorum from the others stays', async () => {
  server = await serveStatus(socketOf(1), () => status);
  const refused = await leave(1);
  expect(refused.status).toBe(1);
  expect(refused.err).toMatch(/the others would have 2 of 5 votes and need 3.*ais members/);
});

test('While services synchronise it waits, as long as it may', async () => {
  let looks = 0;
  server = await serveStatus(socketOf(1), () => {
    looks++;
    return { ...status, synchronized: false };
  });
  const refused = await leave(1, '--timeout', '0.3');
  expect(refused.status).toBe(1);
  expect(refused.err).toMatch(/not synchronized.*--timeout/);
  expect(looks).toBeGreaterThan(1);
});

test('Who is neither root nor the user of the executive is refused, and nothing happens', async () => {
  // This server takes nobody for an operator.
  server = await serveStatus(socketOf(1), () => status);
  const refused = await leave(1, '--force');
  expect(refused).toMatchObject({ status: 1, out: '' });
  expect(refused.err).toMatch(/only root and the user of the executive may.*SA_AIS_ERR_ACCESS/);
  expect(await fetchStatus(socketOf(1))).toEqual(status);
});
