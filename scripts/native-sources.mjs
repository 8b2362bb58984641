// The one list of the addon's sources and compiler flags. binding.gyp, CMakeLists.txt and scripts/compile-addon.mjs all
// ask here, so that the three ways to build cannot drift apart.
//
//   node scripts/native-sources.mjs core crypto     sources below native/core and native/crypto, one a line
//   node scripts/native-sources.mjs --flags         compiler flags of our own sources, one a line

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the addon is made of; tests and fuzz targets are CMake's alone. */
export const addonFolders = ['core', 'crypto', 'io', 'binding'];

const warnings = ['-Wall', '-Wextra', '-Wconversion', '-Wno-missing-field-initializers'];

/**
 * Warnings are errors, unless OPENAIS_WERROR=0: a compiler newer than ours may warn where ours does not, and that is no
 * reason for a stranger's first build to fail.
 */
export function compilerFlags(isStrict = process.env.OPENAIS_WERROR !== '0') {
  const strict = isStrict ? ['-Werror'] : [];
  return ['-std=c++20', ...warnings, ...strict, '-fvisibility=hidden', '-fvisibility-inlines-hidden'];
}

/**
 * Paths of all .cc files below the given folders of native/, relative to the project and with slashes, sorted.
 * @param {readonly string[]} folders
 * @returns {string[]}
 */
export function nativeSources(folders = addonFolders, project = root) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(join(project, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith('.cc')) found.push(path);
    }
  };
  for (const folder of folders) {
    if (existsSync(join(project, 'native', folder))) walk(`native/${folder}`);
  }
  return found.sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const lines = words[0] === '--flags' ? compilerFlags() : nativeSources(words.length > 0 ? words : addonFolders);
  process.stdout.write(`${lines.join('\n')}\n`);
}
