import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../src/client/connect.js';
import type { Executive } from '../../src/executive/index.js';
import { Cluster, until } from '../executive/support/cluster.js';

const library = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', 'index.js')).href;

let cluster: Cluster;
let socketPath = '';
let executive: Executive;
const warnings: string[] = [];
const running = new Set<ChildProcess>();

beforeEach(async () => {
  warnings.length = 0;
  cluster = await Cluster.make();
  socketPath = join(cluster.directory, 'ais.sock');
  const quiet = () => {};
  const warn = (fields: object, what: string) => warnings.push(`${what} ${JSON.stringify(fields)}`);
  const logger = { debug: quiet, info: quiet, warn, error: quiet };
  executive = await cluster.start(1, { ipc: { socket: socketPath } }, { logger });
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await cluster.close();
});

/** A process with a connection `ais` that runs `program`; its lines as they come. */
function client(program: string): { child: ChildProcess; lines: string[]; said: (line: string) => Promise<void> } {
  const prologue = `import { connect } from ${JSON.stringify(library)};
    const ais = await connect({ socketPath: ${JSON.stringify(socketPath)} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${prologue}\n${program}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const lines: string[] = [];
  createInterface(child.stdout!).on('line', (line) => lines.push(line));
  return { child, lines, said: (line) => until(() => lines.includes(line)) };
}

test('A client that is stopped is ended after its time, and another one gets everything', async () => {
  const stopped = client(`
    const session = await ais.evs.join(['g'], { message() {} });
    session.closed.then((reason) => console.log(reason.code));
    console.log('joined');`);
  await stopped.said('joined');
  const ais = await connect({ socketPath });
  let heard = 0;
  const session = await ais.evs.join(['g'], { message: () => heard++ });
  stopped.child.kill('SIGSTOP');
  const started = performance.now();
  const data = Buffer.alloc(16 << 10);
  const count = 1000;
  for (let i = 0; i < count; i++) await session.mcast(data);
  await session.flush();
  expect(heard).toBe(count);
  expect(performance.now() - started).toBeGreaterThan(9000);
  expect(performance.now() - started).toBeLessThan(25_000);
  stopped.child.kill('SIGCONT');
  await stopped.said('SA_AIS_ERR_NO_RESOURCES');
  expect(executive.status().state).toBe('operational');
  await ais.close();
}, 60_000);

test('A client that is killed is gone with its sessions, and holds nobody up', async () => {
  const killed = client(`
    await ais.evs.join(['g'], { queueBytes: 1000 });
    console.log('joined');`);
  await killed.said('joined');
  const ais = await connect({ socketPath });
  let heard = 0;
  const session = await ais.evs.join(['g'], { message: () => heard++ });
  const sending = (async () => {
    for (let i = 0; i < 500; i++) await session.mcast(Buffer.alloc(16 << 10));
    await session.flush();
  })();
  // Its queue is full, its window too.
  await until(() => heard > 50);
  killed.child.kill('SIGKILL');
  await sending;
  expect(heard).toBe(500);
  await ais.close();
}, 60_000);

test('A client outlives its executive, and is told', async () => {
  const left = client(`
    ais.closed.then((reason) => console.log(reason.code));
    console.log('connected');`);
  await left.said('connected');
  await executive.stop();
  await left.said('SA_AIS_ERR_LIBRARY');
  await until(() => left.child.exitCode !== null);
  expect(left.child.exitCode).toBe(0);
});

test('A process that speaks another protocol is ended with a line in the log', async () => {
  const stranger = spawn(process.execPath, [
    '-e',
    `require('node:net').connect(${JSON.stringify(socketPath)}).end('GET / HTTP/1.1')`,
  ]);
  running.add(stranger);
  await until(() => warnings.some((line) => line.includes('a client was ended')));
});

// Only root can start a process of another user.
test.runIf(process.getuid!() === 0)(
  'C025: a user who is not named is refused with a line in the log, one who is named is not',
  async () => {
    const uid = 65_534;
    await chmod(cluster.directory, 0o755);
    const program = (path: string) => `
    const { connect } = await import(${JSON.stringify(library)});
    await connect({ socketPath: ${JSON.stringify(path)} }).then((ais) => ais.close()).then(() => console.log('ok'), ({ code }) => console.log(code));`;
    const attempt = async (path: string) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program(path)], { uid, gid: uid, cwd: '/' });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      await once(child, 'close');
      return out.trim();
    };
    expect(await attempt(socketPath)).toBe('SA_AIS_ERR_SECURITY');
    expect(warnings.some((line) => line.includes('SA_AIS_ERR_SECURITY'))).toBe(true);
    const open = join(cluster.directory, 'open.sock');
    await cluster.start(2, { ipc: { socket: open }, uidgid: [{ uid }] });
    expect(await attempt(open)).toBe('ok');
    // Also one who is named only when the configuration is read again.
    const named = cluster.config(1, { ipc: { socket: socketPath }, uidgid: [{ uid }] });
    expect((await cluster.executives.get(1)!.reload(named)).applied).toEqual(['uidgid']);
    expect(await attempt(socketPath)).toBe('ok');
  },
);
