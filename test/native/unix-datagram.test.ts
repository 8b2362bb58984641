import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendUnixDatagram } from '../../src/native/unix-datagram.js';
import { NotifySocket, notifySocketProblem } from './support/notify-socket.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(notifySocketProblem() !== undefined)('A datagram', () => {
  test.each(['path', 'abstract name'])('arrives whole at a %s', async (kind) => {
    const socket = await NotifySocket.bind(kind === 'path' ? join(folder, 'socket') : `@${folder}`);
    sendUnixDatagram(socket.address, Buffer.from('one'));
    sendUnixDatagram(socket.address, Buffer.from('x'.repeat(4096)));
    await vi.waitFor(() => expect(socket.heard).toEqual(['one', 'x'.repeat(4096)]));
    socket.close();
  });
});

test('A datagram that nobody takes is an error that names the address', () => {
  const send = (address: string) => () => sendUnixDatagram(address, Buffer.from('x'));
  expect(send(join(folder, 'nothing'))).toThrow(`${join(folder, 'nothing')}: No such file or directory`);
  expect(send(`@${folder}`)).toThrow('Connection refused');
});

test('What is no address or no datagram is refused before anything is sent', () => {
  const byte = Buffer.from('x');
  for (const address of ['', '@', '/', 'x'.repeat(108), 7, undefined])
    expect(() => sendUnixDatagram(address as string, byte)).toThrow(TypeError);
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(4097), 'text', undefined])
    expect(() => sendUnixDatagram('/x/y', bytes as Uint8Array)).toThrow(TypeError);
});
