// Builds the addon with nothing but a C++ compiler: for machines without Python or make, where node-gyp cannot run, and for
// `ais build-native` of the package. The sources and flags are those of binding.gyp.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { compilerFlags, nativeSources } from './native-sources.mjs';
import { findCompiler, findNodeDirectory, SetupError } from './toolchain.mjs';

/**
 * @param {string} root the project, or the package
 * @param {boolean} [isStrict] Warnings are errors.
 * @returns {Promise<string>} the path of the addon
 * @throws {SetupError} No compiler, no headers, or a source that does not compile.
 */
export async function compileAddon(root, isStrict) {
  const compiler = findCompiler();
  const flags = [
    ...compilerFlags(isStrict),
    ...['-O2', '-fPIC', '-pthread', '-fno-exceptions', '-fno-rtti'],
    ...['-DNAPI_VERSION=9', '-DBUILDING_NODE_EXTENSION'],
    ...['-DNODE_GYP_MODULE_NAME=openais', '-Inative', '-isystem', findHeaders(root)],
  ];
  const folder = join('build', 'direct');
  mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(root, 'build', 'Release'), { recursive: true });

  const compilations = nativeSources(undefined, root).map((source) => {
    const object = join(folder, `${source.replaceAll('/', '-')}.o`);
    return { object, args: [...flags, '-c', source, '-o', object] };
  });
  await runAll(
    compilations.map(
      ({ args }) =>
        () =>
          invoke(compiler, args, root),
    ),
    availableParallelism(),
  );
  const linked = join(folder, 'openais.node');
  const dynamicLookup = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,-z,relro,-z,now'];
  const objects = compilations.map(({ object }) => object);
  await invoke(compiler, ['-shared', '-pthread', ...dynamicLookup, ...objects, '-o', linked], root);
  // Renamed, not overwritten: a running process keeps the addon that it has mapped.
  const addon = join(root, 'build', 'Release', 'openais.node');
  renameSync(join(root, linked), addon);
  rmSync(join(root, folder), { recursive: true });
  return addon;
}

/**
 * Of Node-API and libuv: those of this Node, else those that came with the package, of the oldest Node that will do.
 * @param {string} root
 */
function findHeaders(root) {
  const nodeDirectory = findNodeDirectory();
  if (nodeDirectory) return join(nodeDirectory, 'include', 'node');
  const packaged = join(root, 'native', 'headers');
  if (existsSync(packaged)) return packaged;
  throw new SetupError(
    `The headers of Node ${process.version} were not found beside ${process.execPath}.\n` +
      "  Install python3 and make (node-gyp fetches them), or set npm_config_nodedir to the folder of Node's include/.",
  );
}

/**
 * @param {Array<() => Promise<void>>} jobs
 * @param {number} width
 */
async function runAll(jobs, width) {
  const queue = jobs.values();
  const worker = async () => {
    for (const job of queue) await job();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
function invoke(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new SetupError(`${command} ended with status ${status}:\n${output}`));
    });
  });
}
