import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildNativeCommand } from '../../src/cli/build-native.js';
import { findPort } from '../../src/cli/demo/loopback.js';
import { schemaOf } from '../../src/cli/schema.js';
import { Executive } from '../../src/executive/index.js';
import { validate } from '../cli/support/validate.js';
import { Application } from './support/application.js';
import { runProgram } from './support/npm.js';

const need = inject('need');
const cutOff = ['unshare', '--net', '--map-root-user'];
const noNamespace =
  spawnSync(cutOff[0]!, [...cutOff.slice(1), 'true']).status === 0 ? '' : ' (needs network namespaces)';
const noCompiler = spawnSync('g++', ['--version']).status === 0 ? '' : ' (needs a compiler: apt-get install g++)';

/** A machine for which the package has no binary. */
describe.skipIf(need !== '')(`Without an addon${need}`, () => {
  let application: Application;
  beforeAll(() => {
    application = new Application();
    application.npm('install', '--ignore-scripts', inject('tarball'));
    rmSync(join(application.package, 'prebuilds'), { recursive: true });
    application.run('ais', 'keygen', '-k', 'key');
  });
  afterAll(() => application.remove());

  test('an executive says for what there is none, what was tried and what to do', () => {
    const said = application.run('start.mjs');
    expect(said).toContain(`AIS_ERR_NATIVE_UNAVAILABLE: native.load: no addon for ${process.platform} ${process.arch}`);
    expect(said).toContain(`prebuilds/linux-${process.arch}/openais.glibc.node: missing`);
    expect(said).toContain('build it: npx openais build-native');
  });

  test('a client works', async () => {
    const socket = join(application.folder, 'client.sock');
    const executive = await Executive.start({
      totem: {
        cluster_name: 'client',
        keyfile: join(application.folder, 'key'),
        interface: [{ bindnetaddr: '127.0.0.1', mcastport: await findPort(['127.0.0.1']) }],
      },
      state: { dir: join(application.folder, 'state') },
      ipc: { socket },
    });
    expect(JSON.parse(await application.start('client.mjs', socket))).toEqual({
      node: executive.nodeId,
      heard: 'hello',
    });
    await executive.stop();
  });

  test('build-native says which compilers it looked for', () => {
    expect(() => application.run('ais', 'build-native')).toThrow(/none answers \(tried g\+\+, c\+\+, clang\+\+\)/);
  });

  test.skipIf(noNamespace + noCompiler !== '')(
    `build-native makes one with the network off${noNamespace}${noCompiler}`,
    async () => {
      // A Node that has no headers beside it: those of the package have to do.
      const alone = join(application.folder, 'alone');
      mkdirSync(alone);
      copyFileSync(process.execPath, join(alone, 'node'));
      const openais = join(application.folder, 'node_modules', '.bin', 'openais');
      const env = { PATH: `${alone}:${process.env.PATH}`, HOME: application.folder };
      const [command = '', ...args] = [...cutOff, openais, 'build-native', '--json'];
      const addon = join(application.package, 'build', 'Release', 'openais.node');
      // Progress is on standard error, and comes behind it here.
      const [line = ''] = runProgram(command, args, { cwd: application.folder, env }).split('\n');
      const said = JSON.parse(line);
      expect(said).toEqual({ addon });
      expect(validate(said, schemaOf(buildNativeCommand({ out() {}, err() {} }))!)).toEqual([]);
      expect(existsSync(addon)).toBe(true);
      const port = await findPort(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
      expect(JSON.parse(application.run('ring.mjs', `${port}`)).seen).toEqual([1, 2, 3]);
    },
  );
});
