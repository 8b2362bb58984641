import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyFile, readKeyFile } from '../../src/config/authkey.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('A new key has 128 bytes, mode 0400 and a directory of its own', async () => {
  const file = join(folder, 'ais', 'authkey');
  await createKeyFile(file);
  expect(statSync(file).mode & 0o777).toBe(0o400);
  expect(statSync(join(folder, 'ais')).mode & 0o777).toBe(0o700);
  const { key, warning } = await readKeyFile(file);
  expect(key).toHaveLength(128);
  expect(warning).toBeUndefined();
  // 128 equal random bytes happen once in 2^1016.
  expect(new Set(key).size).toBeGreaterThan(1);
});

test('A key that exists is never overwritten', async () => {
  const file = join(folder, 'authkey');
  writeFileSync(file, 'precious');
  await expect(createKeyFile(file)).rejects.toThrow('exists and is left as it is');
  expect(readFileSync(file, 'utf8')).toBe('precious');
});

test.each([0, 127, 129])('A key file of %i bytes is refused', async (size) => {
  const file = join(folder, 'authkey');
  writeFileSync(file, Buffer.alloc(size));
  await expect(readKeyFile(file)).rejects.toThrow(`has ${size} bytes; a key has exactly 128`);
});

test('A folder or a missing file is no key', async () => {
  await expect(readKeyFile(folder)).rejects.toThrow('is not a regular file');
  await expect(readKeyFile(join(folder, 'none'))).rejects.toThrow("make one with 'ais keygen'");
});
