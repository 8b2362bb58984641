import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Application } from './support/application.js';
import { runProgram } from './support/npm.js';

/** What a user's compiler says of the types, with libraries checked as well. */
const modules = join(import.meta.dirname, '../../node_modules');
let application: Application;
beforeAll(() => {
  application = new Application();
  application.npm('install', '--ignore-scripts', inject('tarball'));
  symlinkSync(join(modules, '@types'), join(application.folder, 'node_modules', '@types'));
  // Where the module system is the package's: CommonJS, since package.json says nothing else.
  cpSync(join(application.folder, 'types.mts'), join(application.folder, 'types.ts'));
});
afterAll(() => application.remove());

function compile(files: readonly string[], options: object): string {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2023',
    types: ['node'],
    skipLibCheck: false,
    ...options,
  };
  writeFileSync(join(application.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(modules, 'typescript', 'bin', 'tsc');
  return runProgram(process.execPath, [tsc, '-p', '.'], { cwd: application.folder });
}

test('node16 finds them, imported and required', () => {
  expect(compile(['types.mts', 'types.cts', 'types.ts'], { module: 'node16' })).toBe('');
});

test('nodenext finds them, imported and required', () => {
  expect(compile(['types.mts', 'types.cts', 'types.ts'], { module: 'nodenext' })).toBe('');
});

test('bundler finds them', () => {
  expect(compile(['types.mts', 'types.ts'], { module: 'esnext', moduleResolution: 'bundler' })).toBe('');
});
