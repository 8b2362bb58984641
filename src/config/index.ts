/** openais.conf and its object form, to a ResolvedConfig. */
import { open } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import type { Machine } from './address.js';
import { check } from './check.js';
import type { ExecutiveConfig } from './executive-config.js';
import { fromObject } from './from-object.js';
import { fileBytesMax, parse } from './parse.js';
import { ConfigError, type Source } from './problem.js';
import { resolve, type Surroundings } from './resolve.js';
import type { ResolvedConfig } from './resolved-config.js';
import type { Tree } from './tree.js';

export { type Difference, differences } from './differences.js';
export type { ExecutiveConfig, LinkConfig, NodeConfig, TotemConfig } from './executive-config.js';
export { ConfigError } from './problem.js';
export type * from './resolved-config.js';

/** The file of 2004 is looked for where the other one is missing. */
export const defaultConfigFiles = ['/etc/ais/openais.conf', '/etc/ais/network.conf'] as const;

/** @throws ConfigError with everything that is wrong, ready to be printed. */
export async function loadConfig(file: string, machine?: Machine): Promise<ResolvedConfig> {
  const absolute = resolvePath(file);
  const text = await readText(file);
  const { tree, lines, problems } = parse(text);
  const source = { name: file, lines };
  if (problems.length > 0) throw new ConfigError(source, problems);
  return resolveTree(source, tree, { file: absolute, folder: dirname(absolute), ...(machine && { machine }) });
}

/**
 * The object form; relative paths are relative to the working directory.
 * @throws ConfigError
 */
export async function resolveConfig(config: ExecutiveConfig, machine?: Machine): Promise<ResolvedConfig> {
  const source = { name: 'config' };
  if (typeof config !== 'object' || config === null) {
    throw new ConfigError(source, [
      { place: { path: '' }, message: 'expected an object with the sections of openais.conf' },
    ]);
  }
  return resolveTree(source, fromObject(config), {
    file: undefined,
    folder: process.cwd(),
    ...(machine && { machine }),
  });
}

async function resolveTree(source: Source, tree: Tree, surroundings: Surroundings): Promise<ResolvedConfig> {
  const checked = check(tree);
  // What keys say together is looked at only when each of them is sound.
  if (checked.problems.length > 0) throw new ConfigError(source, checked.problems);
  const config = await resolve(checked, surroundings);
  if (checked.problems.length > 0) throw new ConfigError(source, checked.problems);
  return config;
}

async function readText(file: string): Promise<string> {
  const refuse = (message: string) => new ConfigError({ name: file }, [{ place: { path: '' }, message }]);
  try {
    await using handle = await open(file, 'r');
    const status = await handle.stat();
    if (status.isDirectory()) throw refuse('is a directory');
    if (status.size > fileBytesMax) throw refuse(`has more than ${fileBytesMax} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError) throw refuse('is not text in UTF-8');
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : message);
  }
}
