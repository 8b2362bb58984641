import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Builds and runs the C++ tests, and shows each doctest case as a test of its own. */
const root = join(import.meta.dirname, '../..');
const build = join(root, 'build-tests');

const missing = [
  ...(spawnSync('cmake', ['--version']).status === 0 ? [] : ['cmake']),
  ...(existsSync('/usr/include/doctest/doctest.h') ? [] : ['doctest-dev']),
];

const need = missing.length > 0 ? ` need: apt-get install ${missing.join(' ')}` : '';

describe.skipIf(need !== '')(`C++ tests${need}`, () => {
  const { cases, exitStatus, output } = need === '' ? runAll() : { cases: [], exitStatus: 0, output: '' };

  test.each(cases)('$file: $name', ({ passed, report }) => expect(passed, report).toBe(true));

  test('the runner ends with the status of its cases', () => {
    expect(exitStatus, output).toBe(cases.every(({ passed }) => passed) ? 0 : 1);
    expect(cases.length).toBeGreaterThan(0);
  });
});

function runAll() {
  tool('cmake', ['-S', '.', '-B', build]);
  tool('cmake', ['--build', build, '--target', 'native_tests', '-j', String(availableParallelism())]);
  const report = join(build, 'report.xml');
  const done = spawnSync(join(build, 'native_tests'), ['--reporters=xml', `--out=${report}`], {
    cwd: root,
    encoding: 'utf8',
  });
  const cases = readFileSync(report, 'utf8')
    .split('<TestCase ')
    .slice(1)
    .map((text) => ({
      name: unescapeXml(/ ?name="([^"]*)"/.exec(text)?.[1] ?? 'unnamed'),
      file: /native\/test\/([^"]*)"/.exec(text)?.[1] ?? '',
      // A case that crashed the runner has no result at all.
      passed: text.includes('test_case_success="true"'),
      report: unescapeXml(text.replace(/<\/?[A-Z][^>]*>|\s+/g, ' ')),
    }));
  return { cases, exitStatus: done.status, output: `${done.stdout}${done.stderr}` };
}

function tool(command: string, args: string[]): void {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name]!);
}
