/** The rule by which components make one state. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { CheckpointClient } from '../../../src/client/ckpt/checkpoint.js';
import type { Checkpoint } from '../../../src/client/ckpt/types.js';
import { BodyReader, BodyWriter } from '../../../src/ipc/body.js';
import { CLOSE, FLAG_CREATE, OPEN, OVERWRITE, UNLINK, writeAttributes } from '../../../src/ipc/ckpt.js';
import { attributes, bytes, collect, failure } from '../../conformance/ckpt-scene.js';
import { type ModelCluster, settled } from '../model.js';
import { dumpOf, modelCluster, statusOf, TestClient } from './support.js';

let cluster: ModelCluster;
let clients: Map<number, TestClient>;

beforeEach(() => {
  cluster = modelCluster();
  cluster.start(1, 2, 3, 4, 5);
  clients = new Map([1, 2, 3, 4, 5].map((node) => [node, new TestClient(cluster, node)]));
});

function open(node: number, retentionDuration = 60_000): Promise<Checkpoint> {
  const create = attributes({ retentionDuration });
  return clients.get(node)!.ckpt.open('x', { create, read: true, write: true });
}

async function part(...groups: number[][]): Promise<void> {
  await settled();
  for (const group of groups) cluster.form(...group);
}

async function merge(): Promise<void> {
  await part([...cluster.nodes.keys()]);
  const [first, ...others] = [...cluster.nodes.keys()];
  for (const other of others) expect(dumpOf(cluster, other)).toEqual(dumpOf(cluster, first!));
  expect(new Set(cluster.digests(...cluster.nodes.keys())).size).toBe(1);
}

/** The last messages of a configuration that falls apart are delivered to some of its members alone. */
function missed(reached: number[], sender: number, checkpoint: Checkpoint, text: string): void {
  const { handle } = checkpoint as CheckpointClient;
  const body = new BodyWriter().u32(handle).bytes(bytes('a')).rest(bytes(text)).finish();
  const position = cluster.nextPosition();
  for (const node of reached) {
    const message = { sender, connection: 1, time: cluster.time, position, body: new BodyReader(body) };
    expect(cluster.node(node).service.executive[OVERWRITE]!(message)).toMatchObject({ ok: true });
  }
}

/** So is the creation of 'x': its place is another one on each side. */
function createdApart(...sides: number[][]): void {
  const { update = 'all-replicas', collocated = false, ...rest } = attributes();
  const head = new BodyWriter().u32(99).u8(FLAG_CREATE).text('x');
  const body = writeAttributes(head, { ...rest, update, collocated }).finish();
  for (const side of sides) {
    const position = cluster.nextPosition();
    for (const node of side) {
      const message = { sender: 3, connection: 9, time: cluster.time, position, body: new BodyReader(body) };
      expect(cluster.node(node).service.executive[OPEN]!(message)).toMatchObject({ ok: true });
    }
  }
}

const put = (checkpoint: Checkpoint, text: string) => checkpoint.overwrite({ section: 'a', data: bytes(text) });
const get = async (checkpoint: Checkpoint) => String(await checkpoint.read({ section: 'a' }));

/** What an answer says that waited for the merge. */
function isKept(node: number, fn: number, body: BodyWriter): boolean {
  return cluster.node(node).service.replica!.isKept!({ fn, connection: 1, body: new BodyReader(body.finish()) });
}

const change = (checkpoint: Checkpoint) => new BodyWriter().u32((checkpoint as CheckpointClient).handle);

test('What was under way is said to be kept if the state that was taken has it', async () => {
  const [one, five] = [await open(1), await open(5)];
  await one.createSection({ id: 'a' });
  await settled();
  // The last of a configuration reaches one side; the other one goes on in a configuration of its own.
  missed([1, 2, 3], 1, one, 'late');
  await part([1, 2, 3], [4, 5]);
  await put(five, 'five');
  await merge();
  expect([isKept(1, OVERWRITE, change(one)), isKept(5, OVERWRITE, change(five))]).toEqual([false, true]);
  expect([isKept(1, CLOSE, change(one)), isKept(1, UNLINK, new BodyWriter().text('x'))]).toEqual([true, false]);
});

describe('A checkpoint that several components have', () => {
  test('is as the one component has it that changed it', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await part([1, 2], [3], [4, 5]);
    await put(five, 'five');
    await part([1, 2, 3], [4, 5]);
    await merge();
    expect([await get(one), await get(five)]).toEqual(['five', 'five']);
    expect(statusOf(cluster, 3).openers).toBe(2);
  });

  test('is as the component of precedence has it, if several changed it, and others lose their handles', async () => {
    const [one, three, five] = [await open(1), await open(3), await open(5)];
    await one.createSection({ id: 'a' });
    await part([1, 2], [3], [4, 5]);
    await put(five, 'five');
    await put(one, 'one');
    await merge();
    expect([await get(one), await get(three)]).toEqual(['one', 'one']);
    await failure(five.read({ section: 'a' }), 'SA_AIS_ERR_BAD_HANDLE');
    await failure(five.close(), 'SA_AIS_ERR_BAD_HANDLE');
    expect(await get(await open(5))).toBe('one');
    // Every node says so in its log, in the same words.
    const loss = { checkpoint: 'x', taken: [1, 2], lost: [[4, 5]] };
    expect(cluster.notices).toEqual([1, 2, 3, 4, 5].map((node) => ({ node, ...loss })));
  });

  test('stays open for a node that was alone, also if the others came straight from where all were', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await part([5]);
    await put(five, 'five');
    await merge();
    expect([await get(one), await get(five)]).toEqual(['five', 'five']);
    expect(statusOf(cluster, 3).openers).toBe(2);
  });

  test('goes by what grew out of what, also over several partings', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await part([1, 2, 3, 4], [5]);
    await put(five, 'early');
    await part([1, 2, 3], [4, 5]);
    await put(five, 'late');
    await part([1, 2, 3], [4], [5]);
    await put(five, 'last');
    await part([1, 2, 3, 4], [5]);
    await merge();
    expect(await get(one)).toBe('last');
  });

  test('is as the one has it that changed it later, also if the other missed changes or had some of its own', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await settled();
    missed([5], 5, five, 'one missed it');
    await part([1, 2, 3, 4], [5]);
    await put(five, 'late');
    await merge();
    expect([await get(one), await get(five)]).toEqual(['late', 'late']);
    missed([1, 2, 3, 4], 1, one, 'five missed it');
    missed([5], 5, five, 'the others missed it');
    await part([1, 2, 3, 4], [5]);
    await put(five, 'later');
    await merge();
    expect(await get(five)).toBe('later');
    await failure(one.status(), 'SA_AIS_ERR_BAD_HANDLE');
  });

  test('is closed if nobody has it open any more, and its retention ends as it would have', async () => {
    const [one, five] = [await open(1, 1000), await open(5, 1000)];
    await one.createSection({ id: 'a' });
    await part([1, 2, 3, 4], [5]);
    await one.close();
    cluster.advance(500);
    await five.close();
    await merge();
    cluster.advance(600);
    expect(statusOf(cluster, 1).checkpoints).toBe(1);
    cluster.advance(500);
    expect(statusOf(cluster, 1).checkpoints).toBe(0);
  });

  test('that one side unlinked is unlinked, and lives for those who have it open', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a', data: bytes('kept') });
    await part([1, 2, 3], [4, 5]);
    await clients.get(5)!.ckpt.unlink('x');
    await merge();
    expect([await get(one), await get(five)]).toEqual(['kept', 'kept']);
    await one.close();
    await five.close();
    expect(statusOf(cluster, 2).checkpoints).toBe(0);
  });
});

describe('A member that is lost at the merge', () => {
  test('has nothing open afterwards, and is no active replica', async () => {
    await part([1, 2, 3], [4, 5]);
    const given = attributes({ collocated: true, update: 'active-replica', retentionDuration: 1000 });
    const options = { create: given, read: true, write: true };
    const alone = await clients.get(5)!.ckpt.open('alone', options);
    const shared = [await clients.get(4)!.ckpt.open('y', options), await clients.get(5)!.ckpt.open('y', options)];
    await alone.setActiveReplica();
    await shared[1]!.setActiveReplica();
    const other = await open(1);
    cluster.crash(5);
    await merge();
    expect(statusOf(cluster, 1)).toMatchObject({ checkpoints: 3, openers: 2 });
    await failure(shared[0]!.status(), 'SA_AIS_ERR_NOT_EXIST');
    cluster.advance(1000);
    expect(statusOf(cluster, 1).checkpoints).toBe(2);
    await other.close();
  });
});

describe('A checkpoint that one component has', () => {
  test('was made there, and stays', async () => {
    const before = await open(1);
    await part([1, 2, 3], [4, 5]);
    const other = await clients.get(5)!.ckpt.open('y', { create: attributes() });
    await other.close();
    await merge();
    const names = (await collect(clients.get(1)!.ckpt.list())).map(({ name }) => name);
    expect(names.sort()).toEqual(['x', 'y']);
    await before.status();
  });

  test('was deleted elsewhere, and goes if nothing happened to it since', async () => {
    const one = await open(1);
    await one.createSection({ id: 'a' });
    await one.close();
    await part([1, 2, 3, 4, 5]);
    await part([1, 2, 3], [4, 5]);
    await clients.get(5)!.ckpt.unlink('x');
    await merge();
    expect(statusOf(cluster, 1).checkpoints).toBe(0);
  });

  test('was deleted elsewhere, and stays if it was changed since', async () => {
    await (await open(1)).close();
    await part([1, 2, 3, 4, 5]);
    await part([1, 2, 3], [4, 5]);
    await clients.get(5)!.ckpt.unlink('x');
    const one = await open(1);
    await one.createSection({ id: 'a' });
    await one.close();
    await merge();
    expect(statusOf(cluster, 5)).toMatchObject({ checkpoints: 1, sections: 1 });
  });
});

describe('A name', () => {
  test('that two components gave to different checkpoints is that of precedence', async () => {
    await part([1, 2], [3, 4, 5]);
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await five.createSection({ id: 'b' });
    await merge();
    await failure(one.status(), 'SA_AIS_ERR_BAD_HANDLE');
    expect((await collect(five.sections())).map(({ id }) => String(id))).toEqual(['b']);
    expect(statusOf(cluster, 1)).toMatchObject({ checkpoints: 1, openers: 1 });
  });

  test('that each side got as all fell apart is that of the one that changed its checkpoint later', async () => {
    createdApart([1, 2, 3], [4, 5]);
    await part([1, 2, 3], [4, 5]);
    const [one, five] = [await open(1), await open(5)];
    await five.createSection({ id: 'b' });
    await merge();
    await failure(one.status(), 'SA_AIS_ERR_BAD_HANDLE');
    expect((await collect(five.sections())).map(({ id }) => String(id))).toEqual(['b']);
    expect(cluster.notices[0]).toMatchObject({ checkpoint: 'x', taken: [], lost: [[1, 2, 3]] });
  });

  test('that each side got as all fell apart is that of precedence if several changed theirs later', async () => {
    createdApart([1, 2, 3], [4, 5]);
    await part([1, 2, 3], [4, 5]);
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    await five.createSection({ id: 'b' });
    await merge();
    await failure(five.status(), 'SA_AIS_ERR_BAD_HANDLE');
    expect((await collect(one.sections())).map(({ id }) => String(id))).toEqual(['a']);
  });
});

describe('A watch', () => {
  test('is told how a merge changed its checkpoint', async () => {
    const [one, five] = [await open(1), await open(5)];
    for (const id of ['kept', 'written', 'deleted', 'made again']) await one.createSection({ id });
    const watch = await one.watch();
    await part([1, 2, 3], [4, 5]);
    await five.write({ section: 'written', data: bytes('x') });
    await five.deleteSection('deleted');
    await five.deleteSection('made again');
    await five.createSection({ id: 'made again' });
    await five.createSection({ id: 'new' });
    await merge();
    const told: string[] = [];
    for await (const { section, kind } of watch) if (told.push(`${section} ${kind}`) === 5) break;
    expect(told).toEqual([
      'deleted deleted',
      'written written',
      'made again deleted',
      'made again created',
      'new created',
    ]);
  });

  test('ends with an error when its side loses', async () => {
    const [one, five] = [await open(1), await open(5)];
    await one.createSection({ id: 'a' });
    const watch = (await five.watch())[Symbol.asyncIterator]();
    await part([1, 2, 3], [4, 5]);
    await put(one, 'one');
    await put(five, 'five');
    await merge();
    expect((await watch.next()).value).toMatchObject({ kind: 'written' });
    await failure(watch.next(), 'SA_AIS_ERR_BAD_HANDLE');
    expect((await watch.next()).done).toBe(true);
    expect(statusOf(cluster, 5).watches).toBe(0);
  });
});
