import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/client/connect.js';
import type { Ais } from '../../src/client/types.js';
import { fetchStatus } from '../../src/ipc/status.js';
import { Cluster, until } from './support/cluster.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.make();
});
afterEach(() => cluster.close(), 30_000);

const bytes = (text: string) => Buffer.from(text);
const socketOf = (node: number) => join(cluster.directory, `${node}.sock`);
const start = (node: number) => cluster.start(node, { ipc: { socket: socketOf(node) } });
const reach = (node: number): Promise<Ais> => connect({ socketPath: socketOf(node) });

async function listen(ais: Ais, texts: string[]) {
  return ais.evs.join(['g'], { message: ({ data, sender }) => texts.push(`${sender} ${data}`) });
}

describe('Through its socket an executive', () => {
  test('serves EVS and its status', async () => {
    const executive = await start(1);
    const ais = await reach(1);
    expect(ais).toMatchObject({ nodeId: 1, versions: { evs: 'B.01.01' } });
    expect(ais.evs.configuration.id).toBe(executive.status().configuration.id);
    const texts: string[] = [];
    const session = await listen(ais, texts);
    expect(session.send(bytes('x'))).toBe(true);
    await session.flush();
    expect(texts).toEqual(['1 x']);
    const { clients, memory, ring, io, ...constant } = executive.status();
    expect(await fetchStatus(socketOf(1))).toMatchObject(constant);
    expect(() => ais.service('third')).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_NOT_EXIST' }));
    await ais.close();
    expect(await ais.closed).toBeUndefined();
  });

  test('gives clients beyond it and in its process one order', async () => {
    const executives = await Promise.all([1, 2].map(start));
    await cluster.form(1, 2);
    const heard: string[][] = [[], [], [], []];
    const all = await Promise.all([reach(1), reach(2), ...executives.map((executive) => executive.connect())]);
    const sessions = await Promise.all(all.map((ais, i) => listen(ais, heard[i]!)));
    await Promise.all(
      sessions.map(async (session, who) => {
        for (let i = 0; i < 500; i++) await session.mcast(bytes(`${who} ${i}`));
        await session.flush();
      }),
    );
    await until(() => heard.every(({ length }) => length === 2000));
    for (const texts of heard) expect(texts).toEqual(heard[0]);
  }, 60_000);

  test('delivers all that a client sends as fast as it can, in order', async () => {
    await start(1);
    const ais = await reach(1);
    let next = 0;
    let isOrdered = true;
    const session = await ais.evs.join(['g'], {
      message: ({ data }) => {
        isOrdered &&= data.readUInt32LE(0) === next;
        next++;
      },
    });
    const data = Buffer.alloc(1000);
    for (let i = 0; i < 20_000; i++) {
      data.writeUInt32LE(i, 0);
      while (!session.send(data)) await session.drain();
    }
    await session.flush();
    expect([next, isOrdered]).toEqual([20_000, true]);
  }, 60_000);

  test('answers as many reads at once as a client may ask for, as fast as they are read', {
    timeout: 60_000,
  }, async () => {
    await start(1);
    const ais = await reach(1);
    const size = 1 << 19;
    const create = {
      checkpointSize: 2 * size,
      retentionDuration: 0,
      maxSections: 2,
      maxSectionSize: size,
      maxSectionIdSize: 8,
    };
    const checkpoint = await ais.ckpt.open('large', { create, read: true, write: true });
    await checkpoint.createSection({ id: 'a', data: Buffer.alloc(size, 7) });
    let read = 0;
    // 200 MiB of answers.
    const reads = Array.from({ length: 400 }, async () => {
      const data = await checkpoint.read({ section: 'a' });
      read += data.length;
    });
    const other = await reach(1);
    expect((await other.clm.current()).numberOfMembers).toBe(1);
    await Promise.all(reads);
    expect(read).toBe(400 * size);
    const statuses = Array.from({ length: 60_000 }, () => checkpoint.status());
    expect(await Promise.all(statuses)).toHaveLength(60_000);
  });

  test('tells its clients that it ends, and what they wait for ends with it', async () => {
    const executive = await start(1);
    const ais = await reach(1);
    const session = await ais.evs.join([]);
    const flushing = Promise.all([session.closed, ais.closed]);
    await executive.stop();
    const [ofSession, ofConnection] = await flushing;
    expect(ofSession).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    expect(ofConnection).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    expect(ofConnection!.message).toContain('the executive has ended');
    await expect(session.flush()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(reach(1)).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
  });

  test('closes what a client leaves open', async () => {
    await start(1);
    const before = await reach(1);
    const heard: string[] = [];
    await listen(before, heard);
    await before.close();
    const ais = await reach(1);
    const session = await listen(ais, heard);
    session.send(bytes('x'));
    await session.flush();
    await delay(20);
    expect(heard).toEqual(['1 x']);
  });
});
