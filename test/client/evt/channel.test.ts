import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelEvent, EventChannel } from '../../../src/client/evt/types.js';
import { MAX_SUBSCRIPTIONS } from '../../../src/services/evt/limits.js';
import { connect, EvtCluster, type EvtConnection } from '../../services/evt/support.js';
import { settled } from '../../services/model.js';

const ALL = { create: true, publisher: true, subscriber: true };
const bytes = (text: string) => Buffer.from(text);

let cluster: EvtCluster;
let connection: EvtConnection;
let channel: EventChannel;
beforeEach(async () => {
  cluster = new EvtCluster();
  cluster.start(1, 2);
  connection = connect(cluster, 1);
  channel = await connection.evt.open('c', ALL);
});
afterEach(() => connection.end());

const openers = () => cluster.services.get(2)!.status() as { openers: number; subscriptions: number };

describe('Calls that end early', () => {
  test('an open that completes after it was aborted is closed again, on every node', async () => {
    const abort = new AbortController();
    const opening = connection.evt.open('late', { ...ALL, signal: abort.signal });
    await Promise.resolve();
    await Promise.resolve();
    abort.abort(new Error('changed my mind'));
    await expect(opening).rejects.toThrow('changed my mind');
    await settled();
    expect(openers().openers).toBe(1);
  });

  test('at whatever moment it is aborted, nothing is left', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const abort = new AbortController();
      const opening = connection.evt.open('late', { ...ALL, signal: abort.signal }).then(
        (opened) => opened.close(),
        () => {},
      );
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      abort.abort();
      await opening;
      await settled();
      expect(openers().openers).toBe(1);
    }
  });

  test('a subscription that is aborted at whatever moment takes no events from others', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const abort = new AbortController();
      const subscribing = channel.subscribe([], { signal: abort.signal }).then(
        (stream) => stream.unsubscribe(),
        () => {},
      );
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      abort.abort();
      await subscribing;
      await settled();
      expect(cluster.services.get(1)!.status()).toMatchObject({ subscriptions: 0 });
    }
  });

  test('subscriptions that were refused for want of room leave nothing behind', async () => {
    cluster.node(1).isFull = true;
    for (let i = 0; i < MAX_SUBSCRIPTIONS; i++)
      await expect(channel.subscribe([])).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
    cluster.node(1).isFull = false;
    await (await channel.subscribe([])).unsubscribe();
  });

  test('what is pending when its channel is closed is rejected', async () => {
    const publishing = channel.publish(bytes('x'));
    const stream = await channel.subscribe([]);
    await publishing;
    const pending = channel.publish(bytes('y'));
    const next = stream[Symbol.asyncIterator]().next();
    const closing = channel.close();
    await expect(pending).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await closing;
    expect(await next).toMatchObject({ done: true });
  });

  test('after the connection has ended all is over', async () => {
    const stream = await channel.subscribe([]);
    connection.end();
    await expect(channel.publish(bytes('x'))).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(channel.close()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await channel[Symbol.asyncDispose]();
    await stream[Symbol.asyncDispose]();
    expect(await stream[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    await expect(connection.evt.open('c', ALL)).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(connection.evt.unlink('c')).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(() => connection.evt.list()).toThrow('closed');
    await settled();
    expect(openers()).toMatchObject({ openers: 0, subscriptions: 0 });
  });
});

describe('Subscriptions', () => {
  test('no handler runs before the promise of subscribe() has settled, and retained events come first', async () => {
    await channel.publish(bytes('kept'), { retentionTime: 1000 });
    const order: string[] = [];
    const subscribed = channel.subscribe([], ({ data }) => order.push(data.toString()));
    const published = channel.publish(bytes('new'));
    await subscribed;
    order.push('subscribed');
    await published;
    await settled();
    expect(order).toEqual(['subscribed', 'kept', 'new']);
  });

  test('after unsubscribe() nothing comes, not even what was under way', async () => {
    const heard: string[] = [];
    await channel.publish(bytes('kept'), { retentionTime: 1000 });
    const subscription = await channel.subscribe([], ({ data }) => heard.push(data.toString()));
    const published = channel.publish(bytes('x'));
    const done = subscription.unsubscribe();
    await published;
    await done;
    await settled();
    expect(heard).toEqual([]);
  });

  test('a handler that throws is an uncaught exception, and delivery goes on', async () => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught: string[] = [];
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    try {
      const heard: string[] = [];
      await channel.subscribe([], ({ data }) => {
        heard.push(data.toString());
        throw new Error(`on ${data}`);
      });
      await turn();
      await channel.publish(bytes('1'));
      await channel.publish(bytes('2'));
      await settled();
      expect(heard).toEqual(['1', '2']);
      expect(uncaught).toEqual(['on 1', 'on 2']);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  test('what an iterated subscription is not asked for does not hold up one with a handler', async () => {
    const stream = await channel.subscribe([{ exact: 'slow' }]);
    const heard: string[] = [];
    await channel.subscribe([], ({ data }) => heard.push(data.toString()));
    await turn();
    for (let i = 0; i < 1001; i++) void channel.publish(bytes('x'), { patterns: ['slow'] });
    await channel.publish(bytes('y'));
    await settled();
    expect(heard).toEqual(['y']);
    expect(channel.lostCount).toBe(1);
    expect((await stream[Symbol.asyncIterator]().next()).value).toMatchObject({ lost: true });
  });

  test('iterators share the events; one that returns lets go of its turn', async () => {
    const stream = await channel.subscribe([]);
    const [first, second] = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
    const waiting = [first.next(), second.next()] as const;
    await first.return!();
    expect(await waiting[0]).toMatchObject({ done: true });
    await channel.publish(bytes('x'));
    expect(((await waiting[1]).value as ChannelEvent).data.toString()).toBe('x');
    expect(await first.next()).toMatchObject({ done: true });
  });

  test('the bytes of an event are its receiver’s own, and those of a publisher are copied', async () => {
    const streams = [await channel.subscribe([]), await (await connection.evt.open('c', ALL)).subscribe([])];
    const data = bytes('mine');
    const published = channel.publish(data, { patterns: [data] });
    data.fill('x');
    await published;
    const [one, two] = await Promise.all(
      streams.map(async (each) => (await each[Symbol.asyncIterator]().next()).value),
    );
    expect((one as ChannelEvent).data.toString()).toBe('mine');
    (one as ChannelEvent).data.fill('y');
    expect((two as ChannelEvent).data.toString()).toBe('mine');
  });

  test('disposing ends what is open, any number of times', async () => {
    const stream = await channel.subscribe([]);
    await stream[Symbol.asyncDispose]();
    await stream[Symbol.asyncDispose]();
    await channel[Symbol.asyncDispose]();
    await channel[Symbol.asyncDispose]();
    await settled();
    expect(openers().openers).toBe(0);
  });
});
