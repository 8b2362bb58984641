import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileAddon } from '../../scripts/compile-addon.mjs';
import { withLock } from '../../scripts/lock.mjs';
import { checkNode, parts, prepare } from '../../scripts/setup.mjs';
import { findCompiler, findNodeDirectory } from '../../scripts/toolchain.mjs';

const root = join(import.meta.dirname, '../..');
const minutes = 60_000;

/** A project of the same build as ours, with one source in each language. */
let project = '';
let said: string[] = [];
const say = (line: string) => void said.push(line);

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'openais-setup-'));
  said = [];
  for (const file of ['package.json', 'package-lock.json', 'binding.gyp', 'tsconfig.json', 'scripts', 'native/glibc']) {
    cpSync(join(root, file), join(project, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  write('src/one.ts', 'export const one: number = 1;\n');
  write(
    'native/binding/addon.cc',
    `#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value answer = nullptr;
  napi_create_int32(env, 42, &answer);
  napi_set_named_property(env, exports, "answer", answer);
  return exports;
}
`,
  );
});
afterEach(() => rmSync(project, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

function answerOfAddon(): string {
  const script = 'process.stdout.write(String(require("./build/Release/openais.node").answer))';
  return spawnSync(process.execPath, ['-e', script], { cwd: project, encoding: 'utf8' }).stdout;
}

test('Node 20.19 is the oldest that will do', () => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '100.1.0']) checkNode(version);
  for (const version of ['18.20.4', '20.18.9']) expect(() => checkNode(version)).toThrow('needs Node 20.19 or later');
});

test('Dependencies are looked at package by package', () => {
  expect(parts.dependencies.reason(project)).toBeUndefined();
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  lock.packages['node_modules/typescript'].version = '9.9.9';
  write('package-lock.json', JSON.stringify(lock));
  expect(parts.dependencies.reason(project)).toMatch(/typescript is 6\.0\.3, package-lock\.json says 9\.9\.9/);
  rmSync(join(project, 'node_modules'));
  expect(parts.dependencies.reason(project)).toBe('node_modules is missing');
});

test('No dependency has a script that npm would run at install', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('hasInstallScript');
});

test(
  'dist/ is compiled once, again after a change, and forgets what is gone',
  async () => {
    await prepare(project, ['dist'], say);
    await prepare(project, ['dist'], say);
    expect(said).toEqual(['openais: dist/ is not built; compiling TypeScript …']);
    expect(readFileSync(join(project, 'dist/one.js'), 'utf8')).toContain('one = 1');

    rmSync(join(project, 'src/one.ts'));
    write('src/two.ts', 'export const two = 2;\n');
    await prepare(project, ['dist'], say);
    expect(said[1]).toBe('openais: src/ has changed; compiling TypeScript …');
    expect(['one.js', 'one.d.ts', 'two.js'].map((file) => existsSync(join(project, 'dist', file)))).toEqual([
      false,
      false,
      true,
    ]);
  },
  minutes,
);

test(
  'What the compiler finds is shown, and nothing counts as built',
  async () => {
    write('src/one.ts', "export const one: number = 'one';\n");
    await expect(prepare(project, ['dist'], say)).rejects.toThrow(/tsc failed.*\n.*src\/one\.ts\(1,14\): error TS2322/);
    expect(parts.dist.reason(project)).toBeDefined();
  },
  minutes,
);

test(
  'node-gyp builds the addon once, and again after a change',
  async () => {
    await prepare(project, ['addon'], say);
    await prepare(project, ['addon'], say);
    expect(said).toEqual([expect.stringMatching(/the native addon is not built; building the native addon/)]);
    expect(answerOfAddon()).toBe('42');
    write('native/core/empty.cc', '// Nothing.\n');
    expect(parts.addon.reason(project)).toBe('native/ has changed');
  },
  3 * minutes,
);

test(
  'A compiler and the headers of Node are enough where Python or make is missing',
  async () => {
    await compileAddon(project);
    expect(answerOfAddon()).toBe('42');
  },
  3 * minutes,
);

test(
  'An error in a C++ source is shown',
  async () => {
    write('native/core/broken.cc', 'int f() { return nothing; }\n');
    await expect(compileAddon(project)).rejects.toThrow(/broken\.cc:1:18: error/);
  },
  3 * minutes,
);

test('A missing compiler is named with the package that brings it', () => {
  expect(() => findCompiler({ CXX: 'no-such-compiler' })).toThrow(/tried no-such-compiler[\s\S]*apt-get install g\+\+/);
});

test('Headers of another Node are not taken', () => {
  write('include/node/node_version.h', '#define NODE_MAJOR_VERSION 4\n#define NODE_MINOR_VERSION 2\n');
  expect(findNodeDirectory({}, join(project, 'bin/node'))).toBeUndefined();
  const [major, minor] = process.versions.node.split('.');
  write('include/node/node_version.h', `#define NODE_MAJOR_VERSION ${major}\n#define NODE_MINOR_VERSION ${minor}\n`);
  expect(findNodeDirectory({}, join(project, 'bin/node'))).toBe(project);
});

test(
  'Two setups at once do the work once',
  async () => {
    await Promise.all([prepare(project, ['dist'], say), prepare(project, ['dist'], say)]);
    expect(said.filter((line) => line.includes('compiling'))).toHaveLength(1);
  },
  minutes,
);

test('The lock of a process that is gone is taken over', async () => {
  const path = join(project, '.setup.lock');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(path, String(gone));
  expect(await withLock(path, say, async () => readFileSync(path, 'utf8'))).toBe(String(process.pid));
  expect(existsSync(path)).toBe(false);
  expect(said).toEqual([]);
});
