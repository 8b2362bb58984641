import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aisexecCommand } from '../../src/cli/aisexec-command.js';
import { run } from '../../src/cli/run.js';
import { createKeyFile } from '../../src/config/authkey.js';
import { fetchStatus } from '../../src/ipc/status.js';

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  await createKeyFile(join(folder, 'authkey'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The command in this process; what it writes to standard error comes with its status. */
function start(config: string): Promise<{ status: number; err: string }> {
  const file = join(folder, 'openais.conf');
  writeFileSync(file, config);
  const err: string[] = [];
  const terminal = { out() {}, err: (text: string) => void err.push(text) };
  return run(aisexecCommand(terminal), ['-f', '-c', file], terminal).then((status) => ({
    status,
    err: err.join('\n'),
  }));
}

function config(address: string): string {
  const totem = `  cluster_name: command\n  keyfile: authkey\n  interface {\n    bindnetaddr: ${address}\n    mcastport: 5741\n  }`;
  return `totem {\n${totem}\n}\nipc { socket: ais.sock }\nstate { dir: state }\nlogging { to_stderr: no }\n`;
}

async function untilItAnswers(): Promise<void> {
  const answers = async () => (await fetchStatus(join(folder, 'ais.sock'))).state;
  await vi.waitFor(async () => expect(await answers()).toBe('operational'), { timeout: 10_000, interval: 10 });
}

test('The first SIGTERM makes it leave, and it takes its handlers with it', async () => {
  const before = process.listenerCount('SIGTERM');
  const ended = start(config('127.0.0.41'));
  // A start that fails ends without an answer.
  await Promise.race([untilItAnswers(), ended]);
  process.emit('SIGTERM');
  expect(await ended).toEqual({ status: 0, err: '' });
  expect(process.listenerCount('SIGTERM')).toBe(before);
}, 30_000);

test('A signal before it runs gives up the start without an error', async () => {
  const ended = start(config('127.0.0.42'));
  process.emit('SIGINT');
  expect(await ended).toEqual({ status: 0, err: '' });
});

test('A start that fails is told in a sentence', async () => {
  const { status, err } = await start('totem {\n  keyfile: authkey\n}\n');
  expect(status).toBe(1);
  expect(err).toContain(
    "openais.conf:1:1: totem needs an interface with bindnetaddr, or the file a section 'nodelist'",
  );
});
