import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckpointAttributes } from '../../src/client/ckpt/types.js';
import { connect } from '../../src/client/connect.js';
import type { Ais, ServiceName } from '../../src/client/types.js';
import { partitionProblem } from './support/partition.js';
import { RealCluster } from './support/real-cluster.js';

/** The statements on the life of a connection, and on components without quorum. */
const problem = partitionProblem();
const SERVICES: readonly ServiceName[] = ['clm', 'ckpt', 'evt'];
const create: CheckpointAttributes = {
  checkpointSize: 1000,
  retentionDuration: 60_000,
  maxSections: 10,
  maxSectionSize: 100,
  maxSectionIdSize: 10,
};

async function list(ais: Ais) {
  const entries = [];
  for await (const entry of ais.ckpt.list()) entries.push(entry);
  return entries;
}

describe.each(['socket', 'process'] as const)('A connection, %s', (way) => {
  let cluster: RealCluster;
  beforeEach(async () => {
    cluster = await RealCluster.start(way, 1);
  });
  afterEach(() => cluster.close());

  test('C001: it is made with the version of the library', async () => {
    const ais = await cluster.connect(1, { versions: Object.fromEntries(SERVICES.map((name) => [name, 'B.01.01'])) });
    expect(ais.versions).toMatchObject({ clm: 'B.01.01', ckpt: 'B.01.01', evt: 'B.01.01' });
  });

  test('C003: an older minor version is the same', async () => {
    for (const name of SERVICES) await cluster.connect(1, { versions: { [name]: 'B.01.00' } });
  });

  test.each([
    ['C004', 'A.01.01'],
    ['C005', 'B.02.01'],
    ['C007', 'B.00.00'],
  ])('%s: version %s is refused, and told which is supported', async (_, version) => {
    for (const name of SERVICES) {
      const refused = cluster.connect(1, { versions: { [name]: version } });
      await expect(refused).rejects.toMatchObject({ code: 'SA_AIS_ERR_VERSION', supported: 'B.01.01' });
    }
  });

  test('C011: there may be several; closing one leaves the others as they are', async () => {
    const [one, two] = [await cluster.connect(1), await cluster.connect(1)];
    const checkpoint = await two.ckpt.open('x', { create, read: true, write: true });
    await one.close();
    await checkpoint.createSection({ id: 'a', data: Buffer.from('a') });
    expect((await checkpoint.read({ section: 'a' })).toString()).toBe('a');
  });

  test('C024: what is closed is closed for good', async () => {
    const ais = await cluster.connect(1);
    const checkpoint = await ais.ckpt.open('x', { create, read: true, write: true });
    await ais.close();
    await expect(ais.close()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(checkpoint.read({ section: 'a' })).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(ais.clm.current()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(ais.evt.open('x', { subscriber: true })).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(await ais.closed).toBeUndefined();
  });
});

test('C028: without an executive it is refused at once', async () => {
  const refused = connect({ socketPath: '/nonexistent/ais.sock' });
  await expect(refused).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN', cause: { code: 'ENOENT' } });
});

test('C027: what a client held is given up everywhere when it is killed', async () => {
  const cluster = await RealCluster.start('socket', 2);
  try {
    const client = spawn(
      process.execPath,
      [join(import.meta.dirname, 'support/client-process.mjs'), cluster.socket(1)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(client.stdout, 'data');
    const other = await cluster.connect(2);
    expect(await list(other)).toMatchObject([{ name: 'held', openers: 1 }]);
    client.kill('SIGKILL');
    await expect.poll(async () => (await list(other))[0]?.openers, { timeout: 5000 }).toBe(0);
  } finally {
    await cluster.close();
  }
});

describe.skipIf(problem !== undefined)('Without quorum', () => {
  test('C026: nothing changes, and nothing was done after the merge', async () => {
    const cluster = await RealCluster.start('socket', 3, { quorum: { expected_votes: 3 } });
    try {
      const [one, three] = [await cluster.connect(1), await cluster.connect(3)];
      const checkpoint = await one.ckpt.open('x', { create, read: true, write: true });
      const minority = await three.ckpt.open('x', { read: true, write: true });
      await cluster.partition([1, 2], [3]);
      const refused = minority.createSection({ id: 'refused' }, { tryAgain: 'throw' });
      await expect(refused).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN', outcome: 'none' });
      // It waits until its node is back; then its handle is one that the others have given up.
      const waits = minority.createSection({ id: 'waits' });
      const isLost = expect(waits).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
      await checkpoint.createSection({ id: 'majority' });
      await delay(200);
      await cluster.merge();
      await isLost;
      for (const each of [checkpoint, await three.ckpt.open('x', { read: true })]) {
        const ids: string[] = [];
        for await (const { id } of each.sections()) ids.push(id.toString());
        expect(ids).toEqual(['majority']);
      }
    } finally {
      await cluster.close();
    }
  });
});
