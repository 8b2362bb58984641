import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CheckpointAttributes } from '../../src/client/ckpt/types.js';
import { connect } from '../../src/client/connect.js';
import { NotifySocket, notifySocketProblem } from '../native/support/notify-socket.js';
import { Daemons } from './support/daemons.js';

/** aisexec as service managers, operators and monitoring meet it. */
let daemons: Daemons;
beforeEach(() => {
  daemons = new Daemons();
});
afterEach(() => daemons.close());

const TIMEOUT = { timeout: 10_000, interval: 20 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(notifySocketProblem() !== undefined)('systemd', () => {
  test('hears of the start, of a reload, that all is well, and of the end, in this order', async () => {
    const socket = await NotifySocket.bind(join(daemons.folder, 'notify'));
    const file = await daemons.writeConfig('127.0.0.38');
    const daemon = daemons.start(file, { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC: '400000' });
    const beats = () => socket.words.filter((word) => word === 'WATCHDOG').length;
    const hears = (word: string) => vi.waitFor(() => expect(socket.words).toContain(word), TIMEOUT);
    await hears('READY');
    await vi.waitFor(() => expect(beats()).toBeGreaterThan(2), TIMEOUT);
    daemon.kill('SIGHUP');
    await hears('RELOADING');
    const before = beats();
    await vi.waitFor(() => expect(beats()).toBeGreaterThan(before), TIMEOUT);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ status: 0 });
    await hears('STOPPING');
    const order = socket.words.filter((word) => word !== 'WATCHDOG' && word !== 'STATUS');
    expect(order).toEqual(['READY', 'RELOADING', 'READY', 'STOPPING']);
    const [ready = ''] = socket.heard.filter((datagram) => datagram.startsWith('READY'));
    expect(ready).toBe('READY=1\nSTATUS=operational; 1 members: 2130706470; 0 clients\n');
    expect(socket.heard.find((datagram) => datagram.startsWith('RELOADING'))).toMatch(/\nMONOTONIC_USEC=\d+\n$/);
    socket.close();
  });

  test('hears nothing any more of an executive that stands still, and again when it goes on', async () => {
    const socket = await NotifySocket.bind(`@${daemons.folder}`);
    const environment = { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC: '200000' };
    const daemon = daemons.start(await daemons.writeConfig('127.0.0.39'), environment);
    await vi.waitFor(() => expect(socket.words).toContain('WATCHDOG'), TIMEOUT);
    daemon.kill('SIGSTOP');
    await delay(200);
    const beats = socket.words.length;
    await delay(500);
    expect(socket.words).toHaveLength(beats);
    daemon.kill('SIGCONT');
    await vi.waitFor(() => expect(socket.words.length).toBeGreaterThan(beats), TIMEOUT);
    socket.close();
  });
});

describe('SIGHUP', () => {
  const entries = (stderr: string, message: string) =>
    stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((entry) => entry.message === message);

  test('applies what may change, names what needs a restart, and a broken file changes nothing', async () => {
    const logging = 'logging {\n format: json\n';
    const file = await daemons.writeConfig('127.0.0.43', `${logging} logfile: log\n}`);
    const daemon = daemons.start(file);
    await daemons.untilReady();
    const again = (message: string, count: number) =>
      vi.waitFor(() => expect(entries(daemon.stderr, message)).toHaveLength(count), TIMEOUT);

    await daemons.writeConfig('127.0.0.43', `${logging} logfile: log\n debug: yes\n}`, 'ais', 'token: 500');
    renameSync(join(daemons.folder, 'log'), join(daemons.folder, 'log.1'));
    daemon.kill('SIGHUP');
    await again('configuration read again', 1);
    expect(entries(daemon.stderr, 'configuration read again')).toMatchObject([
      { level: 'info', applied: ['logging.debug'], restart: ['totem.token'] },
    ]);
    await vi.waitFor(() => expect(readFileSync(join(daemons.folder, 'log'), 'utf8')).toContain('read again'), TIMEOUT);

    writeFileSync(file, `${readFileSync(file, 'utf8')}loging {\n}\n`);
    daemon.kill('SIGHUP');
    await again('configuration refused; everything stays as it is', 1);
    const [refused] = entries(daemon.stderr, 'configuration refused; everything stays as it is');
    expect(refused.problems).toEqual([expect.stringMatching(/ais\.conf:\d+:1: unknown section 'loging'/)]);

    // What was said before is no difference any more; what waits for a restart still does.
    await daemons.writeConfig('127.0.0.43', `${logging} debug: yes\n}`, 'ais', 'token: 500');
    daemon.kill('SIGHUP');
    await again('configuration read again', 2);
    expect(entries(daemon.stderr, 'configuration read again')[1]).toMatchObject({
      applied: ['logging.logfile'],
      restart: ['totem.token'],
    });
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ status: 0 });
  });

  test('that comes during the start waits for its end', async () => {
    const daemon = daemons.start(await daemons.writeConfig('127.0.0.49', 'logging {\n format: json\n}'));
    daemon.child.stderr?.once('data', () => daemon.kill('SIGHUP'));
    await vi.waitFor(() => expect(daemon.stderr).toContain('read again'), TIMEOUT);
    const before = daemon.stderr.slice(0, daemon.stderr.indexOf('read again'));
    expect(before).toContain('"synchronized"');
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ status: 0 });
  });
});

describe('Monitoring', () => {
  test('reads metrics and health, and is told that a node outside of the primary component is not ready', async () => {
    const port = await freePort();
    const more = `metrics { listen: 127.0.0.1:${port} }\nquorum { expected_votes: 3 }\nnodelist {\n`;
    const node = 'node {\n nodeid: 5\n ring0_addr: 127.0.0.44\n }\n}';
    daemons.start(await daemons.writeConfig('127.0.0.44', more + node));
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await vi.waitFor(async () => expect((await get('/livez')).status).toBe(200), TIMEOUT);
    await daemons.untilReady();
    expect(await (await get('/livez')).text()).toBe('ok\n');
    const ready = await get('/readyz?verbose');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe(
      [
        '[+] ring thread: ok',
        '[+] running: ok',
        '[+] membership: ok',
        '[+] synchronized: ok',
        '[-] primary: outside of the primary component',
        'not ok\n',
      ].join('\n'),
    );
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('\nopenais_members 1\n');
    expect(metrics).toContain('\nopenais_ready 0\n');
    expect(metrics).toMatch(/\nopenais_io_passes_total [1-9]/);
  });
});

describe('SIGTERM', () => {
  const create: CheckpointAttributes = {
    checkpointSize: 10_000_000,
    retentionDuration: 60_000,
    maxSections: 100_000,
    maxSectionSize: 100,
    maxSectionIdSize: 10,
  };
  const WRITERS = 64;
  const MESSAGE_BYTES = 1000;
  /** Who never waits for an answer keeps the send queues full. */
  const SHOUTERS = 8;
  const NOISE_BYTES = 5000;

  test('under load loses nothing that was acknowledged, and ends with status 0 in under 2 s', async () => {
    const names = ['one', 'two', 'three'];
    const processes = [];
    for (const [index, name] of names.entries()) {
      processes.push(daemons.start(await daemons.writeConfig(`127.0.0.${45 + index}`, '', name)));
    }
    await Promise.all(names.map((name) => daemons.untilReady(names.length, name)));
    const ais = await connect({ socketPath: daemons.socket('one') });
    const checkpoint = await ais.ckpt.open('load', { create, read: true, write: true });
    const channel = await ais.evt.open('load', { create: true, publisher: true });

    const other = await connect({ socketPath: daemons.socket('two') });
    const received: number[] = [];
    await other.evs.join(['load'], { message: ({ data }) => void received.push(data.readUInt32LE()) });
    const session = await ais.evs.join(['load']);

    const sections: string[] = [];
    const events: string[] = [];
    let flushed = 0;
    const flood = async () => {
      for (let sent = 1; ; sent++) {
        const message = Buffer.alloc(MESSAGE_BYTES);
        message.writeUInt32LE(sent);
        await session.mcast(message);
        if (sent % 100 > 0) continue;
        await session.flush();
        flushed = sent;
      }
    };
    let next = 0;
    const write = async () => {
      for (;;) {
        const id = String(next++);
        await checkpoint.createSection({ id, data: Buffer.from(id) });
        sections.push(id);
        await channel.publish(Buffer.from(id), { retentionTime: 60_000 });
        events.push(id);
      }
    };
    // Nobody reads it: its window is soon full, and holds this node back.
    const noise = await ais.evs.join(['noise']);
    const shout = async () => {
      for (;;) await noise.mcast(Buffer.alloc(NOISE_BYTES));
    };
    const shouters = Array.from({ length: SHOUTERS }, shout);
    const writers = Promise.allSettled([flood(), ...shouters, ...Array.from({ length: WRITERS }, write)]);
    await delay(1000);
    const before = sections.length;
    const start = performance.now();
    processes[0]!.kill('SIGTERM');
    const { status, stderr } = await processes[0]!.ended;
    const milliseconds = performance.now() - start;
    expect(status, stderr).toBe(0);
    expect(milliseconds).toBeLessThan(2000);
    // Whoever was not answered is told why.
    for (const { status, reason } of (await writers) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason.code).toMatch(/^SA_AIS_ERR_(LIBRARY|BAD_HANDLE)$/);
    }
    expect(before).toBeGreaterThan(WRITERS);
    expect(flushed).toBeGreaterThan(0);

    await daemons.untilReady(names.length - 1, 'two');
    expect(received.slice(0, flushed)).toEqual(Array.from({ length: flushed }, (_, index) => index + 1));
    const copy = await other.ckpt.open('load', { read: true });
    const kept = new Set<string>();
    for await (const { id } of copy.sections()) kept.add(id.toString());
    expect(sections.filter((id) => !kept.has(id))).toEqual([]);
    const told = new Set<string>();
    const subscriber = await other.evt.open('load', { subscriber: true });
    await subscriber.subscribe(['pass-all'], ({ data }) => void told.add(data.toString()));
    await vi.waitFor(() => expect(events.filter((id) => !told.has(id))).toEqual([]), TIMEOUT);
    await other.close();
    await ais.close().catch(() => {});
  });
});

test('The flight recorder is written out after a ring change, as lines of JSON', async () => {
  const file = await daemons.writeConfig('127.0.0.48');
  const daemon = daemons.start(file);
  await daemons.untilReady();
  const folder = join(daemons.folder, 'state-ais');
  const flights = async () => (await readdir(folder)).filter((name) => /^flight-2130706480-.*\.jsonl$/.test(name));
  await vi.waitFor(async () => expect(await flights()).toHaveLength(1), TIMEOUT);
  const [name = ''] = await flights();
  const records = readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records[0]).toMatchObject({ kind: 'input', input: 'boot' });
  expect(records.find(({ kind }) => kind === 'configuration')).toMatchObject({ members: [2130706480] });
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toMatchObject({ status: 0 });
});
