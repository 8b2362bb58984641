import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchStatus } from '../../src/ipc/status.js';
import type { Status } from '../../src/observe/status.js';
import { type StatusServer, serveStatus } from './support/status-server.js';

const status: Status = {
  nodeId: 0xc000020a,
  state: 'operational',
  configuration: { id: '1.12', members: [1, 0xc000020a] },
  synchronized: true,
  primary: true,
  services: [{ id: 'ckpt', number: 3, digest: '00ff' }],
  memory: { resident: 1, heap: 1 },
};

let folder = '';
let path = '';
const servers: StatusServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  path = join(folder, 'run', 'ais.sock');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

async function serve(answer: () => Status = () => status): Promise<StatusServer> {
  const server = await serveStatus(path, answer);
  servers.push(server);
  return server;
}

/** What a server that is not ours would do: sends `bytes` to whoever connects. */
async function serveBytes(bytes: Buffer): Promise<void> {
  const server = createServer((socket) => socket.resume().end(bytes));
  path = join(folder, 'other.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  servers.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
}

test('A status goes through the socket as it is', async () => {
  await serve();
  expect(await fetchStatus(path)).toEqual(status);
  expect(statSync(path).mode & 0o777).toBe(0o666);
  expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o755);
});

test('Closing removes the socket and ends connections that are open', async () => {
  const server = await serve();
  const socket = connect(path);
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.resume().once('close', resolve));
  await server.close();
  await closed;
  expect(existsSync(path)).toBe(false);
});

test('Where an executive answers, a second one does not listen', async () => {
  await serve();
  await expect(serve()).rejects.toMatchObject({ code: 'SA_AIS_ERR_EXIST' });
  expect(await fetchStatus(path)).toEqual(status);
});

test('The socket of a process that was killed is replaced', async () => {
  path = join(folder, 'ais.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  await expect(fetchStatus(path)).rejects.toMatchObject({ code: 'SA_AIS_ERR_UNAVAILABLE' });
  await serve();
  expect(await fetchStatus(path)).toEqual(status);
});

test('A file in the way is left alone', async () => {
  path = join(folder, 'file');
  writeFileSync(path, 'precious');
  await expect(serve()).rejects.toThrow('exists and is no socket');
});

test('Without an executive the message says how to get one', async () => {
  await expect(fetchStatus(path)).rejects.toThrow(/no executive runs here.*start it with aisexec/);
});

test('An executive that hangs is not waited for', async () => {
  const hanging = createServer((socket) => socket.resume());
  path = join(folder, 'hanging.sock');
  await new Promise<void>((resolve) => hanging.listen(path, resolve));
  await expect(fetchStatus(path, 50)).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
  await new Promise((resolve) => hanging.close(resolve));
});

test('A status that is none is refused', async () => {
  await serve(() => ({ ...status, nodeId: -1 }));
  await expect(fetchStatus(path)).rejects.toThrow('no status');
});

test('A big number becomes text', async () => {
  await serve(() => ({ ...status, seq: 2n ** 60n }) as Status);
  expect(await fetchStatus(path)).toMatchObject({ seq: '1152921504606846976' });
});

test.each([
  ['nothing', Buffer.alloc(0), 'the executive is gone'],
  ['a welcome of another version', Buffer.from([7, 0, 0, 0, 16, 9, 1, 0, 0, 0, 0]), 'protocol version 9'],
  ['something else than a welcome', Buffer.from([5, 0, 0, 0, 19, 1, 0, 0, 0]), 'frame 19 for a welcome'],
  ['a frame without end', Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), 'a frame of 4294967295 bytes'],
])('A server that sends %s is refused', async (_, bytes, message) => {
  await serveBytes(bytes);
  await expect(fetchStatus(path)).rejects.toThrow(message);
});
