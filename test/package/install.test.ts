import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findPort } from '../../src/cli/demo/loopback.js';
import { Application } from './support/application.js';
import { nodesUnderTest } from './support/nodes.js';

/** The tarball in an empty folder, with nothing but Node on the path. */
const version = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version;

for (const { name, binary, missing } of nodesUnderTest(inject('need'))) {
  describe.skipIf(missing !== '')(`Under Node ${name} the package${missing}`, () => {
    let application: Application;
    beforeAll(() => {
      application = new Application(binary);
    });
    afterAll(() => application.remove());

    test('is installed with scripts off', () => {
      application.npm('install', '--ignore-scripts', inject('tarball'));
      expect(existsSync(join(application.package, 'package.json'))).toBe(true);
    });

    test('is installed by npm ci with scripts allowed, none of which there is to run or to warn of', () => {
      rmSync(join(application.folder, 'node_modules'), { recursive: true });
      const said = application.npm('ci', '--ignore-scripts=false', '--foreground-scripts');
      expect(said).not.toMatch(/script|gyp|deprecated|EBADENGINE/i);
      const lock = JSON.parse(readFileSync(join(application.folder, 'package-lock.json'), 'utf8'));
      expect(Object.keys(lock.packages).sort()).toEqual(['', 'node_modules/commander', 'node_modules/openais']);
      expect(JSON.stringify(lock)).not.toContain('hasInstallScript');
    });

    test('gives the same of every entry by import and require', () => {
      const imported = JSON.parse(application.run('import.mjs'));
      expect(imported).toEqual([
        expect.arrayContaining(['AisError', 'connect']),
        expect.arrayContaining(['Executive']),
        expect.arrayContaining(['runSeed']),
      ]);
      expect(JSON.parse(application.run('require.cjs'))).toEqual(imported);
    });

    test('has every command', () => {
      for (const command of ['ais', 'openais', 'aisexec', 'ais-keygen']) {
        expect(application.run(command, '--version')).toBe(`${version}\n`);
      }
      expect(application.run('ais', 'keygen', '-k', 'key')).toContain('Wrote 1024 bits');
    });

    test('plays the bank: ais demo', () => {
      // The story is on standard error, and comes behind it here.
      const [result = ''] = application.run('ais', 'demo', '--json').split('\n');
      expect(JSON.parse(result)).toMatchObject({ members: [1, 3, 4], agree: true });
    });

    test('makes a ring of three executives in a process, and a client agrees with them on what was said', async () => {
      const port = await findPort(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
      const { delivered, seen } = JSON.parse(application.run('ring.mjs', `${port}`));
      expect(seen).toEqual([1, 2, 3]);
      expect(delivered[0].toSorted()).toEqual(['word 0', 'word 1', 'word 2', 'word 3']);
      expect(delivered).toEqual([delivered[0], delivered[0], delivered[0], delivered[0]]);
    });
  });
}

test('There is neither a compiler nor Python where it is installed', () => {
  const application = new Application();
  const found = ['g++', 'c++', 'cc', 'clang++', 'make', 'python3', 'python'].filter(
    (program) =>
      spawnSync(program, ['--version'], { env: { PATH: join(application.folder, 'path') } }).error === undefined,
  );
  application.remove();
  expect(found).toEqual([]);
});
