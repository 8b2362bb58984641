import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyFile } from '../../src/config/authkey.js';

/** What the README shows is what works. */
const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const hello = join(root, 'examples/hello/hello.mjs');

let folder = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  await createKeyFile(join(folder, 'authkey'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the package, or what follows the options of Node. */
function start(...args: string[]) {
  const env = { ...process.env, AIS_SOCKET: join(folder, 'ais.sock') };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    output += chunk;
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (output.includes(text)) resolve();
      };
      waiting.add(look);
      look();
    });
  return { child, ended, until, lines: () => output.trim().split('\n') };
}

test('The program of the README is the example', () => {
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(readFileSync(hello, 'utf8').replace(/^\/\/.*\n/, '')).toBe(program);
});

test('Two of them see each other and the same lines in the same order, and one sees the other leave', async () => {
  const [one, two] = [start(hello, '127.0.0.1'), start(hello, '127.0.0.2')];
  const both = 'regular: 2130706433, 2130706434';
  await Promise.all([one.until(both), two.until(both)]);
  one.child.stdin.write('from one\n');
  two.child.stdin.write('from two\n');
  await Promise.all([one, two].flatMap(({ until }) => [until('2130706433: from one'), until('2130706434: from two')]));
  const messages = (lines: string[]) => lines.filter((line) => line.includes(': from '));
  expect(messages(one.lines())).toEqual(messages(two.lines()));

  two.child.stdin.end();
  expect(await two.ended).toBe(0);
  await one.until('transitional: 2130706433\nregular: 2130706433');
  one.child.stdin.end();
  expect(await one.ended).toBe(0);
});

test('Its configuration is in order, an executive runs with it, and the program of a client with that', async () => {
  const [, shown = ''] = /```conf\n([\s\S]*?)```/.exec(readme) ?? [];
  const own = shown.replace('192.0.2.0', '127.0.6.1').replace('totem {', 'totem {\n  keyfile: authkey');
  writeFileSync(
    join(folder, 'own.conf'),
    `${own}ipc {\n  socket: ais.sock\n}\nstate {\n  dir: state\n}\nlogging {\n  to_stderr: no\n}\n`,
  );
  const tool = join(root, 'dist/cli/ais.js');
  const check = start(tool, 'config', 'check', join(folder, 'own.conf'));
  expect(await check.ended).toBe(0);

  const executive = start(join(root, 'dist/cli/aisexec.js'), '-c', 'own.conf');
  const status = async () => {
    const asked = start(tool, 'status', '--json', '--socket', 'ais.sock');
    return { exit: await asked.ended, ...JSON.parse(asked.lines().at(-1) || '{}') };
  };
  await expect.poll(status, { timeout: 20_000 }).toMatchObject({ exit: 0, state: 'operational', synchronized: true });

  const [, client = ''] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text!);
  const program = client.replace("'openais'", JSON.stringify(join(root, 'dist/index.js')));
  await start('--input-type=module', '-e', program).until("[ '");
  executive.child.kill('SIGTERM');
  expect(await executive.ended).toBe(0);
}, 60_000);

test('The commands of the README are there', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const scripts = [...readme.matchAll(/npm (?:run )?(start|test|sim|bench)\b/g)].map(([, name]) => name!);
  for (const name of scripts) expect(manifest.scripts).toHaveProperty(name);
  for (const [, name] of readme.matchAll(/npx (ais\w*)/g)) expect(manifest.bin).toHaveProperty(name!);
});
