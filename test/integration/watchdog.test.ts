import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPort } from '../../src/cli/demo/loopback.js';
import { connect } from '../../src/client/connect.js';
import type { Ais } from '../../src/client/types.js';
import type { ExecutiveConfig } from '../../src/executive/index.js';
import { fetchStatus } from '../../src/ipc/status.js';
import { makeTimers } from '../../src/totem/timers.js';

/** A service of a third party that hangs: its executive's loop with it, while the ring thread goes on. */
const support = join(import.meta.dirname, 'support');
const NODES = [1, 2, 3];
const { hang, look } = makeTimers({ nodes: NODES.length });
/** And some time for a busy machine. */
const BOUND_MS = hang + 3 * look + 3000;
const create = {
  checkpointSize: 1000,
  retentionDuration: 60_000,
  maxSections: 10,
  maxSectionSize: 100,
  maxSectionIdSize: 10,
};

let folder: string;
let port: number;
const children: ChildProcess[] = [];
const connections: Ais[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openais-watchdog-'));
  writeFileSync(join(folder, 'key'), Buffer.alloc(128, 7), { mode: 0o400 });
  port = await findPort(NODES.map(address));
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((ais) => ais[Symbol.asyncDispose]()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const address = (node: number) => `127.0.9.${node}`;
const socket = (node: number) => join(folder, `${node}.sock`);

/** Node 1 hangs in that function once it may, for so long. */
function start(node: number, place: string, ms: number): void {
  const config: ExecutiveConfig = {
    totem: {
      nodeid: node,
      transport: 'udpu',
      keyfile: join(folder, 'key'),
      interface: [{ bindnetaddr: address(node), mcastport: port }],
    },
    nodelist: { node: NODES.map((nodeid) => ({ nodeid, ring0_addr: address(nodeid) })) },
    ipc: { socket: socket(node) },
    state: { dir: join(folder, `state-${node}`) },
  };
  const env = {
    ...process.env,
    HANGS_IN: node === 1 ? place : '',
    HANGS_IF: join(folder, 'hang'),
    HANGS_FOR: `${ms}`,
    IS_FULL: node === 3 ? 'no' : 'yes',
  };
  const program = join(support, 'executive-process.mjs');
  const args = [program, JSON.stringify(config), join(support, 'hanging-service.mjs')];
  children.push(spawn(process.execPath, args, { stdio: 'inherit', env }));
}

async function seen(node: number): Promise<string> {
  const status = await fetchStatus(socket(node)).catch(() => undefined);
  return `${status?.configuration.members} ${status?.synchronized ? 'synchronized' : 'waits'}`;
}

async function until(node: number, wanted: string): Promise<void> {
  await expect.poll(() => seen(node), { timeout: 20_000, interval: 20 }).toBe(wanted);
}

/** A call that is ordered, and how long it took, ms. */
async function timed(node: number): Promise<number> {
  const ais = await connect({ socketPath: socket(node) });
  connections.push(ais);
  const began = Date.now();
  await ais.ckpt.open(`of ${node}`, { create, read: true, write: true });
  return Date.now() - began;
}

/** Nodes 1 and 2 have state, and 3 comes: then the loop of node 1 hangs. `others`: what node 2 says meanwhile. Ends when they go on. */
async function expectBound(place: string, ms: number, others: string): Promise<void> {
  start(1, place, ms);
  start(2, place, ms);
  for (const node of [1, 2]) await until(node, '1,2 synchronized');
  writeFileSync(join(folder, 'hang'), '');
  start(3, place, ms);
  await expect.poll(() => existsSync(join(folder, 'hang')), { timeout: 20_000, interval: 20 }).toBe(false);
  await until(2, others);
  await until(3, '1,2,3 waits');
  const times = await Promise.all([timed(2), timed(3)]);
  expect(Math.max(...times)).toBeLessThan(BOUND_MS);
  // It was held up at all.
  expect(Math.max(...times)).toBeGreaterThan(hang / 2);
  for (const node of [2, 3]) expect(await seen(node)).toBe('2,3 synchronized');
}

test('When the loop of an executive hangs for ever before it has said hello, the others answer calls within the bound', async () => {
  await expectBound('greeting', Number.POSITIVE_INFINITY, '1,2,3 waits');
  await delay(hang / 2);
  expect(await seen(3)).toBe('2,3 synchronized');
}, 60_000);

test('When it hangs with the state to send, others send it, and it is taken in again when it goes on', async () => {
  await expectBound('snapshot', 2 * hang, '1,2,3 synchronized');
  for (const node of NODES) await until(node, '1,2,3 synchronized');
}, 60_000);
