// The oldest system libraries that a shipped binary may ask for: those that Node 20 itself needs.

import { runTool } from './toolchain.mjs';

/** glibc 2.28, and the libstdc++ and libgcc of gcc 8. @type {Record<string, string>} */
export const floor = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11', GCC: '7.0.0' };

/**
 * What a binary takes from the libraries of its system, as `name@FAMILY_version`.
 * @param {string} file
 * @throws {import('./toolchain.mjs').SetupError} readelf is missing, or the file is none for it.
 */
export function versionsNeeded(file) {
  const table = runTool('readelf', ['--dyn-syms', '--wide', file], '.', 'readelf');
  return [...table.matchAll(/ UND (\S+@\w+_[\w.]+)/g)].map(([, symbol = '']) => symbol);
}

/**
 * Those of the symbols that older systems do not have.
 * @param {readonly string[]} symbols
 */
export function aboveFloor(symbols) {
  return symbols.filter((symbol) => {
    const [, family = '', version = ''] = /@([A-Z]+)_(.+)$/.exec(symbol) ?? [];
    const oldest = floor[family];
    return oldest === undefined || isNewer(version, oldest);
  });
}

/**
 * @param {string} version
 * @param {string} other
 */
function isNewer(version, other) {
  const [ours, theirs] = [version, other].map((text) => text.split('.').map(Number));
  for (const [index, part] of /** @type {number[]} */ (ours).entries()) {
    const difference = part - (theirs?.[index] ?? 0);
    // A version that is no number is none that an older system has.
    if (difference !== 0) return !(difference < 0);
  }
  return false;
}
