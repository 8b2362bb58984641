import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { demoCommand } from '../../src/cli/demo/command.js';
import { schemaOf } from '../../src/cli/schema.js';
import { fetchStatus } from '../../src/ipc/status.js';
import { validate } from '../cli/support/validate.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ais = join(root, 'dist', 'cli', 'ais.js');

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

function start(args: readonly string[], input: string | undefined) {
  const child = spawn(process.execPath, [ais, 'demo', ...args], {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let out = '';
  let error = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    error += chunk;
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', () => running.delete(child));
    child.once('close', (status) => resolve({ status, out, error }));
  });
  return { child, ended, output: () => out };
}

/** What --json prints: the document, and nothing else. */
function resultOf({ out }: Ended): { deposits: number; messagesPerSecond: number } {
  const result = JSON.parse(out);
  expect(validate(result, schemaOf(demoCommand({ out() {}, err() {} }))!)).toEqual([]);
  return result;
}

describe('The bank', () => {
  test('keeps every cent while one executive is killed and another joins', async () => {
    const ended = await start(['--json'], undefined).ended;
    expect(ended.status).toBe(0);
    const result = resultOf(ended);
    expect(result).toMatchObject({ members: [1, 3, 4], agree: true });
    expect(result.deposits).toBeGreaterThan(1000);
    expect(result.messagesPerSecond).toBeGreaterThan(100);
    expect(ended.error).toMatch(/SIGKILL to executive 2/);
    expect(ended.error).toMatch(/regular +\{1, 2, 3\}/);
    expect(ended.error).toMatch(/regular +\{1, 3, 4\}/);
  });

  test('takes a short ledger from standard input, half of it before the changes and half after', async () => {
    const ended = await start(['--json'], 'account,amount\nAlice,99.00\nBob,0.05\n"Carol, C.",7\n').ended;
    expect(ended.status).toBe(0);
    expect(resultOf(ended)).toMatchObject({ members: [1, 3, 4], deposits: 3, agree: true });
    expect(ended.error).toMatch(/^Alice +99\.00 +99\.00 +99\.00$/m);
    expect(ended.error).toMatch(/^total +106\.05 +106\.05 +106\.05$/m);
  });

  test('takes a ledger of nothing', async () => {
    const ended = await start(['--json', '--ledger', '-'], '').ended;
    expect(ended.status).toBe(0);
    expect(resultOf(ended)).toMatchObject({ deposits: 0, agree: true });
  });

  test('refuses a bad line with its number, and ends with 1', async () => {
    const ended = await start(['--ledger', '-'], 'Alice,1\nBob,2\nCarol 3\n').ended;
    expect(ended.status).toBe(1);
    expect(ended.error).toBe("ais: standard input:3: expected 'account, amount', found 'Carol 3'\n");
  });

  test('refuses a ledger or an option that there is not', async () => {
    const missing = await start(['--ledger', join(root, 'no-such-ledger.csv')], undefined).ended;
    expect(missing.status).toBe(1);
    expect(missing.error).toMatch(/^ais: .*no-such-ledger\.csv'\n$/);
    const wrong = await start(['--jason'], undefined).ended;
    expect(wrong.status).toBe(2);
    expect(wrong.error).toMatch(/--jason/);
    const help = await start(['--help'], undefined).ended;
    expect([help.status, help.out.split('\n')[0]]).toEqual([0, 'Usage: ais demo [options]']);
  });

  test('that is interrupted stops its branches and leaves nothing behind', async () => {
    const { child, ended, output } = start(['--stay'], undefined);
    while (!output().includes('deposits stream in')) {
      if (child.exitCode !== null) throw new Error(output());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('openais-bank-'));
    child.kill('SIGINT');
    const { status, error } = await ended;
    expect([status, error]).toEqual([1, 'ais: interrupted\n']);
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('openais-bank-'));
    expect(after.length).toBe(before.length - 1);
  });

  test('stays if it is asked to, says how to connect, and leaves nothing behind in the end', async () => {
    const { child, ended, output } = start(['--stay', '--ledger', '-'], 'Alice,1\n');
    while (!output().includes('The cluster stays up')) {
      if (child.exitCode !== null) throw new Error(output());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const sockets = [...output().matchAll(/--socket (\S+)/g)].map(([, path]) => path!);
    expect(sockets).toHaveLength(3);
    for (const socket of sockets) {
      expect((await fetchStatus(socket)).configuration.members).toEqual([1, 3, 4]);
    }
    child.kill('SIGTERM');
    expect((await ended).status).toBe(0);
    expect(sockets.some((socket) => existsSync(socket))).toBe(false);
  });
});
