import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('SIGHUP makes it read its file again, whatever stands in it, and it takes that handler with it, too', async () => {
  const file = join(folder, 'openais.conf');
  const text = config('127.0.0.53').replace('to_stderr: no', 'to_stderr: no\n logfile: log');
  const before = process.listenerCount('SIGHUP');
  const ended = start(text);
  await Promise.race([untilItAnswers(), ended]);
  const logged = (message: string) =>
    vi.waitFor(() => expect(readFileSync(join(folder, 'log'), 'utf8')).toContain(message), { timeout: 10_000 });
  writeFileSync(file, text.replace('cluster_name: command', 'cluster_name: other'));
  process.emit('SIGHUP');
  await logged('restart=["totem.cluster_name"]');
  writeFileSync(file, 'totem {');
  process.emit('SIGHUP');
  await logged('everything stays as it is problems=');
  process.emit('SIGTERM');
  expect(await ended).toEqual({ status: 0, err: '' });
  expect(process.listenerCount('SIGHUP')).toBe(before);
}, 30_000);

test('Who asks twice does not want to wait', async () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const ended = start(config('127.0.0.54'));
  await Promise.race([untilItAnswers(), ended]);
  process.emit('SIGTERM');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledWith(1);
  expect(await ended).toEqual({ status: 0, err: '' });
  exit.mockRestore();
}, 30_000);

test('A service manager that cannot be told is no reason to end', async () => {
  vi.stubEnv('NOTIFY_SOCKET', join(folder, 'nobody'));
  const ended = start(config('127.0.0.55'));
  await Promise.race([untilItAnswers(), ended]);
  vi.unstubAllEnvs();
  process.emit('SIGTERM');
  const { status, err } = await ended;
  expect(status).toBe(0);
  expect(err).toMatch(/^aisexec: systemd cannot be told: .*nobody: No such file or directory$/);
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
