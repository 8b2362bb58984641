// What this machine has for building C++: found, not assumed, and named clearly where it is missing.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A failure that is no fault of the code: its message tells the user what to do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/** @param {string} command */
export function answers(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Runs it to its end; what it says is shown only if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} name for the message
 * @param {Record<string, string>} env
 * @returns {string} its standard output
 */
export function runTool(command, args, cwd, name, env = {}) {
  const bound = 64 * 1024 * 1024;
  const done = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: bound });
  if (done.error) throw new SetupError(`${name} could not be started: ${done.error.message}`);
  if (done.status !== 0) {
    throw new SetupError(`${name} failed (status ${done.status ?? done.signal}):\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

/**
 * The C++ compiler's command: $CXX, else the first that answers.
 * @throws {SetupError} None was found.
 */
export function findCompiler(env = process.env) {
  const candidates = env.CXX ? [env.CXX] : ['g++', 'c++', 'clang++'];
  const found = candidates.find(answers);
  if (found) return found;
  throw new SetupError(
    `The native addon needs a C++20 compiler, and none answers (tried ${candidates.join(', ')}).\n` +
      '  Debian, Ubuntu: apt-get install g++     Fedora: dnf install gcc-c++     Alpine: apk add g++',
  );
}

/** node-gyp needs Python and make; where one is missing, scripts/compile-addon.mjs does without. */
export function hasNodeGypTools() {
  return answers('python3') && answers('make');
}

/**
 * The folder that holds include/node with the headers of this very Node, or undefined: then node-gyp fetches them.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function findNodeDirectory(env = process.env, executable = process.execPath) {
  const candidates = [env.npm_config_nodedir, dirname(dirname(executable))];
  return candidates.find((folder) => folder !== undefined && headersMatch(join(folder, 'include', 'node')));
}

/** @param {string} include */
function headersMatch(include) {
  const versionFile = join(include, 'node_version.h');
  if (!existsSync(versionFile)) return false;
  const text = readFileSync(versionFile, 'utf8');
  const [major, minor] = ['MAJOR', 'MINOR'].map((part) => text.match(`#define NODE_${part}_VERSION (\\d+)`)?.[1]);
  return process.version.startsWith(`v${major}.${minor}.`);
}
