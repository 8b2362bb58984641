import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyFile } from '../../../src/config/authkey.js';
import { OneNode } from '../support/node.js';
import { type } from '../support/type.js';

/** The command as a whole; its checks have tests of their own. */
let node: OneNode;
beforeEach(async () => {
  node = await OneNode.start();
  await createKeyFile(join(node.folder, 'authkey'));
});
afterEach(() => node.stop(), 30_000);

/** `address`: of the second, which is not started unless it is that of the node. */
function configFile(address: string, more = ''): string {
  const file = join(node.folder, 'openais.conf');
  const link = `interface {\n bindnetaddr: ${address}\n mcastport: 5941\n }`;
  writeFileSync(
    file,
    `totem {\n keyfile: authkey\n ${link}\n${more}}\nstate { dir: state }\nipc { socket: ais.sock }\n`,
  );
  return file;
}

async function examine(file: string, ...more: string[]) {
  const { status, out } = await type(['doctor', '-c', file, '--json', ...more]);
  const { findings, ...rest } = JSON.parse(out);
  const of = (check: string) => findings.find((finding: { check: string }) => finding.check === check);
  return { status, of, ...rest };
}

describe('The doctor', () => {
  test('finds nothing wrong where an executive runs as it should', async () => {
    const { status, ok, wrong, of } = await examine(configFile('127.0.0.1'));
    expect({ status, ok, wrong }).toEqual({ status: 0, ok: true, wrong: 0 });
    expect(of('executive')).toMatchObject({ level: 'ok', what: expect.stringContaining('node 1 answers') });
    for (const check of ['configuration', 'addon', 'interface', 'MTU', 'multicast', 'state directory', 'clock'])
      expect(of(check), check).toMatchObject({ level: 'ok' });
  });

  test('says where a configuration is wrong, and has status 1', async () => {
    const { status, ok, of } = await examine(configFile('127.0.0.1', 'netmtu: many\n'));
    expect({ status, ok }).toEqual({ status: 1, ok: false });
    expect(of('configuration')).toMatchObject({
      level: 'wrong',
      what: expect.stringMatching(/line 7: .*whole number/),
      mend: expect.stringContaining('ais config check'),
    });
  });

  test('says of a file that is missing how to get one', async () => {
    const { status, of } = await examine(join(node.folder, 'none.conf'), '--before-start');
    expect(status).toBe(1);
    expect(of('configuration')).toMatchObject({ level: 'wrong', mend: expect.stringContaining('write one') });
  });

  test('misses an executive that does not run, unless it is not meant to', async () => {
    const file = configFile('127.0.0.94');
    const nowhere = ['--socket', join(node.folder, 'nowhere')];
    const missed = await examine(file, ...nowhere);
    expect(missed).toMatchObject({ status: 1, wrong: 1 });
    expect(missed.of('executive')).toMatchObject({ level: 'wrong', mend: expect.stringContaining('start aisexec') });
    const before = await examine(file, ...nowhere, '--before-start');
    expect(before).toMatchObject({ status: 0, wrong: 0 });
    expect(before.of('ports')).toMatchObject({ level: 'ok' });
  });

  test('tells people in lines of at most 80 columns, with colors if they are wanted', async () => {
    const line = ['doctor', '-c', configFile('127.0.0.1', 'netmtu: 65535\n'), '--socket', join(node.folder, 'nowhere')];
    const { status, out } = await type(line);
    expect(status).toBe(1);
    expect(out).toMatch(/^wrong {4}executive: none runs at/m);
    expect(out).toMatch(/^ {9}→ start aisexec/m);
    expect(out.trimEnd()).toMatch(/\n\n1 thing is wrong.*\.$/);
    const lines = out.replaceAll(node.folder, '').split('\n');
    expect(lines.filter((text) => text.length > 80)).toEqual([]);
    expect((await type(line, { hasColors: true })).out).toContain('\u001b[31mwrong  \u001b[0m  executive');
  });
});
