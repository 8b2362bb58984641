import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTokenFile } from '../../src/config/token-file.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(content: string): string {
  const file = join(folder, 'token');
  writeFileSync(file, content, { mode: 0o400 });
  return file;
}

test('A token is what stands in its file, without the end of the line', async () => {
  const file = write(' 0123456789abcdef\n');
  expect(await readTokenFile(file)).toEqual({ token: '0123456789abcdef', warning: undefined });
  chmodSync(file, 0o444);
  expect((await readTokenFile(file)).warning).toContain('has mode 0444');
});

test.each(['', 'short', 'two words of a token', 'x'.repeat(513), 'x'.repeat(5000), 'umlaut-\u00e4-0123456789'])(
  'What is no token is refused: %s',
  async (content) => {
    await expect(readTokenFile(write(content))).rejects.toThrow('holds no token');
  },
);

test('A folder or a missing file is no token', async () => {
  await expect(readTokenFile(folder)).rejects.toThrow('is not a regular file');
  await expect(readTokenFile(join(folder, 'none'))).rejects.toThrow('does not exist');
});
