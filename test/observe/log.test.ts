import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { createLogger, renderJson, renderText, silent } from '../../src/observe/log.js';
import { until } from '../executive/support/cluster.js';

const time = new Date('2026-11-23T05:00:00.123Z');
const folders: string[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'openais-log-'));
  folders.push(folder);
  return folder;
}

test('An entry is one line of text, or of JSON; 64-bit integers and errors are told as text', () => {
  const fields = { node: 7, incarnation: 2n ** 63n, error: new Error('broken\npipe'), members: [1, 2] };
  expect(renderText(time, 'info', fields, 'starts')).toBe(
    '2026-11-23T05:00:00.123Z info  starts node=7 incarnation="9223372036854775808" error="broken\\npipe" members=[1,2]\n',
  );
  expect(JSON.parse(renderJson(time, 'warn', fields, 'starts'))).toEqual({
    time: time.toISOString(),
    level: 'warn',
    node: 7,
    incarnation: '9223372036854775808',
    error: 'broken\npipe',
    members: [1, 2],
    message: 'starts',
  });
});

test('A log goes to its file and to standard error; debugging only if that is asked for', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const logfile = join(await makeFolder(), 'log');
  for (const debug of [false, true]) {
    const log = createLogger({ toStderr: debug, logfile, debug, format: 'text' });
    log.debug({}, `debug ${debug}`);
    log.info({}, `info ${debug}`);
    log.warn({}, `warn ${debug}`);
    log.error({}, `error ${debug}`);
    await log.close();
  }
  const lines = (await readFile(logfile, 'utf8')).trim().split('\n');
  expect(lines.map((line) => line.split(/ +/).slice(2).join(' '))).toEqual([
    'info false',
    'warn false',
    'error false',
    'debug true',
    'info true',
    'warn true',
    'error true',
  ]);
  expect(stderr).toHaveBeenCalledTimes(4);
});

test('A file that cannot be written is told once, and the log goes on', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const log = createLogger({ toStderr: false, logfile: await makeFolder(), debug: false, format: 'json' });
  log.info({}, 'one');
  await until(() => stderr.mock.calls.length > 0);
  log.info({}, 'two');
  await log.close();
  expect(stderr).toHaveBeenCalledTimes(1);
  expect(String(stderr.mock.calls[0]![0])).toContain('log file');
});

test('A silent log says nothing', () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  for (const level of ['debug', 'info', 'warn', 'error'] as const) silent[level]({}, 'x');
  expect(stderr).not.toHaveBeenCalled();
});
