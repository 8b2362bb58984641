import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../../src/cli/columns.js';
import { findPort } from '../../src/cli/demo/loopback.js';
import { program } from '../../src/cli/program.js';
import { type JsonSchema, pathOf, schemaOf } from '../../src/cli/schema.js';
import { createKeyFile } from '../../src/config/authkey.js';
import { Executive } from '../../src/executive/index.js';
import { leavesOf, type } from './support/type.js';
import { validate } from './support/validate.js';

/** Each command of `ais`, as it is in the tree, beside a real executive. */
const commands = leavesOf(program({ out() {}, err() {} }));
/** These take long: test/integration/bank.test.ts and test/package/build-native.test.ts run them. */
const elsewhere = ['ais demo', 'ais build-native'];
const short = commands.filter((command) => !elsewhere.includes(pathOf(command)));

let folder = '';
let configFile = '';
const previous = process.env.AIS_SOCKET;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openais-'));
  configFile = join(folder, 'openais.conf');
  await createKeyFile(join(folder, 'authkey'));
  const address = '127.0.0.91';
  const totem = `cluster_name: tools\n keyfile: authkey\n interface {\n bindnetaddr: ${address}\n mcastport: ${await findPort([address])}\n }`;
  // The node list names one that never comes.
  const nodes = `node {\n nodeid: 7\n name: here\n ring0_addr: ${address}\n }\n node {\n nodeid: 8\n ring0_addr: 127.0.0.92\n }`;
  const rest =
    'ipc { socket: ais.sock }\nstate { dir: state }\nlogging { to_stderr: no }\nquorum { expected_votes: 1 }';
  writeFileSync(configFile, `totem {\n ${totem}\n}\nnodelist {\n ${nodes}\n}\n${rest}\n`);
  process.env.AIS_SOCKET = join(folder, 'ais.sock');
});
afterAll(() => {
  if (previous === undefined) delete process.env.AIS_SOCKET;
  else process.env.AIS_SOCKET = previous;
  rmSync(folder, { recursive: true });
});

/** Lines that need more than the name of the command; `before` makes what they are about. */
const lines: Readonly<Record<string, { line: () => string[]; before?: () => string[][] }>> = {
  'ais keygen': { line: () => ['-k', join(folder, `key-${process.hrtime.bigint()}`)] },
  'ais config check': { line: () => [configFile] },
  'ais doctor': { line: () => ['-c', configFile] },
  'ais bench-agent': { line: () => ['-k', join(folder, 'authkey'), '-l', '127.0.0.1:0'] },
  'ais leave': { line: () => ['--force'] },
  'ais stats': { line: () => ['--over', '0.05'] },
  'ais ckpt list': { line: () => [], before: withCheckpoint },
  'ais ckpt show': { line: () => ['made'], before: withCheckpoint },
  'ais ckpt sections': { line: () => ['made'], before: withCheckpoint },
  'ais ckpt read': { line: () => ['made', 'a'], before: withCheckpoint },
  'ais ckpt write': { line: () => ['made', 'more', '-s', 'b'], before: withCheckpoint },
  'ais ckpt create': { line: () => ['made', '--sections', '3'] },
  'ais ckpt unlink': { line: () => ['made'], before: () => [['ckpt', 'create', 'made', '--sections', '3']] },
  'ais evt list': { line: () => [], before: withEvent },
  'ais evt publish': { line: () => ['news', 'hello', '-p', 'a', '-p', 'b', '--priority', '0'] },
  'ais evt subscribe': { line: () => ['news', '--filter', 'prefix:we', '--count', '1'], before: withEvent },
  'ais evt unlink': { line: () => ['news'], before: withEvent },
};

function withCheckpoint(): string[][] {
  return [
    ['ckpt', 'create', 'made', '--sections', '3'],
    ['ckpt', 'write', 'made', 'text', '-s', 'a'],
  ];
}

function withEvent(): string[][] {
  return [['evt', 'publish', 'news', 'hello', '-p', 'weather', '--retention', '60']];
}

/** Runs one that goes on until its first result. */
async function runOnce(path: string, ...more: string[]) {
  const { line = () => [], before = () => [] } = lines[path] ?? {};
  for (const first of before()) expect(await type(first)).toMatchObject({ status: 0, err: '' });
  const onOut = () => void (path === 'ais bench-agent' && setImmediate(() => process.emit('SIGTERM')));
  const typed = await type([...path.split(' ').slice(1), ...line(), ...more], { onOut });
  if (path === 'ais leave') await executive?.closed;
  return typed;
}

let executive: Executive | undefined;
afterAll(() => executive?.stop());

/** One for all; `ais leave` ends it. */
async function haveExecutive(): Promise<void> {
  if (executive !== undefined) return;
  executive = await Executive.start(configFile);
  void executive.closed.then(() => {
    executive = undefined;
  });
}

const document = readFileSync(join(import.meta.dirname, '../../docs/TOOLS.md'), 'utf8');

describe('Every command', () => {
  test.each(commands.map(pathOf))('%s is documented with what it prints', (path) => {
    const [, section = ''] = document.split(`\n## ${path}\n`);
    expect(section.split('\n## ')[0]).toContain(`\n$ ${path}`);
  });

  test.each(short.map((command) => [pathOf(command), command] as const))(
    '%s prints with --json what its schema says',
    async (path, command) => {
      const schema = schemaOf(command);
      expect(schema, `${path} has no schema: see documented()`).toBeDefined();
      await haveExecutive();
      const { status, out, err } = await runOnce(path, '--json');
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).not.toContain('\n');
      expect(validate(JSON.parse(out), schema!)).toEqual([]);
    },
    20_000,
  );

  test.each(commands.map((command) => [pathOf(command), command] as const))(
    '%s prints its schema, without arguments and without an executive',
    async (path, command) => {
      const { status, out } = await type([...path.split(' ').slice(1), '--schema']);
      expect(status).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ title: path, ...schemaOf(command) });
    },
  );

  test.each(short.map(pathOf))(
    '%s keeps to 80 columns without --json, and uses no colors that are not wanted',
    async (path) => {
      await haveExecutive();
      const { status, out, err } = await runOnce(path);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      // A path may be as long as it likes: it is for copying.
      const printed = out.replaceAll(folder, '').split('\n');
      expect(printed.filter((line) => widthOf(line) > 80)).toEqual([]);
      expect(out).not.toContain('\u001b');
    },
    20_000,
  );

  test.each(commands.map(pathOf).filter((path) => /status|members|links|stats|services|ckpt|evt|leave/.test(path)))(
    '%s says without an executive what to do, and has status 1',
    async (path) => {
      await executive?.stop();
      const { line = () => [] } = lines[path] ?? {};
      const { status, err } = await type([...path.split(' ').slice(1), ...line()]);
      expect(status).toBe(1);
      expect(err).toMatch(/^ais: .*no executive runs.*start it with aisexec/);
    },
  );
});

test.each([
  ['a field that is missing', { a: 1 }, { b: 1 }, '$.a: missing'],
  ['a field that is not documented', { a: 1 }, { a: 1, b: 1 }, '$.b: not in the schema'],
  ['another type', { a: 1 }, { a: '1' }, '$.a: string, no integer'],
] as const)('The validator sees %s', (_, of, value, problem) => {
  const properties = Object.fromEntries(Object.keys(of).map((name) => [name, { type: 'integer' } as const]));
  const schema: JsonSchema = { type: 'object', properties, required: Object.keys(of) };
  expect(validate(of, schema)).toEqual([]);
  expect(validate(value, schema)).toContain(problem);
});

test('The validator refuses a schema that it does not understand', () => {
  expect(validate(1, { maximum: 3 } as JsonSchema)).toEqual([expect.stringContaining('maximum')]);
});
