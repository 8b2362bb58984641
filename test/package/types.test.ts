import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Application } from './support/application.js';
import { runProgram } from './support/npm.js';

/** What a user's compiler says of the types, with libraries checked as well. */
const modules = join(import.meta.dirname, '../../node_modules');
const need = inject('need');

describe.skipIf(need !== '')(`The types of the package${need}`, () => {
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

  test('are found by node16, imported and required', () => {
    expect(compile(['types.mts', 'types.cts', 'types.ts'], { module: 'node16' })).toBe('');
  });

  test('are found by nodenext, imported and required', () => {
    expect(compile(['types.mts', 'types.cts', 'types.ts'], { module: 'nodenext' })).toBe('');
  });

  test('are found by bundlers', () => {
    expect(compile(['types.mts', 'types.ts'], { module: 'esnext', moduleResolution: 'bundler' })).toBe('');
  });
});
