import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/index.js';
import { type ChannelName, channelNames } from '../../src/observe/channels.js';
import { Cluster, until } from './support/cluster.js';

let cluster: Cluster;
const heard: [ChannelName, Record<string, unknown>][] = [];
const listeners = channelNames.map((name) => ({
  name,
  listener: (message: unknown) => void heard.push([name, message as Record<string, unknown>]),
}));
beforeEach(async () => {
  heard.length = 0;
  for (const { name, listener } of listeners) subscribe(name, listener);
  cluster = await Cluster.make();
});
afterEach(async () => {
  await cluster.close();
  for (const { name, listener } of listeners) unsubscribe(name, listener);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function livez(listen: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`http://${listen}/livez`, { headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

test('What may change does, what may not is named until it is as it was', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const executive = await cluster.start(1, { metrics: { listen } });
  const event = { delivery_queue_size: 20, delivery_queue_resume: 10 };
  const changed = { ...cluster.config(1, { event, metrics: { listen }, quorum: { expected_votes: 1 } }) };
  expect(await executive.reload(changed)).toEqual({
    applied: ['event.delivery_queue_size', 'event.delivery_queue_resume'],
    restart: ['quorum.expected_votes'],
  });
  expect(await executive.reload(changed)).toEqual({ applied: [], restart: ['quorum.expected_votes'] });
  expect(await executive.reload(cluster.config(1, { event, metrics: { listen } }))).toEqual({
    applied: [],
    restart: [],
  });
});

test('Where metrics are served needs a restart, and so does who may ask there', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const executive = await cluster.start(1, { metrics: { listen, hosts: ['a'] } });
  const moved = cluster.config(1, { metrics: { listen: '127.0.0.1:9', hosts: ['b'] } });
  expect(await executive.reload(moved)).toEqual({ applied: [], restart: ['metrics.listen', 'metrics.hosts'] });
  expect([await livez(listen, 'a'), await livez(listen, 'b')]).toEqual([200, 421]);
  await executive.reload(cluster.config(1, { metrics: { listen, hosts: ['b'] } }));
  expect([await livez(listen, 'a'), await livez(listen, 'b')]).toEqual([421, 200]);
});

test('Where somebody else listens there is no start', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  await cluster.start(1, { metrics: { listen } });
  await expect(cluster.start(2, { metrics: { listen } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('An executive that has ended reads nothing any more', async () => {
  const executive = await cluster.start(1);
  await executive.stop();
  await expect(executive.reload(cluster.config(1))).rejects.toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
});

test('New limits of the event service are those of channels opened from then on', async () => {
  const executive = await cluster.start(1);
  await executive.reload(cluster.config(1, { event: { delivery_queue_size: 20, delivery_queue_resume: 10 } }));
  const ais = await executive.connect();
  const channel = await ais.evt.open('c', { create: true, publisher: true, subscriber: true });
  const stream = await channel.subscribe([]);
  for (let i = 0; i < 50; i++) await channel.publish(Buffer.from(String(i)));
  await until(() => channel.lostCount > 0);
  expect(channel.lostCount).toBeGreaterThanOrEqual(50 - 20);
  await stream.unsubscribe();
});

test('A configuration that is wrong changes nothing', async () => {
  const executive = await cluster.start(1);
  const wrong = { ...cluster.config(1), event: { delivery_queue_size: 1 } };
  await expect(executive.reload(wrong)).rejects.toBeInstanceOf(ConfigError);
  await expect(executive.reload(join(cluster.directory, 'none'))).rejects.toThrow('there is no such file');
  expect(await executive.reload(cluster.config(1))).toEqual({ applied: [], restart: [] });
});

test('Who traces hears of it on the channels, with the node', async () => {
  const executive = await cluster.start(1);
  await executive.reload(cluster.config(1));
  await executive.stop();
  for (const [name, message] of heard) expect(message.node, name).toBe(1);
  const last = new Map(heard);
  expect([...last.keys()].sort()).toEqual([...channelNames].sort());
  expect(last.get('openais:configuration')).toMatchObject({ kind: 'regular', members: [1], joined: [1], left: [] });
  expect(last.get('openais:synchronized')).toMatchObject({ primary: true });
  expect(last.get('openais:reload')).toEqual({ node: 1, applied: [], restart: [] });
  expect(last.get('openais:flight')).toMatchObject({ file: expect.stringContaining('flight-1-') });
  expect(last.get('openais:end')).toEqual({ node: 1 });
});
