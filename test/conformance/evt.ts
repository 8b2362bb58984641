/** The statements about EVT that have a meaning in TypeScript, by their numbers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelEvent, EventChannel, Filter } from '../../src/client/evt/types.js';
import type { ClmEvtClient, ConformanceCluster } from './cluster.js';
import { Clients, expectCode, SOON, take } from './expect.js';

const ALL = { create: true, publisher: true, subscriber: true } as const;
const bytes = (text: string) => Buffer.from(text);
const text = ({ data }: ChannelEvent) => data.toString();

export function evtConformance(makeCluster: () => Promise<ConformanceCluster<ClmEvtClient>>): void {
  describe('EVT', () => {
    let cluster: ConformanceCluster<ClmEvtClient>;
    let clients: Clients;
    let client: ClmEvtClient;
    beforeEach(async () => {
      cluster = await makeCluster();
      clients = new Clients(cluster);
      client = await clients.at(1);
    });
    afterEach(() => cluster.close());

    const openOn = async (node: number, name = 'c', options: Parameters<ClmEvtClient['evt']['open']>[1] = ALL) =>
      (await clients.at(node)).evt.open(name, options);

    /** What a subscription of `channel` gets while `act` runs, and after an event that marks the end. */
    const heard = async (channel: EventChannel, filters: readonly Filter[], act: () => Promise<unknown>) => {
      const events: string[] = [];
      const subscription = await channel.subscribe(filters, (event) => events.push(text(event)));
      await act();
      await cluster.wait(SOON);
      await subscription.unsubscribe();
      return events;
    };

    /** Publishes one event for each pattern, with the pattern as its data. */
    const publishEach = async (channel: EventChannel, ...patterns: string[]) => {
      for (const pattern of patterns) await channel.publish(bytes(pattern), { patterns: [pattern] });
    };

    describe('Channels', () => {
      test('C131: a channel is created by opening it', async () => {
        const channel = await client.evt.open('c', { ...ALL, timeout: Number.POSITIVE_INFINITY });
        expect(channel.name).toBe('c');
        expect(channel.lostCount).toBe(0);
      });

      test('C132: a time-out of 0 is over at once', async () => {
        await expectCode(client.evt.open('c', { ...ALL, timeout: 0 }), 'SA_AIS_ERR_TIMEOUT');
      });

      test('C133: flags that are none are refused', async () => {
        for (const wrong of [8, 'create', null, undefined, { create: 1 }, { publisher: 'yes' }]) {
          await expectCode(client.evt.open('c', wrong as never), 'SA_AIS_ERR_INVALID_PARAM');
        }
        await expectCode(client.evt.open('c', {}), 'SA_AIS_ERR_BAD_FLAGS');
        for (const wrong of [undefined, null, 1, '', '\ud800']) {
          await expectCode(client.evt.open(wrong as never, ALL), 'SA_AIS_ERR_INVALID_PARAM');
        }
        await expectCode(client.evt.open('x'.repeat(256), ALL), 'SA_AIS_ERR_NAME_TOO_LONG');
        await (await client.evt.open('x'.repeat(255), ALL)).close();
      });

      test('C134: without create, a channel that is not there is not opened', async () => {
        await expectCode(client.evt.open('none', { subscriber: true }), 'SA_AIS_ERR_NOT_EXIST');
      });

      test('C135: opens under way together all complete', async () => {
        const channels = await Promise.all(['a', 'b', 'c'].map((name) => client.evt.open(name, ALL)));
        expect(channels.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
      });

      test('C170: what is unlinked cannot be unlinked or opened again', async () => {
        await openOn(1);
        const other = await clients.at(2);
        await other.evt.unlink('c');
        await expectCode(client.evt.unlink('c'), 'SA_AIS_ERR_NOT_EXIST');
        await expectCode(client.evt.open('c', { subscriber: true }), 'SA_AIS_ERR_NOT_EXIST');
      });

      test('C171: after unlink, opening with create makes another instance, and both live', async () => {
        const old = await openOn(1);
        await client.evt.unlink('c');
        const young = await openOn(2);
        const onOld: string[] = [];
        const onYoung: string[] = [];
        await old.subscribe([], (event) => onOld.push(text(event)));
        await young.subscribe([], (event) => onYoung.push(text(event)));
        await old.publish(bytes('old'));
        await young.publish(bytes('young'));
        await cluster.wait(SOON);
        expect([onOld, onYoung]).toEqual([['old'], ['young']]);
      });

      test('C172: a channel is closed once, and nothing can be done with it then', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        await channel.close();
        await expectCode(channel.close(), 'SA_AIS_ERR_BAD_HANDLE');
        await expectCode(channel.publish(bytes('x')), 'SA_AIS_ERR_BAD_HANDLE');
        await expectCode(channel.subscribe([]), 'SA_AIS_ERR_BAD_HANDLE');
        await expectCode(channel.clearRetentionTime(2000n), 'SA_AIS_ERR_BAD_HANDLE');
        await expectCode(stream.unsubscribe(), 'SA_AIS_ERR_BAD_HANDLE');
        expect(await take(stream, 1)).toEqual([]);
      });

      test('C173: a channel that nobody has open is still there', async () => {
        await (await openOn(1)).close();
        await (await openOn(2, 'c', { subscriber: true })).close();
      });

      test('C174: a name that is none is not unlinked', async () => {
        await expectCode(client.evt.unlink(undefined as never), 'SA_AIS_ERR_INVALID_PARAM');
        await expectCode(client.evt.unlink(null as never), 'SA_AIS_ERR_INVALID_PARAM');
      });
    });

    describe('Publishing', () => {
      test('C136: what a publisher does not say is left empty', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        const id = await channel.publish(bytes('x'));
        const [event] = await take(stream, 1);
        expect(event).toMatchObject({
          eventId: id,
          lost: false,
          patterns: [],
          priority: 3,
          retentionTime: 0,
          publisherName: '',
        });
        expect(event!.publishTime).toBeGreaterThan(0);
        expect(JSON.parse(JSON.stringify(event))).toMatchObject({ eventId: id.toString(), priority: 3 });
      });

      test('C137, C141: what it says arrives, byte by byte', async () => {
        const channel = await openOn(1);
        const stream = await (await openOn(2)).subscribe([]);
        const patterns = ['caf\u00e9', Buffer.from([0, 255, 0]), ''];
        const attributes = { patterns, priority: 1, retentionTime: 5, publisherName: 'p' } as const;
        await channel.publish(bytes('x\0y'), attributes);
        const [event] = await take(stream, 1);
        expect(event).toMatchObject({ priority: 1, retentionTime: 5, publisherName: 'p' });
        expect(event!.patterns).toEqual([bytes('caf\u00e9'), Buffer.from([0, 255, 0]), bytes('')]);
        expect(text(event!)).toBe('x\0y');
      });

      test('C138: attributes out of range are refused', async () => {
        const channel = await openOn(1);
        const wrong = [
          { priority: 4 },
          { priority: -1 },
          { priority: 1.5 },
          { retentionTime: -1 },
          { retentionTime: Number.NaN },
          { patterns: 'x' },
          { patterns: [1] },
          { patterns: ['\ud800'] },
          { publisherName: '' },
          { publisherName: 7 },
        ];
        for (const attributes of wrong) {
          await expectCode(channel.publish(bytes('x'), attributes as never), 'SA_AIS_ERR_INVALID_PARAM');
        }
        const many = Array.from({ length: 11 }, () => 'x');
        await expectCode(channel.publish(bytes('x'), { patterns: many }), 'SA_AIS_ERR_TOO_BIG');
        await expectCode(channel.publish(bytes('x'), { patterns: ['x'.repeat(256)] }), 'SA_AIS_ERR_TOO_BIG');
        await channel.publish(bytes('x'), { patterns: many.slice(1).map((each) => each.repeat(255)) });
      });

      test('C144: 65536 bytes are published, 65537 are too big', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        await expectCode(channel.publish(Buffer.alloc(65537)), 'SA_AIS_ERR_TOO_BIG');
        await channel.publish(Buffer.alloc(65536, 7));
        expect((await take(stream, 1))[0]!.data).toEqual(Buffer.alloc(65536, 7));
      });

      test('C145: only who opened as a publisher publishes', async () => {
        const channel = await openOn(1, 'c', { create: true, subscriber: true });
        await expectCode(channel.publish(bytes('x')), 'SA_AIS_ERR_ACCESS');
        await expectCode(channel.publish('x' as never), 'SA_AIS_ERR_INVALID_PARAM');
      });

      test('C146: an event without patterns comes to who lets all pass', async () => {
        const channel = await openOn(1);
        expect(await heard(channel, ['pass-all'], () => channel.publish(bytes('x')))).toEqual(['x']);
      });

      test('C147: ids are above 1000 and never the same, on any node, also in a partition', async () => {
        const channels = await Promise.all([1, 2, 3].map((node) => openOn(node)));
        const ids: bigint[] = [];
        const publish = async () => {
          for (const channel of channels)
            ids.push(await channel.publish(bytes('x')), await channel.publish(bytes('x')));
        };
        await publish();
        await cluster.partition([1, 2], [3]);
        await publish();
        await cluster.merge();
        await publish();
        expect(new Set(ids).size).toBe(18);
        expect(ids.every((id) => id > 1000n && id < 2n ** 64n)).toBe(true);
      });
    });

    describe('Subscribing', () => {
      test('C149: only who opened as a subscriber subscribes, and filters must be filters', async () => {
        const channel = await openOn(1, 'c', { create: true, publisher: true });
        await expectCode(channel.subscribe([]), 'SA_AIS_ERR_ACCESS');
        for (const wrong of [undefined, null, 'x', [1], [{}], [{ prefix: 'a', suffix: 'b' }], [{ exact: 1 }]]) {
          await expectCode(channel.subscribe(wrong as never), 'SA_AIS_ERR_INVALID_PARAM');
        }
      });

      test('C151: what is unsubscribed cannot be unsubscribed again', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        await stream.unsubscribe();
        await expectCode(stream.unsubscribe(), 'SA_AIS_ERR_NOT_EXIST');
        expect(await take(stream, 1)).toEqual([]);
      });

      test('C152: an exact filter', async () => {
        const channel = await openOn(1);
        const act = () => publishEach(channel, 'abc', 'abcd', 'ab');
        expect(await heard(channel, [{ exact: 'abc' }], act)).toEqual(['abc']);
      });

      test('C154: a prefix', async () => {
        const channel = await openOn(1);
        const act = () => publishEach(channel, 'abx', 'ab', 'a', 'xab');
        expect(await heard(channel, [{ prefix: 'ab' }], act)).toEqual(['abx', 'ab']);
      });

      test('C155: a suffix', async () => {
        const channel = await openOn(1);
        const act = () => publishEach(channel, 'xyz', 'yz', 'z', 'yzx');
        expect(await heard(channel, [{ suffix: 'yz' }], act)).toEqual(['xyz', 'yz']);
      });

      test('C157: patterns without a filter pass; a filter without a pattern is compared with an empty one', async () => {
        const channel = await openOn(1);
        const publish = (patterns: string[]) => () => channel.publish(bytes('x'), { patterns });
        expect(await heard(channel, [{ exact: 'a' }], publish(['a', 'b', 'c']))).toEqual(['x']);
        expect(await heard(channel, ['pass-all', { exact: 'b' }], publish(['a']))).toEqual([]);
        expect(await heard(channel, ['pass-all', { exact: '' }, { prefix: '' }], publish(['a']))).toEqual(['x']);
      });

      test('Patterns are bytes: NUL counts, and no character has two forms', async () => {
        const channel = await openOn(1);
        const act = () => publishEach(channel, 'a\0b', 'a\0c', 'a', 'caf\u00e9', 'cafe\u0301');
        expect(await heard(channel, [{ exact: Buffer.from([97, 0, 98]) }], act)).toEqual(['a\0b']);
        expect(await heard(channel, [{ exact: 'caf\u00e9' }], act)).toEqual(['caf\u00e9']);
      });

      test('C158: each event comes once, to the subscription that it matches', async () => {
        const channel = await openOn(1);
        const [a, b] = [[] as string[], [] as string[]];
        await channel.subscribe([{ exact: 'a' }], (event) => a.push(text(event)));
        await channel.subscribe([{ exact: 'b' }], (event) => b.push(text(event)));
        await publishEach(channel, 'a', 'x', 'b');
        await cluster.wait(SOON);
        expect([a, b]).toEqual([['a'], ['b']]);
      });

      test('C159: two opens of a channel are told both, of one connection too', async () => {
        const channels = [await openOn(1), await openOn(1), await openOn(3)];
        const streams = await Promise.all(channels.map((channel) => channel.subscribe([])));
        await channels[0]!.publish(bytes('x'));
        for (const stream of streams) expect((await take(stream, 1)).map(text)).toEqual(['x']);
      });

      test('C160: of two subscriptions that match, the first has the event', async () => {
        const channel = await openOn(1);
        const [first, second] = [[] as string[], [] as string[]];
        await channel.subscribe([{ prefix: 'a' }], (event) => first.push(text(event)));
        await channel.subscribe([], (event) => second.push(text(event)));
        await publishEach(channel, 'ab', 'b');
        await cluster.wait(SOON);
        expect([first, second]).toEqual([['ab'], ['b']]);
      });

      test('C162: a thousand events arrive in the order of publication on every node', async () => {
        const channel = await openOn(1);
        const streams = await Promise.all([1, 2, 3].map(async (node) => (await openOn(node)).subscribe([])));
        const sent = Array.from({ length: 1000 }, (_, index) => String(index));
        await Promise.all(sent.map((each) => channel.publish(bytes(each))));
        for (const stream of streams) expect((await take(stream, 1000)).map(text)).toEqual(sent);
      });
    });

    describe('Retention', () => {
      test('C163: a retained event comes to who subscribes later, once for each open', async () => {
        const publisher = await openOn(1);
        await publisher.publish(bytes('kept'), { retentionTime: 10_000 });
        const channel = await openOn(2);
        expect(await heard(channel, [], () => cluster.wait(SOON))).toEqual(['kept']);
        expect(await heard(channel, [], () => cluster.wait(SOON))).toEqual([]);
        expect(await heard(await openOn(2), [], () => cluster.wait(SOON))).toEqual(['kept']);
      });

      test('It survives its publisher, and comes before what is published later, higher priority first', async () => {
        const publisher = await openOn(3);
        await publisher.publish(bytes('low'), { retentionTime: 10_000 });
        await publisher.publish(bytes('high'), { retentionTime: 10_000, priority: 0 });
        await cluster.crash(3);
        const channel = await openOn(1);
        expect(await heard(channel, [], () => channel.publish(bytes('now')))).toEqual(['high', 'low', 'now']);
      });

      test('C164: after its time it is gone', async () => {
        const channel = await openOn(1);
        await channel.publish(bytes('kept'), { retentionTime: 1000 });
        await cluster.wait(3000);
        expect(await heard(channel, [], () => cluster.wait(SOON))).toEqual([]);
        expect(await heard(await openOn(2), [], () => cluster.wait(SOON))).toEqual([]);
      });

      test('C166: what is no id is refused; what is not retained cannot be cleared', async () => {
        const channel = await openOn(1);
        for (const wrong of [0n, 1n, 1000n, -1n, 2n ** 64n, 2000, undefined]) {
          await expectCode(channel.clearRetentionTime(wrong as never), 'SA_AIS_ERR_INVALID_PARAM');
        }
        await expectCode(channel.clearRetentionTime(1001n), 'SA_AIS_ERR_NOT_EXIST');
        const id = await channel.publish(bytes('x'));
        await expectCode(channel.clearRetentionTime(id), 'SA_AIS_ERR_NOT_EXIST');
        const kept = await channel.publish(bytes('x'), { retentionTime: 1000 });
        await cluster.wait(2000);
        await expectCode(channel.clearRetentionTime(kept), 'SA_AIS_ERR_NOT_EXIST');
      });

      test('What is cleared is gone on every node', async () => {
        const channel = await openOn(1);
        const id = await channel.publish(bytes('kept'), { retentionTime: Number.POSITIVE_INFINITY });
        const other = await openOn(2);
        await other.clearRetentionTime(id);
        await expectCode(channel.clearRetentionTime(id), 'SA_AIS_ERR_NOT_EXIST');
        expect(await heard(await openOn(3), [], () => cluster.wait(SOON))).toEqual([]);
      });
    });

    describe('The queue', () => {
      test('C169: higher priority goes first, in a full queue too', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        const sent = Array.from({ length: 1000 }, (_, index) => channel.publish(bytes(`low ${index}`)));
        await Promise.all(sent);
        await channel.publish(bytes('urgent'), { priority: 0 });
        await cluster.wait(SOON);
        const [lost, urgent, ...rest] = await take(stream, 1001);
        expect(lost).toMatchObject({ eventId: 1n, lost: true, patterns: [bytes('SA_EVT_LOST_EVENT_PATTERN')] });
        expect(text(urgent!)).toBe('urgent');
        expect(rest.map(text)).toEqual(Array.from({ length: 999 }, (_, index) => `low ${index}`));
        expect(channel.lostCount).toBe(1);
      });

      test('Within a priority the order is that of publication', async () => {
        const channel = await openOn(1);
        const stream = await channel.subscribe([]);
        for (const [data, priority] of [
          ['d', 3],
          ['b', 1],
          ['a', 0],
          ['c', 1],
        ] as const) {
          await channel.publish(bytes(data), { priority });
        }
        await cluster.wait(SOON);
        expect((await take(stream, 4)).map(text)).toEqual(['a', 'b', 'c', 'd']);
      });
    });

    test('list() names every instance, with its openers and what it retains', async () => {
      await (await openOn(1, 'a')).publish(bytes('x'), { retentionTime: 10_000 });
      await openOn(2, 'a');
      await openOn(3, 'b');
      await client.evt.unlink('b');
      await (await openOn(1, 'b')).close();
      const listed = await take((await clients.at(2)).evt.list(), 10);
      expect(listed).toEqual([
        { name: 'a', openers: 2, retainedEvents: 1, unlinked: false },
        { name: 'b', openers: 0, retainedEvents: 0, unlinked: false },
        { name: 'b', openers: 1, retainedEvents: 0, unlinked: true },
      ]);
    });

    test('After a merge channels, openers and retained events of both sides are there', async () => {
      const left = await openOn(1);
      await cluster.partition([1, 2], [3]);
      const right = await openOn(3);
      await left.publish(bytes('left'), { retentionTime: 10_000 });
      await right.publish(bytes('right'), { retentionTime: 10_000 });
      await cluster.merge();
      for (const node of [1, 2, 3]) {
        const events = await heard(await openOn(node), [], () => cluster.wait(SOON));
        expect(events.sort()).toEqual(['left', 'right']);
      }
      expect(await heard(left, [{ exact: 'p' }], () => right.publish(bytes('x'), { patterns: ['p'] }))).toEqual(['x']);
    });

    test('What a node or a client that is gone had open is closed', async () => {
      await openOn(3);
      const other = await cluster.connect(2);
      await other.evt.open('c', ALL);
      await openOn(1);
      await cluster.crash(3);
      await other.close();
      await cluster.wait(SOON);
      expect(await take(client.evt.list(), 10)).toMatchObject([{ name: 'c', openers: 1 }]);
    });
  });
}
