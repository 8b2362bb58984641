// `npm run sim:mutants [-- NAME...]`: plants each fault of this folder into a copy of the project, builds the copy, and lets the simulator
// look for it; those of services/ with `--services`. A checker that lets a planted fault pass would let a real one pass. The product's source knows nothing of the faults.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(folder));
/** Within so many seeds a fault has to be seen. */
const seedsMax = 10_000;
/** What the simulator prints of a seed that is not legal: its number, and the predicates. */
const finding = /^seed \d+ \(.*\): .*\b(E\d+|services)\b.*$/m;
const copied = ['native', 'src', 'scripts', 'build', 'binding.gyp', 'package.json', 'package-lock.json', '.npmrc'];

const wanted = process.argv.slice(2);
const mutants = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.patch'))
  .map((name) => name.slice(0, -'.patch'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name) || wanted.includes(basename(name)))
  .sort();
if (mutants.length === 0) {
  process.stderr.write(`no planted fault is named ${wanted.join(' or ')}\n`);
  process.exit(2);
}

let missed = 0;
for (const name of mutants) {
  const what = readFileSync(join(folder, `${name}.patch`), 'utf8').split('\n', 1)[0] ?? '';
  process.stdout.write(`${name}: ${what.replace(/^#\s*/, '')}\n`);
  const copy = mkdtempSync(join(tmpdir(), 'openais-mutant-'));
  try {
    const verdict = await hunt(name, copy);
    process.stdout.write(`  ${verdict.text}\n`);
    if (!verdict.caught) missed += 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
process.stdout.write(`${mutants.length - missed} of ${mutants.length} planted faults caught\n`);
process.exitCode = missed === 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {string} copy
 * @returns {Promise<{ caught: boolean, text: string }>}
 */
async function hunt(name, copy) {
  plant(name, copy);
  const { status, output } = await simulate(copy, name.startsWith('services/') ? ['--services'] : []);
  const caught = finding.exec(output)?.[0];
  if (caught !== undefined) return { caught: true, text: `caught: ${caught}` };
  if (status === 0) return { caught: false, text: `not caught within ${seedsMax} seeds` };
  return { caught: false, text: `the simulator ended with status ${status}:\n${output.slice(-2000)}` };
}

/**
 * @param {string} name
 * @param {string} copy
 */
function plant(name, copy) {
  for (const file of readdirSync(root)) {
    if (!copied.includes(file) && !/^tsconfig.*\.json$/.test(file)) continue;
    cpSync(join(root, file), join(copy, file), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const patch = join(folder, `${name}.patch`);
  const applied = spawnSync('patch', ['-p1', '--fuzz=3', '--no-backup-if-mismatch', '-i', patch], { cwd: copy, encoding: 'utf8' });
  if (applied.status !== 0) throw new Error(`${name}.patch does not apply:\n${applied.stdout}${applied.stderr}`);
  if (!existsSync(join(copy, 'scripts', 'run.mjs'))) throw new Error('the copy is not complete');
}

/**
 * Runs seeds until one is not legal.
 * @param {string} copy
 * @param {string[]} options
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function simulate(copy, options) {
  const args = ['scripts/run.mjs', 'sim', '--seeds', String(seedsMax), '--from', '1', ...options];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
      if (finding.test(output)) child.kill('SIGTERM');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}
