import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peerCredentials } from '../../src/native/peer-credentials.js';

test('The kernel says who connected', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openais-'));
  const server = createServer();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  const client = connect(join(folder, 's'));
  const [socket] = await accepted;
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  expect(peerCredentials(fd)).toEqual({ pid: process.pid, uid: process.getuid!(), gid: process.getgid!() });
  socket.destroy();
  client.destroy();
  server.close();
  await rm(folder, { recursive: true });
});

test('What is no socket is refused', () => {
  expect(() => peerCredentials(openSync('/dev/null', 'r'))).toThrow('peerCredentials');
  expect(() => peerCredentials(0x7ffffff)).toThrow('Bad file descriptor');
  for (const wrong of [-1, 1.5, '1', undefined]) expect(() => peerCredentials(wrong as number)).toThrow(TypeError);
});
