import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Daemons } from './support/daemons.js';

/** The executive and the operator's tool as they are installed: processes, files, signals. */
let daemons: Daemons;
beforeEach(() => {
  daemons = new Daemons();
});
afterEach(() => daemons.close());

test.each(['SIGTERM', 'SIGINT'] as const)(
  'An executive starts, answers, and leaves on %s with status 0',
  async (signal) => {
    const daemon = daemons.start(await daemons.writeConfig('127.0.0.31'));
    await daemons.untilReady();
    const status = JSON.parse(daemons.ais('status', '--json', '--socket', daemons.socket()).stdout);
    expect(status).toMatchObject({ nodeId: 0x7f00001f, synchronized: true, primary: true });
    expect(status.configuration.members).toEqual([0x7f00001f]);
    daemon.kill(signal);
    expect(await daemon.ended).toMatchObject({ status: 0 });
    expect(existsSync(daemons.socket())).toBe(false);
    expect(daemons.ais('status', '--socket', daemons.socket())).toMatchObject({ status: 1 });
  },
);

test('An executive that is asked to leave ends with status 0, and its socket is gone', async () => {
  const daemon = daemons.start(await daemons.writeConfig('127.0.0.38'));
  await daemons.untilReady();
  const { status, stdout } = daemons.ais('leave', '--json', '--socket', daemons.socket());
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, nodeId: 0x7f000026, staying: [] });
  expect(await daemon.ended).toMatchObject({ status: 0 });
  expect(existsSync(daemons.socket())).toBe(false);
});

test('A signal during the start ends it with status 0 as well', async () => {
  const daemon = daemons.start(await daemons.writeConfig('127.0.0.32'));
  daemon.child.stderr?.once('data', () => daemon.kill('SIGTERM'));
  const { status, stderr } = await daemon.ended;
  expect(stderr).toContain('executive starts');
  expect(status, stderr).toBe(0);
});

test('A second executive with the same socket is refused, and the first goes on', async () => {
  const first = daemons.start(await daemons.writeConfig('127.0.0.33'));
  await daemons.untilReady();
  const { status, stderr } = await daemons.start(await daemons.writeConfig('127.0.0.34')).ended;
  expect(status).toBe(1);
  expect(stderr).toContain('another executive answers at');
  expect((await daemons.untilReady()).nodeId).toBe(0x7f000021);
  first.kill('SIGTERM');
  await first.ended;
});

test('After SIGKILL the socket that stayed behind is taken over', async () => {
  const file = await daemons.writeConfig('127.0.0.35');
  const first = daemons.start(file);
  await daemons.untilReady();
  first.kill('SIGKILL');
  await first.ended;
  expect(existsSync(daemons.socket())).toBe(true);
  const second = daemons.start(file);
  await daemons.untilReady();
  second.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ status: 0 });
});

test('A broken file is refused with the text of ais config check', async () => {
  const file = await daemons.writeConfig('127.0.0.36', 'logging { to_stdrr: yes }\n');
  const { status, stderr } = await daemons.start(file).ended;
  const check = daemons.ais('config', 'check', file);
  expect(status).toBe(1);
  expect(check.status).toBe(1);
  expect(stderr).toBe(check.stderr);
  expect(stderr).toContain("did you mean 'to_stderr'?");
});

test('A state directory that cannot be made is named', async () => {
  writeFileSync(join(daemons.folder, 'file'), '');
  const file = join(daemons.folder, 'openais.conf');
  writeFileSync(
    file,
    `totem {\n keyfile: authkey\n interface {\n bindnetaddr: 127.0.0.37\n }\n}\nstate { dir: file/state }\n`,
  );
  const { status, stderr } = await daemons.start(file).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/file\/state/);
});
