/** What the library does by itself: late completions, closes during calls, iterators and watches. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/client/ckpt/types.js';
import { WATCH_QUEUE_MAX } from '../../../src/client/ckpt/watch.js';
import { MAX_ITERATORS, PAGE_ITEMS } from '../../../src/services/ckpt/limits.js';
import { attributes, bytes, collect, failure, READ_WRITE } from '../../conformance/ckpt-scene.js';
import { EMPTY, modelCluster, statusOf, TestClient } from '../../services/ckpt/support.js';
import { type ModelCluster, settled } from '../../services/model.js';

let cluster: ModelCluster;
let client: TestClient;

beforeEach(() => {
  cluster = modelCluster();
  cluster.start(1, 2);
  client = new TestClient(cluster, 1);
});

function open(maxSections = 10): Promise<Checkpoint> {
  return client.ckpt.open('x', { create: attributes({ maxSections, retentionDuration: 0 }), ...READ_WRITE });
}

async function openWith(sections: number): Promise<Checkpoint> {
  const checkpoint = await open(sections + 10);
  await Promise.all(Array.from({ length: sections }, (_, i) => checkpoint.createSection({ id: `section ${i}` })));
  return checkpoint;
}

const openers = () => statusOf(cluster, 2).openers;

describe('An open', () => {
  test('that is aborted leaves nothing, at whatever stage', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const controller = new AbortController();
      const opened = client.ckpt.open('x', { create: attributes(), read: true, signal: controller.signal });
      let wasOpened = false;
      const done = opened.then(
        async (checkpoint) => {
          wasOpened = true;
          await checkpoint.close();
        },
        (reason) => expect(reason).toBe('enough'),
      );
      for (let i = 0; i < turns; i++) await Promise.resolve();
      controller.abort('enough');
      await done;
      await settled();
      expect(openers(), `aborted after ${turns} turns${wasOpened ? ', opened' : ''}`).toBe(0);
    }
  });

  test('that timed out is closed when it completes', async () => {
    const opened = client.ckpt.open('x', { create: attributes({ retentionDuration: 0 }), timeout: 1e-6 });
    await opened.then((checkpoint) => checkpoint.close()).catch(() => {});
    await settled();
    expect(statusOf(cluster, 2)).toEqual(EMPTY);
  });

  test('whose sections have short ids makes as many as there are', async () => {
    const create = { ...attributes({ maxSections: 1000, maxSectionIdSize: 1 }) };
    const checkpoint = await client.ckpt.open('x', { create, ...READ_WRITE });
    await Promise.all(Array.from({ length: 256 }, () => checkpoint.createSection({})));
    await failure(checkpoint.createSection({}), 'SA_AIS_ERR_NO_SPACE');
    await checkpoint.deleteSection(Buffer.from([77]));
    expect(await checkpoint.createSection({})).toEqual(Buffer.from([77]));
  });

  test('of wrong types is refused', async () => {
    for (const options of [
      undefined,
      null,
      { read: 1 },
      { write: 'yes' },
      { read: true, timeout: -1 },
      { read: true, signal: 1 },
    ])
      await failure(client.ckpt.open('x', options as never), 'SA_AIS_ERR_INVALID_PARAM');
  });

  test('in endless number is refused', { timeout: 60_000 }, async () => {
    const { maxCheckpoints } = client.ckpt.limits;
    expect(maxCheckpoints).toBeGreaterThan(1000);
    const create = attributes({ maxSections: 2 });
    const opened = Array.from({ length: maxCheckpoints + 1 }, (_, i) => client.ckpt.open(`${i}`, { create }));
    await failure(opened.at(-1)!, 'SA_AIS_ERR_NO_RESOURCES');
    await Promise.allSettled(opened);
  });
});

test('A vector with holes is refused', async () => {
  const checkpoint = await openWith(1);
  const holes = Object.assign([{ section: 'section 0', data: bytes('x') }], { length: 2 });
  await expect(checkpoint.write(holes)).rejects.toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM', index: 1 });
  await expect(checkpoint.read(holes)).rejects.toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM', index: 1 });
});

describe('A close', () => {
  test('ends the calls that wait, and their outcome is not known', async () => {
    const checkpoint = await openWith(1);
    const write = checkpoint.write({ section: 'section 0', data: bytes('x') });
    const closed = checkpoint.close();
    await expect(write).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE', outcome: 'unknown' });
    await closed;
    expect(statusOf(cluster, 2)).toEqual(EMPTY);
  });

  test('that the end of the connection overtakes is no unhandled rejection', async () => {
    const checkpoint = await openWith(1);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const disposed = checkpoint[Symbol.asyncDispose]();
    client.calls.close(() => new Error('the connection was closed'));
    await disposed;
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('is done once, however it is asked for', async () => {
    const checkpoint = await open();
    await Promise.all([checkpoint[Symbol.asyncDispose](), checkpoint[Symbol.asyncDispose]()]);
    await failure(checkpoint.close(), 'SA_AIS_ERR_BAD_HANDLE');
  });

  test('of the connection ends watches and iterators', async () => {
    const checkpoint = await openWith(PAGE_ITEMS + 1);
    const watch = (await checkpoint.watch())[Symbol.asyncIterator]();
    const next = watch.next();
    const sections = checkpoint.sections()[Symbol.asyncIterator]();
    await sections.next();
    await client.close();
    expect((await next).done).toBe(true);
    await failure(sections.next(), 'SA_AIS_ERR_BAD_HANDLE');
    for (const node of [1, 2]) expect(statusOf(cluster, node)).toEqual(EMPTY);
  });
});

describe('An iterator', () => {
  test('reads page by page what existed at the call', async () => {
    const count = 2 * PAGE_ITEMS + 7;
    const checkpoint = await openWith(count);
    const sections = checkpoint.sections();
    await checkpoint.createSection({ id: 'later' });
    const ids = (await collect(sections)).map(({ id }) => String(id));
    expect(new Set(ids).size).toBe(count);
    expect(ids).not.toContain('later');
    expect(statusOf(cluster, 1).iterators).toBe(0);
  });

  test('does not give what was deleted and made again', async () => {
    const checkpoint = await openWith(PAGE_ITEMS + 2);
    const iterator = checkpoint.sections()[Symbol.asyncIterator]();
    await iterator.next();
    const last = `section ${PAGE_ITEMS + 1}`;
    await checkpoint.deleteSection(last);
    await checkpoint.createSection({ id: last });
    const ids: string[] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) ids.push(String(next.value.id));
    expect(ids).toHaveLength(PAGE_ITEMS);
    expect(ids).not.toContain(last);
  });

  test('that is left early is given up', async () => {
    const checkpoint = await openWith(PAGE_ITEMS + 2);
    for await (const _ of checkpoint.sections()) break;
    await settled();
    expect(statusOf(cluster, 1).iterators).toBe(0);
  });

  test('that is left while there is no room to say so is given up later', async () => {
    const checkpoint = await openWith(PAGE_ITEMS + 2);
    for await (const _ of checkpoint.sections()) {
      client.link.hasRoom = false;
      break;
    }
    await settled();
    expect(statusOf(cluster, 1).iterators).toBe(1);
    client.link.hasRoom = true;
    await settled();
    expect(statusOf(cluster, 1).iterators).toBe(0);
  });

  test('whose next page does not come in time is given up', async () => {
    const create = attributes({ maxSections: 2 });
    const names = Array.from({ length: PAGE_ITEMS + 3 }, (_, i) => `checkpoint ${i}`);
    await Promise.all(names.map((name) => client.ckpt.open(name, { create })));
    const entries = client.ckpt.list({ timeout: 20 })[Symbol.asyncIterator]();
    for (let i = 0; i < PAGE_ITEMS; i++) await entries.next();
    client.link.hasRoom = false;
    await failure(entries.next(), 'SA_AIS_ERR_TIMEOUT');
    client.link.hasRoom = true;
    await settled();
    expect(statusOf(cluster, 1).iterators).toBe(0);
    expect((await entries.next()).done).toBe(true);
  });

  test('is one of few', async () => {
    const checkpoint = await openWith(PAGE_ITEMS + 2);
    for (let i = 0; i < MAX_ITERATORS; i++) await checkpoint.sections()[Symbol.asyncIterator]().next();
    await failure(checkpoint.sections()[Symbol.asyncIterator]().next(), 'SA_AIS_ERR_NO_RESOURCES');
    await checkpoint.close();
    expect(statusOf(cluster, 1).iterators).toBe(0);
  });

  test('lists checkpoints in pages, too', async () => {
    const create = attributes({ maxSections: 2 });
    const names = Array.from({ length: PAGE_ITEMS + 3 }, (_, i) => `checkpoint ${i}`);
    await Promise.all(names.map((name) => client.ckpt.open(name, { create })));
    expect((await collect(client.ckpt.list())).map(({ name }) => name).sort()).toEqual([...names].sort());
  });
});

describe('A watch', () => {
  test('tells nothing of what was before, and nothing after its end', async () => {
    const checkpoint = await openWith(2);
    const watch = await checkpoint.watch();
    await checkpoint.deleteSection('section 1');
    for await (const { section, kind } of watch) {
      expect([String(section), kind]).toEqual(['section 1', 'deleted']);
      break;
    }
    await settled();
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('ends with its checkpoint', async () => {
    const checkpoint = await open();
    const watch = (await checkpoint.watch())[Symbol.asyncIterator]();
    const next = watch.next();
    await checkpoint.close();
    expect((await next).done).toBe(true);
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('that is not read ends when its queue is full', { timeout: 60_000 }, async () => {
    const checkpoint = await openWith(1);
    const watch = (await checkpoint.watch())[Symbol.asyncIterator]();
    const element = { section: 'section 0', data: bytes('x') };
    const vector = Array.from({ length: 256 }, () => element);
    for (let i = 0; i <= WATCH_QUEUE_MAX / 256; i++) await checkpoint.write(vector);
    for (let i = 0; i < WATCH_QUEUE_MAX; i++) await watch.next();
    await failure(watch.next(), 'SA_AIS_ERR_NO_RESOURCES');
    expect((await watch.next()).done).toBe(true);
    await settled();
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('that has ended by itself gives nothing more once the checkpoint is closed', { timeout: 60_000 }, async () => {
    const checkpoint = await openWith(1);
    const watch = (await checkpoint.watch())[Symbol.asyncIterator]();
    const vector = Array.from({ length: 256 }, () => ({ section: 'section 0', data: bytes('x') }));
    for (let i = 0; i <= WATCH_QUEUE_MAX / 256; i++) await checkpoint.write(vector);
    expect((await watch.next()).done).toBe(false);
    await checkpoint.close();
    expect((await watch.next()).done).toBe(true);
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('that cannot be had leaves nothing', async () => {
    const checkpoint = await open();
    const watch = checkpoint.watch();
    await checkpoint.close();
    await failure(watch, 'SA_AIS_ERR_BAD_HANDLE');
    const other = await open();
    const controller = new AbortController();
    const aborted = other.watch({ signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await settled();
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('that ends while there is no room to say so is given up later', async () => {
    const checkpoint = await open();
    const watch = await checkpoint.watch();
    client.link.hasRoom = false;
    await watch[Symbol.asyncDispose]();
    client.link.hasRoom = true;
    await settled();
    expect(statusOf(cluster, 1).watches).toBe(0);
  });

  test('may be disposed of', async () => {
    const checkpoint = await open();
    const watch = await checkpoint.watch();
    await watch[Symbol.asyncDispose]();
    await watch[Symbol.asyncDispose]();
    await settled();
    expect(statusOf(cluster, 1).watches).toBe(0);
  });
});

describe('A vector', () => {
  test('that is larger than an answer is read in several steps', { timeout: 60_000 }, async () => {
    const size = client.ckpt.limits.maxSectionSize;
    const create = attributes({ maxSections: 4, maxSectionSize: size });
    const checkpoint = await client.ckpt.open('x', { create, ...READ_WRITE });
    const data = [1, 2, 3].map((value) => Buffer.alloc(size, value));
    for (const [index, each] of data.entries()) await checkpoint.createSection({ id: `${index}`, data: each });
    const read = await checkpoint.read(data.map((_, index) => ({ section: `${index}` })));
    expect(data.every((each, index) => each.equals(read[index]!))).toBe(true);
    await failure(checkpoint.read(['0', '1', '2', 'none'].map((section) => ({ section }))), 'SA_AIS_ERR_NOT_EXIST', 3);
    await failure(
      checkpoint.write(data.map((each, index) => ({ section: `${index}`, data: each }))),
      'SA_AIS_ERR_INVALID_PARAM',
      1,
    );
  });

  test('of nothing is written and read', async () => {
    const checkpoint = await open();
    await checkpoint.write([]);
    expect(await checkpoint.read([])).toEqual([]);
  });
});

describe('Arguments', () => {
  test('of wrong types are refused before anything else', async () => {
    const checkpoint = await openWith(1);
    await checkpoint.close();
    const wrong = [
      () => checkpoint.createSection(undefined as never),
      () => checkpoint.createSection({ id: 5 as never }),
      () => checkpoint.createSection({ id: '\ud800' }),
      () => checkpoint.createSection({ expirationTime: Number.NaN }),
      () => checkpoint.deleteSection(undefined as never),
      () => checkpoint.setSectionExpirationTime('a', undefined as never),
      () => checkpoint.overwrite(null as never),
      () => checkpoint.write('text' as never),
      () => checkpoint.read(undefined as never),
      () => checkpoint.readInto({}, 'target' as never),
      () => checkpoint.readInto({ length: 2 }, Buffer.alloc(1)),
      () => checkpoint.readInto({ length: Symbol('length') as never }, Buffer.alloc(1)),
      () => checkpoint.setRetentionDuration(-1),
      () => checkpoint.status({ timeout: 'soon' as never }),
    ];
    for (const call of wrong) await failure(call(), 'SA_AIS_ERR_INVALID_PARAM');
  });

  test('of elements are refused with their position', async () => {
    const checkpoint = await openWith(1);
    const good = { section: 'section 0', data: bytes('x') };
    for (const bad of [
      null,
      {},
      { data: 'x' },
      { ...good, offset: -1 },
      { ...good, offset: 0.5 },
      { ...good, section: 7 },
    ])
      await failure(checkpoint.write([good, bad as never]), 'SA_AIS_ERR_INVALID_PARAM', 1);
    for (const bad of [null, { length: -1 }, { offset: Number.NaN }, { length: 1001 }])
      await failure(checkpoint.read([{ section: 'section 0' }, bad as never]), 'SA_AIS_ERR_INVALID_PARAM', 1);
  });

  test('that are binary name other sections than their text', async () => {
    const checkpoint = await open();
    for (const id of [Buffer.from([0]), Buffer.from([0, 0]), Buffer.from([0xff]), 'ÿ'])
      expect(await checkpoint.createSection({ id })).toEqual(Buffer.from(id as string));
    expect((await checkpoint.status()).numberOfSections).toBe(4);
  });
});
