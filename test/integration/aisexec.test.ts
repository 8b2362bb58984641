import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** The executive and the operator's tool as they are installed: processes, files, signals. */
const cli = join(import.meta.dirname, '../../dist/cli');

let folder = '';
let socket = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  socket = join(folder, 'ais.sock');
  ais('keygen', '-k', join(folder, 'authkey'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function ais(...args: string[]) {
  return spawnSync(process.execPath, [join(cli, 'ais.js'), ...args], { encoding: 'utf8' });
}

/** A configuration on a loopback address of its own; `more` goes to the end of the file. */
function writeConfig(address = '127.0.0.31', more = ''): string {
  const file = join(folder, 'openais.conf');
  const totem = `cluster_name: aisexec-test\n keyfile: authkey\n interface {\n bindnetaddr: ${address}\n mcastport: 5731\n }`;
  writeFileSync(file, `totem {\n${totem}\n}\nipc { socket: ais.sock }\nstate { dir: state }\n${more}`);
  return file;
}

function aisexec(file: string) {
  const child = spawn(process.execPath, [join(cli, 'aisexec.js'), '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.on('close', (status) => resolve({ status, stderr }));
  });
  return { child, ended };
}

async function untilOperational(): Promise<{ nodeId: number; configuration: { members: number[] } }> {
  for (;;) {
    const { status, stdout } = ais('status', '--json', '--socket', socket);
    if (status === 0) {
      const document = JSON.parse(stdout);
      if (document.state === 'operational') return document;
    }
    await sleep(50);
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'An executive starts, answers, and leaves on %s with status 0',
  async (signal) => {
    const { child, ended } = aisexec(writeConfig());
    const status = await untilOperational();
    expect(status).toMatchObject({ nodeId: 0x7f00001f, synchronized: true, primary: true });
    expect(status.configuration.members).toEqual([0x7f00001f]);
    child.kill(signal);
    expect(await ended).toMatchObject({ status: 0 });
    expect(existsSync(socket)).toBe(false);
    expect(ais('status', '--socket', socket)).toMatchObject({ status: 1 });
  },
);

test('An executive that is asked to leave ends with status 0, and its socket is gone', async () => {
  const { ended } = aisexec(writeConfig('127.0.0.38'));
  await untilOperational();
  const { status, stdout } = ais('leave', '--json', '--socket', socket);
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, nodeId: 0x7f000026, staying: [] });
  expect(await ended).toMatchObject({ status: 0 });
  expect(existsSync(socket)).toBe(false);
});

test('A signal during the start ends it with status 0 as well', async () => {
  const { child, ended } = aisexec(writeConfig('127.0.0.32'));
  child.stderr?.once('data', () => child.kill('SIGTERM'));
  const { status, stderr } = await ended;
  expect(stderr).toContain('executive starts');
  expect(status, stderr).toBe(0);
});

test('A second executive with the same socket is refused, and the first goes on', async () => {
  const first = aisexec(writeConfig('127.0.0.33'));
  await untilOperational();
  const { status, stderr } = await aisexec(writeConfig('127.0.0.34')).ended;
  expect(status).toBe(1);
  expect(stderr).toContain('another executive answers at');
  expect((await untilOperational()).nodeId).toBe(0x7f000021);
  first.child.kill('SIGTERM');
  await first.ended;
});

test('After SIGKILL the socket that stayed behind is taken over', async () => {
  const file = writeConfig('127.0.0.35');
  const first = aisexec(file);
  await untilOperational();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(existsSync(socket)).toBe(true);
  const second = aisexec(file);
  await untilOperational();
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ status: 0 });
});

test('A broken file is refused with the text of ais config check', async () => {
  const file = writeConfig('127.0.0.36', 'logging { to_stdrr: yes }\n');
  const { status, stderr } = await aisexec(file).ended;
  const check = ais('config', 'check', file);
  expect(status).toBe(1);
  expect(check.status).toBe(1);
  expect(stderr).toBe(check.stderr);
  expect(stderr).toContain("did you mean 'to_stderr'?");
});

test('A state directory that cannot be made is named', async () => {
  writeFileSync(join(folder, 'file'), '');
  const file = writeConfig('127.0.0.37');
  writeFileSync(
    file,
    `totem {\n keyfile: authkey\n interface {\n bindnetaddr: 127.0.0.37\n }\n}\nstate { dir: file/state }\n`,
  );
  const { status, stderr } = await aisexec(file).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/file\/state/);
});
