import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findPort } from '../../src/cli/demo/loopback.js';
import { Application } from './support/application.js';
import { runProgram } from './support/npm.js';

/** A machine for which the package has no binary. */
let application: Application;
beforeAll(() => {
  application = new Application();
  application.npm('install', '--ignore-scripts', inject('tarball'));
  rmSync(join(application.package, 'prebuilds'), { recursive: true });
});
afterAll(() => application.remove());

const start = `import { Executive } from 'openais/executive';
import 'openais';
const error = await Executive.start({ totem: { cluster_name: 'x', keyfile: 'key', interface: [{ bindnetaddr: '127.0.0.1' }] },
  state: { dir: 'state' }, ipc: { socket: false } }).catch((error) => error);
process.stdout.write(error.code + ': ' + error.message);`;

test('Without an addon the client and the commands work; an executive says what was tried and what to do', () => {
  expect(application.run('ais', 'keygen', '-k', 'key')).toContain('Wrote');
  expect(JSON.parse(application.run('import.mjs'))[0]).toContain('connect');
  const said = runProgram(process.execPath, ['--input-type=module', '-e', start], { cwd: application.folder });
  const place = `prebuilds/linux-${process.arch}/openais.glibc.node: missing`;
  expect(said).toContain(`AIS_ERR_NATIVE_UNAVAILABLE: native.load: no addon for ${process.platform} ${process.arch}`);
  expect(said).toContain(place);
  expect(said).toContain('npx openais build-native');
});

describe('build-native', () => {
  const unshare = ['unshare', '--net', '--map-root-user'];
  const isCutOff = spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status === 0;
  const cut = isCutOff ? '' : ' (needs network namespaces)';
  const noCompiler = spawnSync('g++', ['--version']).status === 0 ? '' : ' (needs a compiler: apt-get install g++)';

  test('says which compilers it looked for', () => {
    expect(() => application.run('ais', 'build-native')).toThrow(/none answers \(tried g\+\+, c\+\+, clang\+\+\)/);
  });

  test.skipIf(!isCutOff || noCompiler !== '')(
    `builds without a network what an executive needs${cut}${noCompiler}`,
    async () => {
      // A Node that has no headers beside it: those of the package have to do.
      const alone = join(application.folder, 'alone');
      mkdirSync(alone);
      copyFileSync(process.execPath, join(alone, 'node'));
      const ais = join(application.folder, 'node_modules', '.bin', 'openais');
      const env = { PATH: `${alone}:${process.env.PATH}`, HOME: application.folder };
      const [command = '', ...args] = [...unshare, ais, 'build-native'];
      const addon = join(application.package, 'build', 'Release', 'openais.node');
      expect(runProgram(command, args, { cwd: application.folder, env })).toContain(`Built ${addon}.`);
      expect(existsSync(addon)).toBe(true);
      const port = await findPort(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
      expect(JSON.parse(application.run('ring.mjs', `${port}`)).seen).toEqual([1, 2, 3]);
    },
  );
});
