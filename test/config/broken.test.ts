import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/index.js';
import { machineWith } from './machine.js';

/**
 * broken.txt holds broken configurations, each with the diagnostics that it gets: `=== title`, the file, `---`, the
 * text. UPDATE=1 npm test -- broken records them anew; the difference is then to be read.
 */
const recordFile = join(import.meta.dirname, 'broken.txt');
const cases = readFileSync(recordFile, 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((block) => {
    const [, title = '', config = '', diagnostics = ''] = /^(.*)\n([\s\S]*?)^---\n([\s\S]*)$/m.exec(block) ?? [];
    return { title, config, diagnostics: diagnostics.trim() };
  });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  writeFileSync(join(folder, 'authkey'), Buffer.alloc(128), { mode: 0o400 });
  writeFileSync(join(folder, 'short'), Buffer.alloc(127), { mode: 0o400 });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function diagnose(config: string): Promise<string> {
  const file = join(folder, 'openais.conf');
  writeFileSync(file, config.replaceAll('\\t', '\t'));
  const error = await loadConfig(file, machineWith()).then(
    () => new Error('nothing was found wrong'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw error;
  return error.message.replaceAll(`${folder}/`, '');
}

describe('A broken configuration is refused with the place and what was meant', () => {
  if (process.env.UPDATE === '1') {
    test('records the diagnostics', async () => {
      let record = '';
      for (const { title, config } of cases) record += `=== ${title}\n${config}---\n${await diagnose(config)}\n\n`;
      writeFileSync(recordFile, `${record.trimEnd()}\n`);
    });
    return;
  }
  test('at least 25 of them are on record', () => expect(cases.length).toBeGreaterThanOrEqual(25));
  test.each(cases)('$title', async ({ config, diagnostics }) => {
    expect(await diagnose(config)).toBe(diagnostics);
  });
});
