import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { filesBelow } from '../../scripts/digest.mjs';
import { aboveFloor, versionsNeeded } from '../../scripts/floor.mjs';
import { runProgram } from './support/npm.js';

const root = join(import.meta.dirname, '../..');
const [tarball, need] = [inject('tarball'), inject('need')];
const unpacked = mkdtempSync(join(tmpdir(), 'openais-contents-'));
if (need === '') runProgram('tar', ['-xzf', tarball, '-C', unpacked], { cwd: root });
afterAll(() => rmSync(unpacked, { recursive: true }));

const home = join(unpacked, 'package');
const files = filesBelow(home, ['']).map((file) => relative(home, file));
const manifest = need === '' ? JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) : {};

describe.skipIf(need !== '')(`The package${need}`, () => {
  test('is smaller than 2 MB', () => {
    expect(statSync(tarball).size).toBeLessThan(2e6);
  });

  test('has what users need, and nothing of how it is made', () => {
    expect([
      ...new Set(
        files.map((file) =>
          file
            .split('/')
            .slice(0, file.startsWith('native/') ? 2 : 1)
            .join('/'),
        ),
      ),
    ]).toEqual([
      'LICENSE',
      'README.md',
      'bench',
      'dist',
      'examples',
      ...['binding', 'core', 'crypto', 'headers', 'io'].map((folder) => `native/${folder}`),
      'package.json',
      'packaging',
      'prebuilds',
      'scripts',
    ]);
    expect(files.filter((file) => /(^|\/)\.|\.gypi?$|\.map$|test|fuzz/.test(file))).toEqual([]);
  });

  test('has nothing that npm would run', () => {
    expect(manifest.gypfile).toBe(false);
    const atInstall = /^(pre|post)?(install|prepare)$|^prepublish$/;
    expect(Object.keys(manifest.scripts).filter((name) => atInstall.test(name))).toEqual([]);
  });

  test('depends on commander alone, and wants Node 20.19', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['commander']);
    for (const kind of ['optionalDependencies', 'peerDependencies', 'bundleDependencies']) {
      expect(manifest).not.toHaveProperty(kind);
    }
    expect(manifest.engines).toEqual({ node: '>=20.19' });
  });

  test('has every file that one of its files imports', () => {
    const missing = files
      .filter((file) => /\.(c|m)?js$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(home, file), 'utf8');
        const named = text.matchAll(/(?:from |import\(|require\(|new URL\()'(\.{1,2}\/[^']+\.\w+)'/g);
        return [...named].map(([, to]) => join(dirname(file), to!)).filter((to) => !existsSync(join(home, to)));
      });
    expect(missing).toEqual([]);
  });

  test('is in order for publint', () => {
    const publint = join(root, 'node_modules', 'publint', 'src', 'cli.js');
    expect(runProgram(process.execPath, [publint, 'run', tarball, '--strict'], { cwd: root })).toContain('All good!');
  });

  test('has types that are found, for each entry and each way to ask for it', () => {
    const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
    const said = runProgram(process.execPath, [attw, tarball, '--no-color', '--no-emoji'], { cwd: root });
    expect(said).toContain('No problems found');
  });
});

describe.skipIf(need !== '')(`Its binaries${need}`, () => {
  const binaries = files.filter((file) => file.startsWith('prebuilds/'));
  const machines: Record<string, string> = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' };
  const noReadelf =
    spawnSync('readelf', ['--version']).status === 0 ? '' : ' (needs readelf: apt-get install binutils)';
  const hasArm64 = process.arch === 'arm64' || spawnSync('aarch64-linux-gnu-g++', ['--version']).status === 0;
  const noArm64 = hasArm64 ? '' : ' (needs a compiler: apt-get install g++-aarch64-linux-gnu)';
  const readelf = (...args: string[]) => runProgram('readelf', ['--wide', ...args], { cwd: home });

  test('are there for this machine', () => {
    expect(binaries).toContain(`prebuilds/linux-${process.arch}/openais.glibc.node`);
  });

  test.skipIf(!hasArm64)(`are there for arm64${noArm64}`, () => {
    expect(binaries).toContain('prebuilds/linux-arm64/openais.glibc.node');
  });

  describe.skipIf(noReadelf !== '')(`as readelf sees them${noReadelf}`, () => {
    test.each(binaries)('%s is for the processor that its folder names', (file) => {
      const [, processor = ''] = /linux-(\w+)/.exec(file) ?? [];
      expect(readelf('--file-header', file)).toContain(machines[processor]);
    });

    test.each(binaries)('%s loads wherever Node 20 runs: glibc 2.28, libstdc++ of gcc 8', (file) => {
      const needed = versionsNeeded(join(home, file));
      expect(needed.length).toBeGreaterThan(0);
      expect(aboveFloor(needed)).toEqual([]);
    });

    test.each(binaries)('%s shows the two names of Node-API and no other', (file) => {
      const shown = [...readelf('--dyn-syms', file).matchAll(/ (?:GLOBAL|WEAK|UNIQUE) +DEFAULT +\d+ (\S+)/g)];
      expect(shown.map(([, name]) => name).sort()).toEqual([
        'napi_register_module_v1',
        'node_api_module_get_api_version_v1',
      ]);
    });
  });

  test('lie where node-gyp-build looks for them', () => {
    const nodeGypBuild = createRequire(import.meta.url)('node-gyp-build') as { path(folder: string): string };
    const own = join('prebuilds', `linux-${process.arch}`, 'openais.glibc.node');
    expect(relative(home, nodeGypBuild.path(home))).toBe(own);
  });
});
