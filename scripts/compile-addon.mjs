// Builds the addon with nothing but a C++ compiler and Node's own headers: for machines without Python or make, where
// node-gyp cannot run. The sources and flags are those of binding.gyp.

import { spawn } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { compilerFlags, nativeSources } from './native-sources.mjs';
import { findCompiler, findNodeDirectory, SetupError } from './toolchain.mjs';

/**
 * @param {string} root the project
 * @returns {Promise<string>} the path of the addon
 * @throws {SetupError} No compiler, no headers, or a source that does not compile.
 */
export async function compileAddon(root) {
  const compiler = findCompiler();
  const nodeDirectory = findNodeDirectory();
  if (!nodeDirectory) {
    throw new SetupError(
      `The headers of Node ${process.version} were not found beside ${process.execPath}.\n` +
        "  Install python3 and make (node-gyp fetches them), or set npm_config_nodedir to the folder of Node's include/.",
    );
  }
  const addonApi = dirname(createRequire(join(root, 'package.json')).resolve('node-addon-api/package.json'));
  const flags = [
    ...compilerFlags(),
    ...['-O2', '-fPIC', '-pthread', '-fno-exceptions', '-fno-rtti'],
    ...['-DNAPI_VERSION=9', '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION'],
    ...['-DNODE_GYP_MODULE_NAME=openais', '-Inative', '-isystem', addonApi],
    ...['-isystem', join(nodeDirectory, 'include', 'node')],
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
  return addon;
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
