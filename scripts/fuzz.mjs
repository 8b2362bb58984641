// npm run fuzz -- [TARGET] [SECONDS] [JOBS]: builds the libFuzzer targets of native/fuzz with clang, and runs one of them, or each in
// turn. It starts from the kept corpus in native/fuzz/corpus/TARGET. What a run learns and what it finds goes to build-fuzz/.
//
// npm run fuzz -- ipc [--count N] [--from SEED]: another kind, test/misuse/: generated streams and calls against an executive.
//
// npm run fuzz -- --keep [TARGET]: the fewest inputs that reach everything that is known to be reached become the kept corpus.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, 'build-fuzz');
const defaultSeconds = 60;
/** Bytes of an input: several packets of the largest size that a ring of the targets has. */
const longestInput = 4096;
/** Files of a kept corpus, the smallest ones that add something. */
const keptFiles = 40;
const keptFileBytes = 2048;

const targets = readdirSync(join(root, 'native/fuzz'))
  .filter((file) => file.endsWith('.cc'))
  .map((file) => basename(file, '.cc'));

/** @param {string} target */
const executable = (target) => join(build, `fuzz_${target}`);
/** @param {string} target */
const kept = (target) => join(root, 'native/fuzz/corpus', target);
/** @param {string} target */
const learned = (target) => join(build, 'corpus', target);

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args, cwd = root) {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`openais: ${message}\n`);
  return 1;
}

/** @param {string[]} chosen */
function compile(chosen) {
  const clang = ['clang++', 'clang++-14'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!clang) return fail('no clang++; on Debian: apt-get install clang-14 libclang-rt-14-dev');
  const configured = run('cmake', ['-S', '.', '-B', build, `-DCMAKE_CXX_COMPILER=${clang}`]);
  if (configured !== 0) return configured;
  const names = chosen.map((target) => `fuzz_${target}`);
  return run('cmake', ['--build', build, '-j', String(availableParallelism()), '--target', ...names]);
}

/**
 * @param {string} target
 * @param {number} seconds
 * @param {number} jobs
 */
function fuzz(target, seconds, jobs) {
  const findings = join(build, 'findings');
  for (const folder of [kept(target), learned(target), findings]) mkdirSync(folder, { recursive: true });
  process.stdout.write(`${target} for ${seconds} s\n`);
  return run(
    executable(target),
    [
      `-max_total_time=${seconds}`,
      `-max_len=${longestInput}`,
      `-artifact_prefix=${join(findings, `${target}-`)}`,
      '-print_final_stats=1',
      ...(jobs > 1 ? [`-fork=${jobs}`] : []),
      learned(target),
      kept(target),
    ],
    build,
  );
}

/** @param {string} target */
function keep(target) {
  const merged = join(build, 'merged', target);
  rmSync(merged, { recursive: true, force: true });
  for (const folder of [merged, kept(target), learned(target)]) mkdirSync(folder, { recursive: true });
  const sources = [kept(target), learned(target)];
  const status = run(executable(target), ['-set_cover_merge=1', `-max_len=${longestInput}`, merged, ...sources], build);
  if (status !== 0) return status;
  const size = (/** @type {string} */ file) => statSync(join(merged, file)).size;
  const chosen = readdirSync(merged)
    .filter((file) => size(file) <= keptFileBytes)
    .sort((a, b) => size(b) - size(a))
    .slice(0, keptFiles);
  rmSync(kept(target), { recursive: true });
  mkdirSync(kept(target));
  for (const file of chosen) copyFileSync(join(merged, file), join(kept(target), file));
  process.stdout.write(`${target}: ${chosen.length} inputs kept\n`);
  return 0;
}

/** @param {string[]} words */
function main(words) {
  const isKeeping = words.includes('--keep');
  const [seconds = defaultSeconds, jobs = 1] = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const named = words.filter((word) => !/^\d+$/.test(word) && word !== '--keep');
  const unknown = named.find((target) => !targets.includes(target));
  if (unknown) return fail(`no target '${unknown}'; there are ${targets.join(', ')}`);
  const chosen = named.length > 0 ? named : targets;
  let status = compile(chosen);
  for (const target of chosen) {
    if (status !== 0) return status;
    status = isKeeping ? keep(target) : fuzz(target, seconds, jobs);
  }
  return status;
}

/** @param {string[]} args */
function misuse(args) {
  const built = run(process.execPath, ['scripts/run.mjs', 'build']);
  return built !== 0 ? built : run(process.execPath, ['--expose-gc', 'test/misuse/run.mjs', ...args]);
}

const [first, ...rest] = process.argv.slice(2);
process.exitCode = first === 'ipc' ? misuse(rest) : main(process.argv.slice(2));
