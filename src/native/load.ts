/** Finds and loads the addon. Nothing outside of this folder touches it. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aisError } from '../ais-error.js';

/** Two folders up, from src/native as from dist/native. */
const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

export interface LoadOptions {
  /** The package's folder. */
  readonly root?: string;
  readonly platform?: string;
  readonly architecture?: string;
  /** Of Linux alone. */
  readonly libc?: 'glibc' | 'musl';
  readonly load?: (path: string) => unknown;
}

let loaded: unknown;

/**
 * The addon's exports; loaded once.
 * @throws {AisError} AIS_ERR_NATIVE_UNAVAILABLE, which names what was tried and what to do.
 */
export function loadAddon<Exports>(): Exports {
  loaded ??= findAddon();
  return loaded as Exports;
}

/** Tries every place, the freshest first: what was built here, then what came with the package. */
export function findAddon(options: LoadOptions = {}): unknown {
  const root = resolve(options.root ?? packageRoot);
  const load = options.load ?? createRequire(import.meta.url);
  const system = describeSystem(options);
  const tried: string[] = [];
  const causes: unknown[] = [];
  for (const path of candidates(root, system)) {
    const name = relative(root, path);
    if (!existsSync(path)) {
      tried.push(`${name}: missing`);
      continue;
    }
    try {
      return load(path);
    } catch (error) {
      tried.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      causes.push(error);
    }
  }
  const where = [system.platform, system.architecture, system.libc, `Node ${process.version}`]
    .filter(Boolean)
    .join(' ');
  throw aisError('AIS_ERR_NATIVE_UNAVAILABLE', 'native.load', `no addon for ${where}; tried ${tried.join(', ')}`, {
    hint: `build it: ${buildCommand(root)}${system.platform === 'linux' ? '' : '; its source is for Linux, a client needs none'}`,
    cause: causes[0],
  });
}

interface System {
  readonly platform: string;
  readonly architecture: string;
  readonly libc: 'glibc' | 'musl' | undefined;
}

function describeSystem(options: LoadOptions): System {
  const platform = options.platform ?? process.platform;
  const architecture = options.architecture ?? process.arch;
  return { platform, architecture, libc: platform === 'linux' ? (options.libc ?? ownLibc()) : undefined };
}

function candidates(root: string, { platform, architecture, libc }: System): string[] {
  const file = libc === undefined ? 'openais.node' : `openais.${libc}.node`;
  return [join(root, 'build', 'Release', 'openais.node'), join(root, 'prebuilds', `${platform}-${architecture}`, file)];
}

/** A report takes milliseconds, and seconds where it resolves the addresses of open sockets. */
function ownLibc(): 'glibc' | 'musl' {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (before !== undefined) report.excludeNetwork = before;
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function buildCommand(root: string): string {
  // A checkout has scripts of its own; the package has the sources, and a command that needs no network.
  return existsSync(join(root, 'binding.gyp')) ? `cd ${root} && npm run build` : 'npx openais build-native';
}
