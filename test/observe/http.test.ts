import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Health } from '../../src/observe/health.js';
import { type Access, CONNECTIONS_MAX, HEAD_BYTES_MAX, ObserveServer } from '../../src/observe/http.js';

const open: Access = { token: undefined, hosts: [] };
const token = '0123456789abcdef';
let health: Health = { live: [], ready: [] };
const servers: ObserveServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function serve(access: Access) {
  const server = new ObserveServer(access, { health: () => health, metrics: () => 'openais_alive 1\n' });
  const port = await freePort();
  await server.listen('127.0.0.1', port);
  servers.push(server);
  return { server, port };
}

interface Got {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? 'x' : undefined);
  });
}

/** Bytes as they are; resolves with all that came until the end. */
async function talk(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return heard;
}

test('Metrics are told as Prometheus wants them', async () => {
  const { port } = await serve(open);
  const { status, body, headers } = await get(port, '/metrics');
  expect({ status, body }).toEqual({ status: 200, body: 'openais_alive 1\n' });
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await get(port, '/metrics', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
});

test('Health is a status, and the checks where they are asked for or fail', async () => {
  const { port } = await serve(open);
  const good = { name: 'good', problem: undefined };
  const bad = { name: 'bad', problem: 'it is not' };
  health = { live: [good], ready: [good, bad] };
  expect(await get(port, '/livez')).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await get(port, '/livez?verbose')).toMatchObject({ status: 200, body: '[+] good: ok\nok\n' });
  expect(await get(port, '/readyz')).toMatchObject({ status: 503, body: '[-] bad: it is not\nnot ok\n' });
  expect((await get(port, '/readyz?verbose')).body).toBe('[+] good: ok\n[-] bad: it is not\nnot ok\n');
  health = { live: [], ready: [good] };
  expect(await get(port, '/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
});

test.each([
  ['127.0.0.1', 200],
  ['127.0.0.1:1', 200],
  ['localhost', 200],
  ['LOCALHOST:9', 200],
  ['ais.example:9190', 200],
  ['127.0.0.2', 421],
  ['evil.example', 421],
  ['localhost.evil.example', 421],
])('The name %s is answered with %i', async (host, status) => {
  const { port } = await serve({ token: undefined, hosts: ['ais.example'] });
  expect((await get(port, '/livez', { host })).status).toBe(status);
});

test.each([
  [undefined, 401],
  ['', 401],
  [`Bearer ${token}`, 200],
  [`bearer ${token}`, 200],
  [`Basic ${token}`, 401],
  [`Bearer ${token}x`, 401],
  ['Bearer', 401],
  [token, 401],
])('With a token, %s is answered with %i', async (authorization, status) => {
  const { port } = await serve({ token, hosts: [] });
  const got = await get(port, '/metrics', authorization === undefined ? {} : { authorization });
  expect(got.status).toBe(status);
  if (status === 401) expect(got.headers['www-authenticate']).toBe('Bearer');
});

test('Who may ask can change while it runs', async () => {
  const { server, port } = await serve(open);
  server.access = { token, hosts: ['new.example'] };
  const headers = { authorization: `Bearer ${token}`, host: 'new.example' };
  expect((await get(port, '/livez')).status).toBe(401);
  expect((await get(port, '/livez', headers)).status).toBe(200);
});

test('Nothing else is there, and nothing can be changed', async () => {
  const { port } = await serve(open);
  for (const path of ['/', '/metrics/', '//metrics', '/livez/../metrics', '/%6detrics'])
    expect((await get(port, path)).status, path).toBe(404);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
    expect(await get(port, '/metrics', {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('What is no request, or too long, is refused and ends the connection', async () => {
  const { port } = await serve(open);
  const head = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n';
  expect(await talk(port, 'nonsense\r\n\r\n')).toContain('400 Bad Request');
  expect(await talk(port, `${head}X: ${'x'.repeat(HEAD_BYTES_MAX)}\r\n\r\n`)).toContain('431');
  expect(await talk(port, 'GET /livez HTTP/1.1\r\n\r\n')).toContain('400');
  expect(await talk(port, 'GET /livez HTTP/1.0\r\n\r\n')).toContain('421');
  // A body is not read: what follows would be taken for the next request otherwise.
  const answer = await talk(port, `${head}Content-Length: 1000000\r\n\r\nxxx`);
  expect(answer).toContain('200 OK');
  expect(answer.toLowerCase()).toContain('connection: close');
});

test('So many are served at a time, and no more', async () => {
  const { port } = await serve(open);
  const sockets = Array.from({ length: CONNECTIONS_MAX }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await expect(get(port, '/livez')).rejects.toThrow(/hang up|ECONNRESET/);
  for (const socket of sockets) socket.destroy();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  await expect.poll(async () => (await get(port, '/livez').catch(() => undefined))?.status).toBe(200);
});

test('An address that is taken is an error of listen()', async () => {
  const { port } = await serve(open);
  const second = new ObserveServer(open, { health: () => health, metrics: () => '' });
  await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
});
