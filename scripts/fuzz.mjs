// npm run fuzz -- [TARGET] [SECONDS]: builds the libFuzzer targets of native/fuzz with clang and runs one or all of
// them. What a run learns stays in native/fuzz/corpus/TARGET; an input that fails is left in build-fuzz/.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, 'build-fuzz');
const defaultSeconds = 60;

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args, cwd = root) {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;
}

/** @param {string[]} words */
function main(words) {
  const clang = ['clang++', 'clang++-14'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (!clang) return fail('no clang++; on Debian: apt-get install clang-14 libclang-rt-14-dev');
  const targets = readdirSync(join(root, 'native/fuzz'))
    .filter((file) => file.endsWith('.cc'))
    .map((file) => `fuzz_${basename(file, '.cc').replace(/^fuzz_/, '')}`);
  const seconds = words.find((word) => /^\d+$/.test(word)) ?? String(defaultSeconds);
  const named = words.filter((word) => !/^\d+$/.test(word)).map((word) => `fuzz_${word.replace(/^fuzz_/, '')}`);
  const unknown = named.find((target) => !targets.includes(target));
  if (unknown) return fail(`no target '${unknown}'; there are ${targets.join(', ')}`);

  if (run('cmake', ['-S', '.', '-B', build, `-DCMAKE_CXX_COMPILER=${clang}`]) !== 0) return 1;
  for (const target of named.length > 0 ? named : targets) {
    if (run('cmake', ['--build', build, '--target', target]) !== 0) return 1;
    const corpus = join(root, 'native/fuzz/corpus', target);
    mkdirSync(corpus, { recursive: true });
    process.stdout.write(`${target} for ${seconds} s\n`);
    const status = run(join(build, target), [`-max_total_time=${seconds}`, corpus], build);
    if (status !== 0) return status;
  }
  return 0;
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`openais: ${message}\n`);
  return 1;
}

process.exitCode = main(process.argv.slice(2));
