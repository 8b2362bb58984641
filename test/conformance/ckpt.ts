/** The conformance statements of the checkpoint service, by their numbers, on whatever cluster they are given. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint, SectionDescriptor } from '../../src/client/ckpt/types.js';
import { clusterStatements } from './ckpt-cluster.js';
import { lifeStatements } from './ckpt-life.js';
import { attributes, bytes, collect, failure, Scene } from './ckpt-scene.js';
import type { ConformanceCluster } from './cluster.js';

export function ckptConformance(makeCluster: () => Promise<ConformanceCluster>): void {
  let scene: Scene;

  beforeEach(async () => {
    const cluster = await makeCluster();
    scene = new Scene(cluster, await cluster.connect(1));
  });

  afterEach(() => scene.cluster.close());

  describe('Opening', () => {
    test('C060 a missing checkpoint is created', async () => {
      const checkpoint = await scene.create();
      expect(checkpoint.name).toBe('a checkpoint');
    });

    test('C061 a name that is none is refused', async () => {
      for (const name of [undefined, null, 7, '', '\ud800'])
        await failure(scene.ckpt.open(name as never, { read: true }), 'SA_AIS_ERR_INVALID_PARAM');
      await failure(scene.ckpt.open('x'.repeat(256), { read: true }), 'SA_AIS_ERR_NAME_TOO_LONG');
    });

    test('C062 an open that asks for nothing is refused', () =>
      failure(scene.ckpt.open('x', {}), 'SA_AIS_ERR_BAD_FLAGS'));

    test('C063 creation needs attributes', () =>
      failure(scene.ckpt.open('x', { create: null as never, read: true }), 'SA_AIS_ERR_INVALID_PARAM'));

    test('C066 update options and sizes that cannot be are refused', async () => {
      for (const wrong of [
        { update: 'some-replicas' as never },
        { checkpointSize: 10_001 },
        { maxSections: 0 },
        { maxSectionSize: scene.ckpt.limits.maxSectionSize + 1 },
        { maxSectionIdSize: scene.ckpt.limits.maxSectionIdSize + 1 },
        { retentionDuration: -1 },
        { checkpointSize: 1.5 },
        { maxSections: '1' as never },
      ])
        await failure(scene.create(wrong), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C067 a missing checkpoint is not opened', () => failure(scene.readOnly(), 'SA_AIS_ERR_NOT_EXIST'));

    test('C068 other attributes are refused, another retention is not', async () => {
      await scene.create();
      await failure(scene.create({ maxSections: 11, checkpointSize: 10_000 }), 'SA_AIS_ERR_EXIST');
      await scene.create({ retentionDuration: 5 });
    });

    test('C070 another node opens it with equal attributes and sees its content', async () => {
      await scene.createWith(['a']);
      const other = await scene.cluster.connect(2);
      const checkpoint = await other.ckpt.open('a checkpoint', { create: attributes(), read: true });
      expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('C072 many opens at once give a usable checkpoint each', async () => {
      const opened = await Promise.all(Array.from({ length: 20 }, () => scene.create()));
      await opened[0]!.createSection({ id: 'a', data: bytes('a') });
      for (const checkpoint of opened) expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('C073 many opens at once of what is not there fail each', async () => {
      const opened = Array.from({ length: 20 }, () => scene.readOnly());
      for (const open of await Promise.allSettled(opened))
        expect(open).toMatchObject({ status: 'rejected', reason: { code: 'SA_AIS_ERR_NOT_EXIST' } });
    });

    test('an open with a time-out of 0 succeeds where nothing has to be waited for', async () => {
      const checkpoint = await scene.ckpt.open('x', { create: attributes(), timeout: 0 });
      await checkpoint.status({ timeout: 0 });
    });
  });

  describe('Sections', () => {
    test('C076 the default section stays as it is', async () => {
      const checkpoint = await scene.create({ maxSections: 1 });
      await failure(checkpoint.deleteSection(''), 'SA_AIS_ERR_INVALID_PARAM');
      await failure(checkpoint.setSectionExpirationTime('', scene.cluster.now()), 'SA_AIS_ERR_INVALID_PARAM');
      await failure(checkpoint.createSection({ id: 'a' }), 'SA_AIS_ERR_EXIST');
      await checkpoint.write({ data: bytes('all') });
      expect(await checkpoint.read({})).toEqual(bytes('all'));
    });

    test('C077 a read-only open creates no section', async () => {
      await scene.create();
      await failure((await scene.readOnly()).createSection({ id: 'a' }), 'SA_AIS_ERR_ACCESS');
    });

    test('C078 creating a section that exists is refused', async () => {
      const checkpoint = await scene.createWith(['a']);
      await failure(checkpoint.createSection({ id: 'a' }), 'SA_AIS_ERR_EXIST');
    });

    test('C079 there is no section beyond maxSections', async () => {
      const checkpoint = await scene.createWith(['a', 'b'], { maxSections: 2 });
      await failure(checkpoint.createSection({ id: 'c' }), 'SA_AIS_ERR_NO_SPACE');
    });

    test('C080 initial data beyond maxSectionSize is refused', async () => {
      const checkpoint = await scene.create({ maxSectionSize: 10 });
      await failure(checkpoint.createSection({ id: 'a', data: Buffer.alloc(11) }), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C081 an id beyond maxSectionIdSize is refused', async () => {
      const checkpoint = await scene.create({ maxSectionIdSize: 3 });
      await failure(checkpoint.createSection({ id: 'four' }), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C082 a section without data is empty', async () => {
      const checkpoint = await scene.create();
      await checkpoint.createSection({ id: 'a' });
      expect(await checkpoint.read({ section: 'a' })).toEqual(Buffer.alloc(0));
      await failure(checkpoint.createSection({ id: 'b', data: 5 as never }), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('ids are generated, and differ', async () => {
      const checkpoint = await scene.create({ maxSections: 300 });
      const ids = await Promise.all(Array.from({ length: 300 }, () => checkpoint.createSection({})));
      expect(new Set(ids.map((id) => id.toString('hex'))).size).toBe(300);
      await checkpoint.write({ section: ids[7]!, data: bytes('seven') });
      expect(await checkpoint.read({ section: ids[7]! })).toEqual(bytes('seven'));
    });

    test('C084 a deleted section can be created again', async () => {
      const checkpoint = await scene.createWith(['a']);
      await checkpoint.deleteSection('a');
      await checkpoint.createSection({ id: 'a' });
    });

    test('C085 a missing section is not deleted', async () => {
      const checkpoint = await scene.create();
      await failure(checkpoint.deleteSection('a'), 'SA_AIS_ERR_NOT_EXIST');
      await failure(checkpoint.setSectionExpirationTime('a', 0), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('a section expires at its time', async () => {
      const checkpoint = await scene.create();
      const now = scene.cluster.now();
      await checkpoint.createSection({ id: 'a', expirationTime: now + 1000 });
      await checkpoint.createSection({ id: 'past', expirationTime: now - 1 });
      await checkpoint.read({ section: 'a' });
      await failure(checkpoint.read({ section: 'past' }), 'SA_AIS_ERR_NOT_EXIST');
      await scene.cluster.wait(1500);
      await failure(checkpoint.read({ section: 'a' }), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C087 an expiry that was taken back does not come', async () => {
      const checkpoint = await scene.create();
      await checkpoint.createSection({ id: 'a', expirationTime: scene.cluster.now() + 1000 });
      await checkpoint.setSectionExpirationTime('a', Number.POSITIVE_INFINITY);
      await scene.cluster.wait(1500);
      await checkpoint.read({ section: 'a' });
    });

    test('C088 an overwritten section has the size of what was written', async () => {
      const checkpoint = await scene.create();
      await checkpoint.createSection({ id: 'a', data: Buffer.alloc(10) });
      await checkpoint.overwrite({ section: 'a', data: bytes('abc') });
      expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('abc'));
    });

    test('C089 what cannot be overwritten', async () => {
      const checkpoint = await scene.createWith(['a']);
      await failure(checkpoint.overwrite({ section: 'b', data: bytes('x') }), 'SA_AIS_ERR_NOT_EXIST');
      await failure(checkpoint.overwrite({ section: 'a' } as never), 'SA_AIS_ERR_INVALID_PARAM');
      const readOnly = await scene.readOnly();
      await failure(readOnly.overwrite({ section: 'a', data: bytes('x') }), 'SA_AIS_ERR_ACCESS');
      await failure(checkpoint.overwrite({ section: 'a', data: Buffer.alloc(1001) }), 'SA_AIS_ERR_INVALID_PARAM');
    });
  });

  describe('Writing and reading', () => {
    test('C090 what was written is read', async () => {
      const checkpoint = await scene.createWith(['a']);
      const data = Buffer.alloc(56, 'x');
      await checkpoint.write({ section: 'a', data, offset: 0 });
      const target = Buffer.alloc(100);
      expect(await checkpoint.readInto({ section: 'a' }, target)).toBe(56);
      expect(target.subarray(0, 56)).toEqual(data);
    });

    test('C091 a vector that is none is refused', async () => {
      const checkpoint = await scene.create();
      for (const none of [undefined, null, 7])
        await failure(checkpoint.write(none as never), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C092 an element without data is refused, with its position, and nothing is written', async () => {
      const checkpoint = await scene.createWith(['a', 'b']);
      const vector = [
        { section: 'a', data: bytes('new') },
        { section: 'b', data: Buffer.alloc(0) },
      ];
      await failure(checkpoint.write(vector), 'SA_AIS_ERR_INVALID_PARAM', 1);
      expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('a vector with a missing section is not applied', async () => {
      const checkpoint = await scene.createWith(['a']);
      const vector = ['a', 'b', 'c'].map((section) => ({ section, data: bytes('new') }));
      await failure(checkpoint.write(vector), 'SA_AIS_ERR_NOT_EXIST', 1);
      expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('a section does not grow past its limit', async () => {
      const checkpoint = await scene.createWith(['a']);
      const beyond = { section: 'a', data: bytes('x'), offset: 1000 };
      await failure(checkpoint.write(beyond), 'SA_AIS_ERR_INVALID_PARAM', 0);
    });

    test('C096 a gap is filled with zeroes', async () => {
      const checkpoint = await scene.create();
      await checkpoint.createSection({ id: 'a', data: Buffer.alloc(10, 1) });
      await checkpoint.write({ section: 'a', data: Buffer.alloc(5, 2), offset: 20 });
      const expected = Buffer.concat([Buffer.alloc(10, 1), Buffer.alloc(10), Buffer.alloc(5, 2)]);
      expect(await checkpoint.read({ section: 'a' })).toEqual(expected);
    });

    test('C097 a read-only open writes nothing', async () => {
      await scene.createWith(['a']);
      const checkpoint = await scene.readOnly();
      await failure(checkpoint.write({ section: 'a', data: Buffer.alloc(0) }), 'SA_AIS_ERR_ACCESS');
    });

    test('C098 a write-only open reads nothing', async () => {
      await scene.createWith(['a']);
      const checkpoint = await scene.ckpt.open('a checkpoint', { write: true });
      await failure(checkpoint.read({ section: 'a' }), 'SA_AIS_ERR_ACCESS');
    });

    test('an offset beyond the end is refused, one at the end reads nothing', async () => {
      const checkpoint = await scene.createWith(['abc']);
      await failure(
        checkpoint.read([{ section: 'abc' }, { section: 'abc', offset: 4 }]),
        'SA_AIS_ERR_INVALID_PARAM',
        1,
      );
      expect(await checkpoint.read({ section: 'abc', offset: 3, length: 5 })).toHaveLength(0);
    });

    test('a missing section is not read, and its position is told', async () => {
      const checkpoint = await scene.createWith(['a']);
      await failure(checkpoint.read([{ section: 'a' }, { section: 'b' }]), 'SA_AIS_ERR_NOT_EXIST', 1);
    });

    test('C101 a vector reads from several sections', async () => {
      const checkpoint = await scene.createWith(['one', 'two']);
      const read = await checkpoint.read([
        { section: 'two', offset: 1 },
        { section: 'one', length: 2 },
      ]);
      expect(read).toEqual([bytes('wo'), bytes('on')]);
    });

    test('C102 large writes to two sections leave the last content', { timeout: 60_000 }, async () => {
      const size = 127_000;
      const checkpoint = await scene.createWith(['a', 'b'], { maxSectionSize: size, maxSections: 2 });
      const contents = Array.from({ length: 10 }, (_, i) => Buffer.alloc(size, i + 1));
      await Promise.all(
        contents.map((data) =>
          checkpoint.write([
            { section: 'a', data },
            { section: 'b', data },
          ]),
        ),
      );
      expect(await checkpoint.read([{ section: 'a' }, { section: 'b' }])).toEqual([contents[9], contents[9]]);
    });
  });

  describe('Status and iteration', () => {
    test('C103 status counts sections and bytes', async () => {
      const given = attributes();
      const checkpoint = await scene.create();
      await checkpoint.createSection({ id: 'a', data: Buffer.alloc(10) });
      await checkpoint.createSection({ id: 'b', data: Buffer.alloc(20) });
      expect(await checkpoint.status()).toEqual({
        attributes: { ...given, update: 'all-replicas', collocated: false },
        numberOfSections: 2,
        memoryUsed: 30,
      });
    });

    test('C105 an unknown choice of sections is refused', async () => {
      const checkpoint = await scene.create();
      expect(() => checkpoint.sections({ chosen: 'some' as never })).toThrow('SA_AIS_ERR_INVALID_PARAM');
    });

    test('C106 all sections are given once, and then the end', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      const checkpoint = await scene.createWith(ids);
      const iterator = checkpoint.sections()[Symbol.asyncIterator]();
      const given: string[] = [];
      for (let i = 0; i < 5; i++) given.push(((await iterator.next()).value as SectionDescriptor).id.toString());
      expect(given.sort()).toEqual(ids);
      expect([(await iterator.next()).done, (await iterator.next()).done]).toEqual([true, true]);
    });

    test('sections are chosen by their expiration time', async () => {
      const checkpoint = await scene.createWith(['forever']);
      const soon = scene.cluster.now() + 60_000;
      await checkpoint.createSection({ id: 'soon', expirationTime: soon });
      await checkpoint.createSection({ id: 'later', expirationTime: soon + 1 });
      const chosen = async (filter: Parameters<Checkpoint['sections']>[0]) =>
        (await collect(checkpoint.sections(filter))).map(({ id }) => id.toString()).sort();
      expect(await chosen({ chosen: 'forever' })).toEqual(['forever']);
      expect(await chosen({ chosen: 'leq', expirationTime: soon })).toEqual(['soon']);
      expect(await chosen({ chosen: 'geq', expirationTime: soon + 1 })).toEqual(['forever', 'later']);
      expect(await chosen({ chosen: 'leq', expirationTime: Number.POSITIVE_INFINITY })).toHaveLength(3);
    });

    test('what was deleted since is not given, nor what was created', async () => {
      const checkpoint = await scene.createWith(['a', 'b', 'c']);
      const iterator = checkpoint.sections()[Symbol.asyncIterator]();
      await iterator.next();
      await checkpoint.deleteSection('b');
      await checkpoint.createSection({ id: 'd' });
      expect((await iterator.next()).value.id.toString()).toBe('c');
      expect((await iterator.next()).done).toBe(true);
    });

    test('C109 no section is corrupted', async () => {
      const checkpoint = await scene.createWith(['a']);
      expect(await collect(checkpoint.sections({ chosen: 'corrupted' }))).toEqual([]);
    });

    test('C110 an iterator ends with its checkpoint', async () => {
      const checkpoint = await scene.createWith(['a', 'b']);
      const iterator = checkpoint.sections()[Symbol.asyncIterator]();
      await iterator.next();
      await checkpoint.close();
      await failure(iterator.next(), 'SA_AIS_ERR_BAD_HANDLE');
      await iterator.return?.();
      await iterator.return?.();
    });
  });

  lifeStatements(() => scene);
  clusterStatements(() => scene);
}
