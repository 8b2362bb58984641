import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keygenCommand } from '../../src/cli/keygen.js';
import { processTerminal, toJson, wantsColors } from '../../src/cli/terminal.js';
import type { RingCounters } from '../../src/observe/status.js';
import { serveStatus } from '../ipc/support/status-server.js';
import { type } from './support/type.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeConfig(text: string): string {
  const file = join(folder, 'openais.conf');
  writeFileSync(file, text);
  return file;
}

const loopback = 'totem {\n  keyfile: authkey\n  interface {\n    bindnetaddr: 127.0.0.2\n  }\n}\n';

test('keygen writes a key once, and says where', async () => {
  const file = join(folder, 'authkey');
  expect(await type(['keygen', '-k', file])).toEqual({
    status: 0,
    out: `Wrote 1024 bits to ${file}.\nCopy it to all nodes of the cluster, and to nobody else.`,
    err: '',
  });
  expect(statSync(file).size).toBe(128);
  expect(await type(['keygen', '-k', file])).toEqual({
    status: 1,
    out: '',
    err: `ais: ${file} exists and is left as it is`,
  });
});

test('ais-keygen is the same under its old name', async () => {
  const file = join(folder, 'authkey');
  const { status, out } = await type(['--json', '-k', file], {
    make: (terminal) => keygenCommand('ais-keygen', terminal),
  });
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({ file, bits: 1024 });
});

test('config check says what the executive would use', async () => {
  const file = writeConfig(loopback);
  await type(['keygen', '-k', join(folder, 'authkey')]);
  const { status, out } = await type(['config', 'check', file]);
  expect(status).toBe(0);
  expect(out).toContain(`${file} is in order.`);
  expect(out).toContain('127.0.0.2 port 5405, multicast 239.192.');
  const json = await type(['config', 'check', file, '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, nodeId: 0x7f000002, crypto: 'aes256gcm', warnings: [] });
});

test('config check shows every problem with its place and fails', async () => {
  const file = writeConfig('totem {\n  netmtu: many\n}\n');
  const { status, out, err } = await type(['config', 'check', file]);
  expect({ status, out }).toEqual({ status: 1, out: '' });
  expect(err).toContain(`${file}:2:11: 'netmtu': expected a whole number`);
  const json = await type(['config', 'check', '--json', file]);
  expect(json).toMatchObject({ status: 1, err: '' });
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, problems: [{ line: 2, column: 11 }] });
});

test('status shows the executive as text and as JSON', async () => {
  const socket = join(folder, 'ais.sock');
  const status = {
    nodeId: 4294967295,
    state: 'gather' as const,
    configuration: { id: '1.4', members: [1, 4294967295] },
    synchronized: false,
    primary: true,
    services: [
      { id: 'clm', number: 2 },
      { id: 'ckpt', number: 3, digest: '00ff', sections: 1 },
    ],
    memory: { resident: 1, heap: 1 },
  };
  let ring: RingCounters | undefined;
  const server = await serveStatus(socket, () => ({ ...status, ...(ring && { ring }) }));
  const text = await type(['status', '--socket', socket]);
  expect(text.out).toBe(
    [
      'Node 4294967295: gather',
      '  configuration   1.4',
      '  members         1, 4294967295 (2)',
      '  synchronized    no',
      '  primary         yes',
      '  digest of ckpt  00ff',
    ].join('\n'),
  );
  expect(JSON.parse((await type(['status', '--socket', socket, '--json'])).out)).toEqual(status);
  ring = {
    ...{ packetsSent: 10, packetsReceived: 20, dataRetransmitted: 3, tokenRetransmits: 1 },
    ...{ messagesOriginated: 5, messagesDelivered: 15, rotationMicroseconds: 80 },
    ...{ bytesSent: 1, bytesReceived: 2, retransmitRequests: 3, tokensReceived: 4, window: 50, storeUsed: 0 },
    dropped: {},
  };
  expect((await type(['status', '--socket', socket])).out.split('\n').slice(5)).toEqual([
    '  digest of ckpt  00ff',
    '  messages        5 sent, 15 delivered',
    '  packets         10 sent, 20 received',
    '  retransmitted   3 packets, 1 tokens',
    '  rotation        80 µs',
  ]);
  await server.close();
});

test('An executive that says little of itself is shown as far as it goes', async () => {
  const socket = join(folder, 'ais.sock');
  const server = await serveStatus(socket, () => ({
    nodeId: 3,
    state: 'operational',
    configuration: { id: '3.8', members: [3, 9] },
    synchronized: false,
    primary: false,
    services: [
      { id: 'mine', number: 64 },
      { id: 'other', number: 65, ...{ owner: 'me', sizes: [1, 2] } },
    ],
    memory: { resident: 10, heap: 5 },
  }));
  const shown = async (command: string) => (await type([command, '--socket', socket])).out.split('\n');
  expect(await shown('members')).toEqual([
    'Configuration 3.8: 2 of 2 nodes, not the primary component: its services wait.',
    '  NODE  NAME  ADDRESS  VOTES  MACHINE UP SINCE  STATE',
    '     3                     1                 -  member, this node',
    '     9                     1                 -  member',
  ]);
  expect(await shown('links')).toEqual(['  LINK  INTERFACE  ADDRESS  SENDS TO  DATAGRAM  BUFFER']);
  expect((await shown('stats')).map((line) => line.trim())).toEqual([
    'Node 3',
    'WHAT            VALUE',
    'resident bytes     10',
    'heap bytes          5',
  ]);
  expect(await shown('services')).toEqual([
    'Node 3: its services synchronize, and wait: this is not the primary component.',
    '  SERVICE  NUMBER  DIGEST',
    '  mine         64       -',
    '  other        65       -',
    '  mine   nothing that it counts',
    '  other  owner me, sizes [1,2]',
  ]);
  await server.close();
});

test('status without an executive fails with a sentence, not a stack', async () => {
  const { status, err } = await type(['status', '--socket', join(folder, 'none')]);
  expect(status).toBe(1);
  expect(err).toMatch(/^ais: status: no executive runs here/);
  expect(err).not.toContain('\n');
});

test('A wrong command line has a status of its own and a suggestion', async () => {
  expect(await type(['memebrs'])).toMatchObject({ status: 2, err: expect.stringContaining('Did you mean members?') });
  expect(await type(['status', '--sokcet', 'x'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('--socket'),
  });
});

test('Help and version go to standard output and succeed', async () => {
  const help = await type(['--help']);
  expect(help).toMatchObject({ status: 0, err: '' });
  for (const name of ['keygen', 'status', 'config']) expect(help.out).toContain(name);
  expect(await type(['--version'])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
});

test('Results go to standard output, everything else to standard error, a line each', () => {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  processTerminal.out('result');
  processTerminal.err('problem');
  expect([out.mock.calls, err.mock.calls]).toEqual([[['result\n']], [['problem\n']]]);
  out.mockRestore();
  err.mockRestore();
});

test('A bigint is text in JSON', () => {
  expect(toJson({ incarnation: 2n ** 60n })).toBe('{"incarnation":"1152921504606846976"}');
});

test('Colors are for a terminal that can show them, unless NO_COLOR says anything', () => {
  expect(wantsColors({}, true)).toBe(true);
  expect(wantsColors({ NO_COLOR: '' }, true)).toBe(true);
  expect(wantsColors({ NO_COLOR: '1' }, true)).toBe(false);
  expect(wantsColors({ TERM: 'dumb' }, true)).toBe(false);
  expect(wantsColors({}, undefined)).toBe(false);
});
