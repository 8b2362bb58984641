import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeFrame } from '../../src/ipc/json-frame.js';
import { fetchStatus, type StatusServer, serveStatus } from '../../src/ipc/status.js';
import type { Status } from '../../src/observe/status.js';

const status: Status = {
  nodeId: 0xc000020a,
  state: 'operational',
  configuration: { id: '1.12', members: [1, 0xc000020a] },
  synchronized: true,
  primary: true,
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
  servers.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
}

function send(bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(path, () => socket.end(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

test('A status goes through the socket as it is', async () => {
  await serve();
  expect(await fetchStatus(path)).toEqual(status);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o755);
});

test('Closing removes the socket and ends connections that are open', async () => {
  const server = await serve();
  const socket = connect(path);
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
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

test.each([
  ['nothing', Buffer.alloc(0), 'closed the connection'],
  ['a frame of another version', Buffer.from([3, 0, 0, 0, 9, 0x7b, 0x7d]), 'frame version 9'],
  ['a frame without JSON', Buffer.from([2, 0, 0, 0, 1, 0x7b]), 'without JSON'],
  ['a frame without end', Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), 'a frame of 4294967295 bytes'],
  ['a status that is none', encodeFrame({ status: { ...status, nodeId: -1 } }), 'no status'],
  ['an error', encodeFrame({ error: 'too early' }), 'too early'],
])('A server that sends %s is refused', async (_, bytes, message) => {
  await serveBytes(bytes);
  await expect(fetchStatus(path)).rejects.toThrow(message);
});

test('What a client sends wrongly is answered and does not stop the server', async () => {
  await serve();
  expect(await send(encodeFrame({ request: 'other' }))).toContain('unknown request');
  expect(await send(Buffer.from([0xff, 0xff, 0, 0, 1, 1, 1]))).toContain('a frame of 65535 bytes');
  expect(await send(Buffer.from([1, 0]))).toBe('');
  expect(await fetchStatus(path)).toEqual(status);
});

test('A request in pieces is put together', async () => {
  await serve();
  const request = encodeFrame({ request: 'status' });
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(path, async () => {
      for (const byte of request) {
        socket.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
    });
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1'));
      socket.destroy();
    });
  });
  expect(answer).toContain('operational');
});

test('Big numbers become text', () => {
  expect(encodeFrame({ seq: 2n ** 60n }).toString('latin1')).toContain('"1152921504606846976"');
});
