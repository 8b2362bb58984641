// npm run coverage -- [typescript|native]: which lines of each source file the tests execute, TypeScript and C++ in one table. Exit status 1
// if a file is below the bar. C++ needs cmake, doctest and gcovr.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Percent of the lines of every file: the bar of the project of 2004. */
const bar = 85;
/** What runs as a process of its own is executed by the integration tests, and not counted. */
const notCounted = [/^src\/cli\/(ais|aisexec|ais-keygen)\.ts$/, /^src\/cli\/demo\//];

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) process.stderr.write(`openais: ${command}: ${error.message}\n`);
  return status ?? 1;
}

/** @returns {Array<[string, number]>} file and percent */
function typescript() {
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const report = ['--coverage.enabled', '--coverage.reporter=json-summary', '--coverage.reporter=html'];
  const status = run(process.execPath, [vitest, 'run', '--project', 'unit', '--coverage.reportOnFailure', ...report]);
  if (status !== 0) process.exitCode = 1;
  const summary = JSON.parse(readFileSync(join(root, 'coverage', 'coverage-summary.json'), 'utf8'));
  return Object.entries(summary)
    .filter(([file]) => file !== 'total')
    .map(([file, { lines }]) => [relative(root, file), lines.pct]);
}

/** @returns {Array<[string, number]>} file and percent */
function native() {
  const build = 'build-coverage';
  const report = join('coverage', 'native.json');
  const jobs = String(availableParallelism());
  mkdirSync(join(root, 'coverage'), { recursive: true });
  if (run('cmake', ['--preset', 'coverage']) !== 0) return [];
  if (run('cmake', ['--build', '--preset', 'coverage', '--target', 'native_tests', '-j', jobs]) !== 0) return [];
  if (run(join(root, build, 'native_tests'), ['--minimal']) !== 0) process.exitCode = 1;
  if (run('gcovr', ['--root', '.', '--filter', 'native/(core|crypto|io)/', '--json-summary', report, build]) !== 0)
    return [];
  if (!existsSync(join(root, report))) return [];
  const { files } = JSON.parse(readFileSync(join(root, report), 'utf8'));
  return files.map((/** @type {{ filename: string, line_percent: number }} */ file) => [
    file.filename,
    file.line_percent,
  ]);
}

const only = process.argv[2];
const counted = [...(only === 'native' ? [] : typescript()), ...(only === 'typescript' ? [] : native())];
const rows = counted.filter(([file]) => !notCounted.some((pattern) => pattern.test(file)));
rows.sort(([a], [b]) => a.localeCompare(b));
for (const [file, percent] of rows) {
  process.stdout.write(`${percent < bar ? '!' : ' '} ${percent.toFixed(1).padStart(5)} %  ${file}\n`);
}
const below = rows.filter(([, percent]) => percent < bar).length;
process.stdout.write(`${rows.length} files, ${below} below ${bar} %\n`);
if (below > 0 || rows.length === 0) process.exitCode = 1;
