import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AisError } from '../../src/ais-error.js';
import { findAddon, loadAddon } from '../../src/native/load.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'openais-load-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(...names: string[]): void {
  for (const name of names) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

/** Stands for dlopen(): gives the path, unless it holds `broken`. */
function loader(broken = 'nothing'): (path: string) => unknown {
  return (path) => {
    if (path.includes(broken)) throw new Error('wrong ELF class');
    return path;
  };
}

function failure(action: () => unknown): AisError {
  try {
    action();
  } catch (error) {
    if (AisError.is(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const linux = { platform: 'linux', architecture: 'x64', libc: 'glibc' } as const;
const built = 'build/Release/openais.node';
const prebuilt = 'prebuilds/linux-x64/openais.glibc.node';

describe('the addon', () => {
  it('is the one that was built here, else the one that came with the package', () => {
    put(prebuilt);
    expect(findAddon({ root, ...linux, load: loader() })).toBe(join(root, prebuilt));
    put(built);
    expect(findAddon({ root, ...linux, load: loader() })).toBe(join(root, built));
  });

  it('is the next one if one cannot be loaded', () => {
    put(built, prebuilt);
    expect(findAddon({ root, ...linux, load: loader('build/Release') })).toBe(join(root, prebuilt));
  });

  it('is of this platform and its C library', () => {
    put(prebuilt, 'prebuilds/linux-x64/openais.musl.node', 'prebuilds/darwin-arm64/openais.node');
    const find = (system: object) => findAddon({ root, load: loader(), ...system });
    expect(find({ ...linux, libc: 'musl' })).toBe(join(root, 'prebuilds/linux-x64/openais.musl.node'));
    expect(find({ platform: 'darwin', architecture: 'arm64' })).toBe(join(root, 'prebuilds/darwin-arm64/openais.node'));
    expect(() => find({ platform: 'darwin', architecture: 'x64' })).toThrow(
      'prebuilds/darwin-x64/openais.node: missing',
    );
  });

  it('is missed with an error that says for what, what was tried, why it failed, and what to do', () => {
    put(built);
    const error = failure(() => findAddon({ root, ...linux, load: loader('openais.node') }));
    expect(error.code).toBe('AIS_ERR_NATIVE_UNAVAILABLE');
    expect(error.message).toContain(`no addon for linux x64 glibc Node ${process.version}`);
    expect(error.message).toContain(`${built}: wrong ELF class, ${prebuilt}: missing`);
    expect(error.hint).toBe('build it: npx openais build-native');
    expect(error.cause).toEqual(new Error('wrong ELF class'));
  });

  it('is for Linux alone, and that is said elsewhere', () => {
    const error = failure(() => findAddon({ root, platform: 'darwin', architecture: 'arm64' }));
    expect(error.message).toContain('no addon for darwin arm64 Node');
    expect(error.hint).toBe('build it: npx openais build-native; its source is for Linux, a client needs none');
  });

  it('is built by the checkout itself where there is one', () => {
    put('binding.gyp');
    const error = failure(() => findAddon({ root, ...linux, load: loader() }));
    expect(error.hint).toBe(`build it: cd ${root} && npm run build`);
  });

  it('is found here without being told the platform, and loaded once', () => {
    const exports = loadAddon<{ RingCore: unknown }>();
    expect(exports.RingCore).toBeTypeOf('function');
    expect(loadAddon()).toBe(exports);
  });

  it('is looked for by the C library that this process runs on', () => {
    const error = failure(() => findAddon({ root, platform: 'linux', architecture: 'x64' }));
    const header = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    const libc = header.header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
    expect(error.message).toContain(`openais.${libc}.node: missing`);
  });
});
