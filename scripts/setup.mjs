// Makes a checkout ready to run: dependencies, the native addon and dist/, each only if missing or older than what it
// is made from. Plain Node without dependencies, since it is the first thing that runs after a clone. One line says
// what is done; the output of a tool is shown only if the tool fails.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compileAddon } from './compile-addon.mjs';
import { addonRecipe, digestOf, filesBelow, stampMatches } from './digest.mjs';
import { withLock } from './lock.mjs';
import { makePrebuilds, prebuildsReason } from './prebuilds.mjs';
import { findCompiler, findNodeDirectory, hasNodeGypTools, runTool, SetupError } from './toolchain.mjs';

const oldestNode = [20, 19];

/**
 * One thing that a job needs. `reason` says why it has to be made, or undefined if it is up to date.
 * @typedef {{ reason: (root: string) => string | undefined, make: (root: string, say: Say) => void | Promise<void> }}
 *   Part
 * @typedef {(line: string) => void} Say
 */

/** @type {Record<'dependencies' | 'addon' | 'dist' | 'prebuilds', Part>} */
export const parts = {
  dependencies: { reason: dependenciesReason, make: installDependencies },
  addon: { reason: addonReason, make: buildAddon },
  dist: { reason: distReason, make: compileTypeScript },
  prebuilds: { reason: prebuildsReason, make: makePrebuilds },
};

/**
 * Makes what is missing of the named parts, in their order.
 * @param {string} root
 * @param {ReadonlyArray<keyof typeof parts>} names
 * @param {Say} say receives one line for each thing that is done; standard error by default, since jobs may print JSON
 * @throws {SetupError}
 */
export async function prepare(root, names, say = (line) => process.stderr.write(`${line}\n`)) {
  checkNode(process.versions.node);
  if (names.every((name) => parts[name].reason(root) === undefined)) return;
  await withLock(join(root, '.setup.lock'), say, async () => {
    for (const name of names) {
      // Asked again under the lock: another process may just have done it.
      const reason = parts[name].reason(root);
      if (reason === undefined) continue;
      await parts[name].make(root, (line) => say(`openais: ${reason}; ${line}`));
    }
  });
}

/** @param {string} version */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = oldestNode;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new SetupError(`openais needs Node ${needMajor}.${needMinor} or later; this is ${version}.`);
}

/** @param {string} root */
function dependenciesReason(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return 'node_modules is missing';
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const [path, entry] of Object.entries(want)) {
    // Optional packages are binaries of other platforms.
    if (path === '' || entry.optional || have[path]?.version === entry.version) continue;
    return `${path} is ${have[path]?.version ?? 'missing'}, package-lock.json says ${entry.version}`;
  }
  return undefined;
}

/** @type {Part['make']} */
function installDependencies(root, say) {
  say('installing dependencies (npm ci) …');
  // Under npm, the same npm; npm itself is JavaScript.
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  runTool(command, [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], root, 'npm ci');
}

/** @param {string} root */
function addonReason(root) {
  if (!existsSync(join(root, 'build', 'Release', 'openais.node'))) return 'the native addon is not built';
  return stampMatches(addonStamp(root), addonDigest(root)) ? undefined : 'native/ has changed';
}

/** @type {Part['make']} */
async function buildAddon(root, say) {
  const digest = addonDigest(root);
  const compiler = findCompiler();
  const build = hasNodeGypTools() ? () => runNodeGyp(root, compiler) : () => compileAddon(root);
  say(`building the native addon (${compiler}, about a minute) …`);
  try {
    await build();
  } catch (error) {
    if (process.env.OPENAIS_WERROR === '0' || !String(error).includes('[-Werror')) throw error;
    say('this compiler warns where ours does not, so once more with OPENAIS_WERROR=0 …');
    process.env.OPENAIS_WERROR = '0';
    await build();
  }
  writeFileSync(addonStamp(root), digest);
}

/**
 * @param {string} root
 * @param {string} compiler
 */
function runNodeGyp(root, compiler) {
  const nodeDirectory = findNodeDirectory();
  const args = [join(root, 'node_modules/node-gyp/bin/node-gyp.js'), 'configure', 'build', '--jobs=max'];
  if (nodeDirectory) args.push(`--nodedir=${nodeDirectory}`);
  runTool(process.execPath, args, root, 'node-gyp', { CXX: compiler });
}

/** @param {string} root */
function addonStamp(root) {
  return join(root, 'build', 'Release', 'openais.stamp');
}

/** @param {string} root */
function addonDigest(root) {
  return digestOf(root, addonRecipe(root), [process.platform, process.arch]);
}

/** @param {string} root */
function distReason(root) {
  if (!existsSync(distStamp(root))) return 'dist/ is not built';
  return stampMatches(distStamp(root), distDigest(root)) ? undefined : 'src/ has changed';
}

/** @type {Part['make']} */
function compileTypeScript(root, say) {
  const digest = distDigest(root);
  say('compiling TypeScript …');
  runTool(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], root, 'tsc');
  sweepDist(root);
  writeFileSync(distStamp(root), digest);
}

/**
 * Removes what was compiled from files that are gone: a package or a test must not find it.
 * @param {string} root
 */
function sweepDist(root) {
  const dist = join(root, 'dist');
  for (const file of filesBelow(dist, ['.js', '.cjs', '.ts', '.cts', '.map'])) {
    const source = relative(dist, file).replace(/(\.d)?\.(c?)[jt]s$/, '.$2ts');
    if (!existsSync(join(root, 'src', source))) rmSync(file);
  }
}

/** @param {string} root */
function distStamp(root) {
  return join(root, 'dist', '.stamp');
}

/** @param {string} root */
function distDigest(root) {
  const recipe = ['tsconfig.json', 'package-lock.json'].map((file) => join(root, file));
  return digestOf(root, [...recipe, ...filesBelow(join(root, 'src'), ['.ts', '.cts'])], []);
}
