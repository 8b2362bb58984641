import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPort } from '../../src/cli/demo/loopback.js';

/** docs/guides/first-cluster.md, done as it stands there, with three addresses of this machine for the three machines. */
const root = join(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/guides/first-cluster.md'), 'utf8');
const run = promisify(execFile);

let folder = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);

/** What `npx NAME …` would run. */
function commandOf(name: string): string {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return join(root, bin[name]);
}

async function command(line: string, ...more: string[]): Promise<string> {
  const [, name, ...words] = line.split(' ');
  const { stdout } = await run(process.execPath, [commandOf(name!), ...words, ...more], { cwd: folder });
  return stdout;
}

/** The guide's configuration for node `id`, with paths and a port of its own. */
function configure(id: number, port: number): string {
  const [text = ''] = blocks('conf');
  const own = text
    .replaceAll('192.0.2.', '127.0.8.')
    .replace('totem {', `totem {\n  nodeid: ${id}\n  keyfile: ../authkey\n  interface {\n    mcastport: ${port}\n  }`);
  mkdirSync(join(folder, `${id}`));
  const file = join(folder, `${id}`, 'openais.conf');
  writeFileSync(file, `${own}ipc {\n  socket: ais.sock\n}\nstate {\n  dir: state\n}\n`);
  return file;
}

test('Three machines become a cluster, and what one wrote another reads', async () => {
  const commands = blocks('sh').map((text) => text.trim());
  expect(commands).toEqual([
    'npm install openais',
    'npx ais keygen',
    'npx ais config check',
    'npx aisexec',
    'npx ais status',
  ]);
  const [, keygen, check, aisexec, status] = commands as [string, string, string, string, string];

  await command(keygen, '-k', 'authkey');
  const port = await findPort([1, 2, 3].map((id) => `127.0.8.${id}`));
  const files = [1, 2, 3].map((id) => configure(id, port));
  expect(await command(check, files[1]!)).toMatch(/is in order\.\n +node +2\n/);
  for (const file of files) {
    const child = spawn(process.execPath, [commandOf(aisexec.split(' ')[1]!), '-c', file], { stdio: 'ignore' });
    children.push(child);
  }
  const socket = (id: number) => join(folder, `${id}`, 'ais.sock');
  const statusOf = (id: number) => command(status, '--socket', socket(id)).catch(() => '');
  for (const id of [1, 2, 3])
    await expect
      .poll(() => statusOf(id), { timeout: 20_000 })
      .toMatch(
        /^Node \d: operational\n.*\n +members +1, 2, 3 \(3\)\n +synchronized +yes\n +primary +yes \(\d of 3 votes\)\n/,
      );

  const [put, get] = blocks('ts') as [string, string];
  const program = async (text: string, id: number) => {
    const source = text.replace("'openais'", JSON.stringify(join(root, 'dist/index.js')));
    const env = { ...process.env, AIS_SOCKET: socket(id) };
    return (await run(process.execPath, ['--input-type=module', '-e', source], { env })).stdout;
  };
  await program(put, 1);
  const everything = /^blue\n1 \S+\n2 \S+\n3 \S+\n$/;
  expect(await program(get, 2)).toMatch(everything);

  // Its plug is pulled: the others go on.
  children[0]!.kill('SIGKILL');
  await expect
    .poll(() => statusOf(3), { timeout: 20_000 })
    .toMatch(/ members +2, 3 \(2\)\n.*\n +primary +yes \(\d of 3 votes\)\n/);
  expect(await program(get, 3)).toMatch(/^blue\n2 \S+\n3 \S+\n$/);
  const ended = once(children[1]!, 'close');
  children[1]!.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
