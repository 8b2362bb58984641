import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, loadConfig } from '../../src/config/index.js';
import { machineWith } from './machine.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  writeKey(1);
  writeFileSync(join(folder, 'token'), 'x'.repeat(16), { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeKey(byte: number): void {
  const file = join(folder, 'authkey');
  writeFileSync(file, Buffer.alloc(128, byte), { mode: 0o600 });
  chmodSync(file, 0o600);
}

function load(more = '', totem = '') {
  const file = join(folder, 'openais.conf');
  const interfaces = 'interface {\n bindnetaddr: 127.0.0.1\n }';
  writeFileSync(file, `totem {\n keyfile: authkey\n ${totem}\n ${interfaces}\n}\n${more}\n`);
  return loadConfig(file, machineWith());
}

async function compare(before: string, after: string, totem = '') {
  return differences(await load(before), await load(after, totem));
}

test('Equal files differ in nothing, and neither do a default and its name', async () => {
  expect(await compare('uidgid { uid: 1 }', 'uidgid { uid: 1 }')).toEqual([]);
  expect(await compare('', 'logging { debug: no }', 'netmtu: 1500')).toEqual([]);
});

test('Each key that differs is named, and whether it needs a restart', async () => {
  expect(await compare('logging { debug: yes }\nipc { group: a }', 'ipc { socket: off }', 'token: 400')).toEqual([
    { path: 'totem.token', reloadable: false },
    { path: 'ipc.socket', reloadable: false },
    { path: 'ipc.group', reloadable: true },
    { path: 'logging.debug', reloadable: true },
  ]);
});

test('A section that repeats is one: it may change if all of its keys may', async () => {
  const nodes = 'nodelist { node { nodeid: 1\n ring0_addr: 127.0.0.1 } }';
  expect(await compare('uidgid { uid: 1 }', `uidgid { uid: 1 }\nuidgid { gid: 2 }\n${nodes}`)).toEqual([
    { path: 'nodelist.node', reloadable: false },
    { path: 'uidgid', reloadable: true },
  ]);
});

test('A file that is named counts with what it holds', async () => {
  const metrics = 'metrics { listen: 127.0.0.1:9190\n token_file: token }';
  const before = await load(metrics);
  writeKey(2);
  writeFileSync(join(folder, 'token'), 'y'.repeat(16));
  expect(differences(before, await load(metrics))).toEqual([
    { path: 'totem.keyfile', reloadable: false },
    { path: 'metrics.token_file', reloadable: true },
  ]);
});
