// The part of the package that a compiler makes: a binary for each processor that this machine can compile for, in the layout of
// prebuildify, and the headers for those who compile it themselves.
//
//   node scripts/prebuilds.mjs     before a release: exit status 1 if the compiler of a processor is missing

import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonRecipe, digestOf, filesBelow, stampMatches } from './digest.mjs';
import { aboveFloor, floor, versionsNeeded } from './floor.mjs';
import { answers, findCompiler, findNodeDirectory, hasNodeGypTools, runTool, SetupError } from './toolchain.mjs';

/**
 * The first is there where gcc compiles for this machine, the second with the package of Debian that the third names.
 * @type {Record<string, { gnu: string, debian: string }>}
 */
const processors = {
  x64: { gnu: 'x86_64-linux-gnu', debian: 'g++-x86-64-linux-gnu' },
  arm64: { gnu: 'aarch64-linux-gnu', debian: 'g++-aarch64-linux-gnu' },
};

/** Under node_modules of the project, and away from build/: its addon stays that of this machine. */
const workshop = 'build-prebuilds';

/** @param {string} root */
export function prebuildsReason(root) {
  if (!existsSync(stampOf(root))) return 'the binaries of the package are missing';
  return stampMatches(stampOf(root), digest(root)) ? undefined : 'native/ or a compiler of the package has changed';
}

/**
 * @param {string} root
 * @param {(line: string) => void} say
 */
export function makePrebuilds(root, say) {
  if (!hasNodeGypTools()) throw new SetupError('The binaries of the package need python3 and make, for node-gyp.');
  const now = digest(root);
  rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
  for (const [processor, { gnu, debian }] of Object.entries(processors)) {
    if (hasCompiler(processor)) buildFor(root, processor, say);
    else say(`no binary for ${processor}: ${gnu}-g++ is missing (Debian: apt-get install ${debian})`);
  }
  copyHeaders(root);
  writeFileSync(stampOf(root), now);
}

/** @param {string} processor */
function hasCompiler(processor) {
  return process.platform === 'linux' && (processor === process.arch || answers(`${processors[processor]?.gnu}-g++`));
}

/**
 * @param {string} root
 * @param {string} processor
 * @param {(line: string) => void} say
 */
function buildFor(root, processor, say) {
  const isOurs = processor === process.arch;
  const prefix = isOurs ? '' : `${processors[processor]?.gnu}-`;
  const compiler = isOurs ? findCompiler() : `${prefix}g++`;
  say(`building the binary for ${processor} (${compiler}, about a minute) …`);
  const place = prepareWorkshop(root);
  const prebuildify = [join(root, 'node_modules', 'prebuildify', 'bin.js'), '--napi', '--strip', '--tag-libc'];
  const where = ['--cwd', place, '--out', root, '--cache', join(place, 'cache')];
  const what = ['--arch', processor, '--strip-bin', `${prefix}strip`, '-t', process.versions.node];
  const nodeDirectory = findNodeDirectory();
  runTool(process.execPath, [...prebuildify, ...where, ...what], root, 'prebuildify', {
    CXX: compiler,
    JOBS: 'max',
    ...(nodeDirectory && { npm_config_nodedir: nodeDirectory }),
  });
  for (const file of filesBelow(join(root, 'prebuilds', `linux-${processor}`), ['.glibc.node'])) {
    const tooNew = aboveFloor(versionsNeeded(file));
    if (tooNew.length > 0) throw new SetupError(`${file} needs more than glibc ${floor.GLIBC}: ${tooNew.join(', ')}`);
  }
}

/** @param {string} root */
function prepareWorkshop(root) {
  const place = join(root, workshop);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  for (const entry of ['binding.gyp', 'package.json', 'native', 'scripts']) {
    cpSync(join(root, entry), join(place, entry), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  return place;
}

/**
 * Of Node-API, and of libuv as this Node has it: its functions stay the same in all versions 1.
 * @param {string} root
 */
function copyHeaders(root) {
  const headers = join(root, 'native', 'headers');
  const nodeApi = join(root, 'node_modules', 'node-api-headers');
  const fetched = join(root, workshop, 'cache', 'node', process.versions.node);
  const node = join(findNodeDirectory() ?? fetched, 'include', 'node');
  rmSync(headers, { recursive: true, force: true });
  cpSync(join(nodeApi, 'include'), headers, { recursive: true });
  cpSync(join(nodeApi, 'LICENSE'), join(headers, 'LICENSE'));
  for (const entry of ['uv.h', 'uv']) cpSync(join(node, entry), join(headers, entry), { recursive: true });
}

/** @param {string} root */
function stampOf(root) {
  return join(root, 'prebuilds', '.stamp');
}

/** @param {string} root */
function digest(root) {
  const compiled = Object.keys(processors).filter(hasCompiler);
  const scripts = ['prebuilds.mjs', 'floor.mjs'].map((file) => join(root, 'scripts', file));
  return digestOf(root, [...addonRecipe(root), ...scripts], [process.platform, process.version, ...compiled]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [processor, { debian }] of Object.entries(processors)) {
    if (hasCompiler(processor)) continue;
    process.stderr.write(`openais: no compiler for ${processor}; on Debian: apt-get install ${debian}\n`);
    process.exitCode = 1;
  }
}
