// Whether something is up to date: the digest of all that it was made from lies beside it.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { addonFolders } from './native-sources.mjs';

/**
 * Of names and contents: times of files say nothing after a checkout.
 * @param {string} root
 * @param {readonly string[]} files
 * @param {readonly string[]} also
 */
export function digestOf(root, files, also) {
  const hash = createHash('sha256').update(JSON.stringify(also));
  for (const file of files) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * @param {string} stamp
 * @param {string} digest
 */
export function stampMatches(stamp, digest) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

/**
 * @param {string} folder
 * @param {readonly string[]} endings
 * @returns {string[]} sorted
 */
export function filesBelow(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * All that node-gyp makes the addon of.
 * @param {string} project
 */
export function addonRecipe(project) {
  const sources = [...addonFolders, 'glibc'].flatMap((folder) =>
    filesBelow(join(project, 'native', folder), ['.cc', '.hpp', '.map']),
  );
  return [...['binding.gyp', 'scripts/native-sources.mjs'].map((file) => join(project, file)), ...sources];
}
