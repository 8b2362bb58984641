import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateFile } from '../../src/executive/state-file.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openais-state-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const nothing = { incarnation: 0n, ringSeq: 0n, primaryView: 0 };

test('What was written is read again, to the last bit', async () => {
  const state = { incarnation: 2n ** 64n - 1n, ringSeq: 2n ** 53n + 1n, primaryView: Number.MAX_SAFE_INTEGER };
  await (await StateFile.open(directory, 7)).write(state);
  expect(await (await StateFile.open(directory, 7)).read()).toEqual({ state });
});

test('The directory is made if it is missing, and what was never written is zero', async () => {
  const file = await StateFile.open(join(directory, 'deep', 'down'), 7);
  expect(await file.read()).toEqual({ state: nothing });
});

test('Nodes of one directory have files of their own', async () => {
  await (await StateFile.open(directory, 1)).write({ incarnation: 1n, ringSeq: 1n, primaryView: 1 });
  await (await StateFile.open(directory, 2)).write({ incarnation: 2n, ringSeq: 2n, primaryView: 2 });
  expect((await (await StateFile.open(directory, 1)).read()).state.incarnation).toBe(1n);
});

test('Writes follow each other, the last one stays, and nothing else is left behind', async () => {
  const file = await StateFile.open(directory, 7);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => file.write({ incarnation: 5n, ringSeq: BigInt(i), primaryView: 0 })),
  );
  expect((await file.read()).state.ringSeq).toBe(19n);
  expect(await readdir(directory)).toEqual(['node-7.state']);
});

test('A file that is cut short anywhere is damaged, and counts as nothing', async () => {
  const file = await StateFile.open(directory, 7);
  await file.write({ incarnation: 1234n, ringSeq: 5678n, primaryView: 90 });
  const text = await readFile(file.path, 'latin1');
  for (let size = 0; size < text.length; size++) {
    await writeFile(file.path, text.slice(0, size));
    expect(await file.read()).toEqual({ state: nothing, problem: `${file.path} is damaged` });
  }
});

test.each([
  'incarnation -1\nringSeq 1\n',
  'incarnation 18446744073709551616\nringSeq 1\n',
  'incarnation 1\nringSeq 1\nmore\n',
  '\0'.repeat(64),
  'x'.repeat(10_000),
])('A file that says %j is damaged', async (text) => {
  const file = await StateFile.open(directory, 7);
  await writeFile(file.path, text);
  expect((await file.read()).problem).toContain('damaged');
});

test('A failed write is told, and does not stop the next', async () => {
  const file = await StateFile.open(directory, 7);
  await rm(directory, { recursive: true });
  await expect(file.write(nothing)).rejects.toMatchObject({ code: 'ENOENT' });
  await StateFile.open(directory, 7);
  await file.write({ incarnation: 9n, ringSeq: 9n, primaryView: 0 });
  expect((await file.read()).state.incarnation).toBe(9n);
});
