import { beforeEach, describe, expect, test } from 'vitest';
import type { EventChannel } from '../../../src/client/evt/types.js';
import { BodyReader } from '../../../src/ipc/body.js';
import { EvtService } from '../../../src/services/evt/service.js';
import { settled } from '../model.js';
import { connect, EvtCluster } from './support.js';

const ALL = { create: true, publisher: true, subscriber: true };
const LONG = { retentionTime: 60_000 };

let cluster: EvtCluster;
beforeEach(() => {
  cluster = new EvtCluster();
  cluster.start(1, 2, 3);
});

function open(node: number, name = 'c'): Promise<EventChannel> {
  return connect(cluster, node).evt.open(name, ALL);
}

/** What is retained, in the order in which a subscriber gets it. */
async function retained(node: number): Promise<string[]> {
  const channel = await open(node);
  const texts: string[] = [];
  await channel.subscribe([], ({ data }) => texts.push(data.toString()));
  await settled();
  await channel.close();
  return texts;
}

async function statusOf(node: number) {
  await settled();
  return cluster.services.get(node)!.status();
}

describe('Components that come together', () => {
  test('have the events of all, by time, and those of one time as the component with precedence has them', async () => {
    const left = await open(1);
    const right = await open(3);
    await left.publish(Buffer.from('before'), LONG);
    cluster.form(1, 2);
    cluster.form(3);
    for (const time of ['early', 'late']) {
      await right.publish(Buffer.from(`right ${time}`), LONG);
      await left.publish(Buffer.from(`left ${time}`), LONG);
      cluster.advance(10);
    }
    cluster.form(1, 2, 3);
    const order = ['before', 'left early', 'right early', 'left late', 'right late'];
    for (const node of [1, 2, 3]) expect(await retained(node)).toEqual(order);
  });

  test('keep apart the instances that they unlinked', async () => {
    const [left, right] = [await open(1), await open(3)];
    cluster.form(1, 2);
    cluster.form(3);
    await connect(cluster, 1).evt.unlink('c');
    await connect(cluster, 3).evt.unlink('c');
    cluster.form(1, 2, 3);
    expect(await statusOf(2)).toMatchObject({ channels: 2, openers: 2 });
    await left.close();
    await right.close();
    expect(await statusOf(2)).toMatchObject({ channels: 0 });
  });

  test('are one again where one side unlinked, opened anew, and the other did not', async () => {
    const [left, right] = [await open(1), await open(3)];
    cluster.form(1, 2);
    cluster.form(3);
    await connect(cluster, 1).evt.unlink('c');
    const anew = await open(2);
    const heard: string[] = [];
    for (const [name, channel] of Object.entries({ left, right, anew })) {
      await channel.subscribe([], ({ data }) => heard.push(`${name} ${data}`));
    }
    cluster.form(1, 2, 3);
    await anew.publish(Buffer.from('x'));
    await left.publish(Buffer.from('y'));
    await settled();
    expect(heard.sort()).toEqual(['anew x', 'left y', 'right x']);
  });

  test('an event that both have had delivered is one event', async () => {
    const channel = await open(1);
    const id = await channel.publish(Buffer.from('kept'), LONG);
    cluster.form(1, 2);
    cluster.form(3);
    await channel.publish(Buffer.from('other'), LONG);
    cluster.form(1, 2, 3);
    await channel.clearRetentionTime(id);
    expect(await retained(3)).toEqual(['other']);
  });

  test('leave out what nodes held that crashed meanwhile, and keep what came along with another component', async () => {
    await open(2);
    const heard: string[] = [];
    const channel = await open(3);
    await channel.subscribe([], ({ data }) => heard.push(data.toString()));
    cluster.crash(2);
    // For node 1 the others are gone only now, and one of them has come back in the same configuration.
    cluster.form(3);
    await channel.publish(Buffer.from('x'), LONG);
    cluster.form(1, 3);
    expect(await statusOf(1)).toMatchObject({ openers: 1 });
    expect(new Set(cluster.digests(1, 3)).size).toBe(1);
    await channel.publish(Buffer.from('y'));
    await settled();
    expect(heard).toEqual(['x', 'y']);
  });

  test('a node whose state does not count any more tells its clients that their channels are closed', async () => {
    const channel = await open(3);
    const stream = await channel.subscribe([]);
    const { replica } = cluster.services.get(3)!;
    replica.commit([{ members: [1, 2], shadow: replica.shadow(), history: [] }]);
    await settled();
    await expect(channel.publish(Buffer.from('x'))).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(await stream[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });
});

test('What a merge brings is for those who subscribe later', async () => {
  await open(1);
  cluster.form(1, 2);
  cluster.form(3);
  const heard: string[] = [];
  const left = await open(1);
  await left.subscribe([], ({ data }) => heard.push(data.toString()));
  await (await open(3)).publish(Buffer.from('far'), LONG);
  cluster.form(1, 2, 3);
  await settled();
  expect(heard).toEqual([]);
  await left.subscribe([], ({ data }) => heard.push(`later ${data}`));
  await settled();
  expect(heard).toEqual(['later far']);
});

test('Who takes over a state has the openers that the others have, also of nodes that had the same state without them', () => {
  const [donor, joiner] = [new EvtService(), new EvtService()];
  donor.state.open(donor.state.create('c'), { node: 3, connection: 1, handle: 1 }, 7);
  const shadow = joiner.replica.shadow();
  const chunks = donor.replica.snapshot();
  for (let next = chunks.next(); !next.done; next = chunks.next()) shadow.load(new BodyReader(Buffer.from(next.value)));
  joiner.replica.commit([{ members: [1], shadow, history: [] }]);
  expect(joiner.replica.digest()).toEqual(donor.replica.digest());
});
