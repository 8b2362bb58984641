import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Log, renderJson, renderText, silent } from '../../src/observe/log.js';
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
    const log = new Log({ toStderr: debug, logfile, debug, format: 'text' });
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
  const log = new Log({ toStderr: false, logfile: await makeFolder(), debug: false, format: 'json' });
  log.info({}, 'one');
  await until(() => stderr.mock.calls.length > 0);
  log.info({}, 'two');
  await log.close();
  expect(stderr).toHaveBeenCalledTimes(1);
  expect(String(stderr.mock.calls[0]![0])).toContain('log file');
});

test('A log that is told so goes on elsewhere, and opens a file of the same name again', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const logfile = join(await makeFolder(), 'log');
  const settings = { toStderr: false, logfile, debug: false, format: 'text' } as const;
  const log = new Log(settings);
  log.info({}, 'one');
  await until(() => existsSync(logfile) && readFileSync(logfile, 'utf8') !== '');
  await rename(logfile, `${logfile}.1`);
  log.reconfigure(settings);
  log.info({}, 'two');
  log.reconfigure({ toStderr: true, logfile: undefined, debug: true, format: 'json' });
  log.debug({}, 'three');
  await log.close();
  await until(() => existsSync(logfile) && readFileSync(logfile, 'utf8') !== '');
  const message = (text: string) => text.trim().split(/ +/).slice(2).join(' ');
  expect(message(await readFile(`${logfile}.1`, 'utf8'))).toBe('one');
  expect(message(await readFile(logfile, 'utf8'))).toBe('two');
  expect(stderr).toHaveBeenCalledTimes(1);
  expect(JSON.parse(String(stderr.mock.calls[0]![0]))).toMatchObject({ level: 'debug', message: 'three' });
});

test('A silent log says nothing', () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  for (const level of ['debug', 'info', 'warn', 'error'] as const) silent[level]({}, 'x');
  expect(stderr).not.toHaveBeenCalled();
});
