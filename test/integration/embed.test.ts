import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyFile } from '../../src/config/authkey.js';

/** The example of docs/guides/embed.md, as it stands there. */
const root = join(import.meta.dirname, '../..');
const program = join(root, 'examples/embed/notes.mjs');

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

/** A node of the example, once it listens. */
async function start(address: string) {
  const child = spawn(process.execPath, [program, address, '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

const put = (url: string, body: string) => fetch(url, { method: 'PUT', body });

async function read(url: string) {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

test('The guide shows the example', () => {
  const guide = readFileSync(join(root, 'docs/guides/embed.md'), 'utf8');
  const [, shown = ''] = /```js\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(readFileSync(program, 'utf8')).toBe(shown);
});

test('What is put to one node is read on the other, also when the first has gone', async () => {
  const one = await start('127.0.7.1');
  expect((await fetch(`${one.url}/none`)).status).toBe(404);
  expect((await put(`${one.url}/note`, 'first')).status).toBe(200);
  const two = await start('127.0.7.2');
  // They may meet only now: whoever was there first has the notes that count.
  await expect.poll(() => read(`${two.url}/note`), { timeout: 20_000 }).toEqual([200, 'first']);
  expect((await put(`${two.url}/note`, 'second')).status).toBe(200);
  expect(await read(`${one.url}/note`)).toEqual([200, 'second']);

  const ended = once(one.child, 'close');
  one.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await read(`${two.url}/note`)).toEqual([200, 'second']);
});
