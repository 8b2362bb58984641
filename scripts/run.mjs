// `npm start`, `npm test` and the rest: `node scripts/run.mjs JOB [ARGUMENTS]`. Prepares what the job needs, then runs
// it in the foreground and ends as it ends.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './setup.mjs';
import { SetupError } from './toolchain.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} name */
const bin = (name) => join('node_modules', ...name.split('/'));
const vitest = bin('vitest/vitest.mjs');
const biome = bin('@biomejs/biome/bin/biome');
const tsc = bin('typescript/bin/tsc');

/** @type {Array<keyof typeof import('./setup.mjs').parts>} */
const everything = ['dependencies', 'addon', 'dist'];

/**
 * A step is the arguments of `node`; the user's arguments go to the last step of a job.
 * @type {Record<string, { needs: typeof everything, steps: string[][] }>}
 */
const jobs = {
  start: { needs: everything, steps: [['dist/cli/ais.js', 'demo']] },
  test: { needs: everything, steps: [[vitest, 'run']] },
  sim: { needs: everything, steps: [['dist/sim/cli.js']] },
  'sim:mutants': { needs: everything, steps: [['test/mutants/run.mjs']] },
  bench: { needs: everything, steps: [['bench/run.mjs']] },
  soak: { needs: everything, steps: [['test/soak/run.mjs']] },
  'test:sanitizers': { needs: [], steps: [['scripts/sanitizers.mjs']] },
  fuzz: { needs: [], steps: [['scripts/fuzz.mjs']] },
  build: { needs: everything, steps: [] },
  prebuilds: { needs: ['dependencies', 'prebuilds'], steps: [] },
  prepack: { needs: ['dependencies', 'dist', 'prebuilds'], steps: [] },
  'test:package': { needs: everything, steps: [[vitest, 'run', '--project', 'package']] },
  format: {
    needs: ['dependencies'],
    steps: [
      ['scripts/clang-format.mjs', '-i'],
      [biome, 'check', '--write', '.'],
    ],
  },
  coverage: { needs: everything, steps: [['scripts/coverage.mjs']] },
  check: {
    needs: everything,
    steps: [
      [biome, 'ci', '.'],
      ['scripts/clang-format.mjs', '--dry-run', '-Werror'],
      [tsc, '-p', 'tsconfig.test.json'],
      [vitest, 'run', '--project', 'unit', '--project', 'native'],
      ['dist/sim/cli.js', '--seeds', '100'],
    ],
  },
};

/** @param {string[]} args of node */
function runStep(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    // The terminal signals the whole group by itself; a signal to this process alone is passed on.
    const relay = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    const relayed = /** @type {const} */ (['SIGTERM', 'SIGHUP']);
    for (const signal of relayed) process.on(signal, relay);
    process.on('SIGINT', ignore);
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      for (const relayedSignal of relayed) process.off(relayedSignal, relay);
      process.off('SIGINT', ignore);
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function ignore() {}

async function main() {
  const [name = '', ...userArgs] = process.argv.slice(2);
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  if (!job) throw new SetupError(`unknown job '${name}'; there are ${Object.keys(jobs).join(', ')}`);
  await prepare(root, job.needs);
  for (const [index, step] of job.steps.entries()) {
    const args = index === job.steps.length - 1 ? [...step, ...userArgs] : step;
    const status = await runStep(args);
    if (status !== 0) return status;
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`openais: ${error.message}\n`);
  process.exitCode = 1;
}
