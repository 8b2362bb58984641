/** The statements of the checkpoint service that need several nodes. */
import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/client/ckpt/types.js';
import { bytes, failure, READ_WRITE, type Scene } from './ckpt-scene.js';

export function clusterStatements(scene: () => Scene): void {
  async function openAt(node: number): Promise<Checkpoint> {
    return (await scene().cluster.connect(node)).ckpt.open('a checkpoint', READ_WRITE);
  }

  describe('Several nodes', () => {
    test('C125 what a client had open is closed when it goes', async () => {
      const other = await scene().cluster.connect(2);
      const checkpoint = await other.ckpt.open('short', { create: { ...retainedNot }, ...READ_WRITE });
      await checkpoint.createSection({ id: 'a' });
      await other.close();
      await scene().cluster.wait(100);
      await failure(scene().ckpt.open('short', READ_WRITE), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C126 what was acknowledged survives the node that wrote it', async () => {
      const { cluster } = scene();
      const survivor = await cluster.connect(3);
      const writer = await scene().createWith(['a']);
      await writer.write({ section: 'a', data: bytes('acknowledged') });
      await cluster.crash(1);
      const checkpoint = await survivor.ckpt.open('a checkpoint', READ_WRITE);
      expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('acknowledged'));
    });

    test('C127 a read on any node sees what was acknowledged on another', async () => {
      const writer = await scene().createWith(['a']);
      const readers = [await openAt(2), await openAt(3)];
      for (let i = 0; i < 20; i++) {
        await writer.overwrite({ section: 'a', data: bytes(`write ${i}`) });
        for (const reader of readers) expect(await reader.read({ section: 'a' })).toEqual(bytes(`write ${i}`));
      }
    });

    test('C128 both sides of a partition write, and after the merge all read the same', async () => {
      const { cluster } = scene();
      const checkpoints = [await scene().createWith(['a']), await openAt(2), await openAt(3)];
      await cluster.partition([1, 2], [3]);
      await checkpoints[0]!.write({ section: 'a', data: bytes('of two') });
      await checkpoints[2]!.write({ section: 'a', data: bytes('of one') });
      await cluster.merge();
      for (const winner of checkpoints.slice(0, 2))
        expect(await winner.read({ section: 'a' })).toEqual(bytes('of two'));
      await failure(checkpoints[2]!.read({ section: 'a' }), 'SA_AIS_ERR_BAD_HANDLE');
      expect(await (await openAt(3)).read({ section: 'a' })).toEqual(bytes('of two'));
    });

    test('C128 if one side alone wrote, its state is taken, and no handle is bad', async () => {
      const { cluster } = scene();
      const checkpoints = [await scene().createWith(['a']), await openAt(2), await openAt(3)];
      await cluster.partition([1, 2], [3]);
      await checkpoints[2]!.write({ section: 'a', data: bytes('of one') });
      await cluster.merge();
      for (const checkpoint of checkpoints) expect(await checkpoint.read({ section: 'a' })).toEqual(bytes('of one'));
    });

    test('C129 two writers on two nodes leave the same value everywhere', async () => {
      const writers = [await scene().createWith(['a']), await openAt(2)];
      await Promise.all(
        writers.flatMap((writer, index) =>
          Array.from({ length: 1000 }, (_, i) => writer.overwrite({ section: 'a', data: bytes(`${index} ${i}`) })),
        ),
      );
      const values = await Promise.all([1, 2, 3].map(async (node) => (await openAt(node)).read({ section: 'a' })));
      expect(new Set(values.map(String)).size).toBe(1);
    });

    test('C130 a section expires on all nodes, also if one of them joined after it was made', async () => {
      const { cluster } = scene();
      await cluster.crash(3);
      const checkpoint = await scene().create();
      await checkpoint.createSection({ id: 'a', expirationTime: cluster.now() + 5000 });
      await cluster.wait(2000);
      await cluster.restart(3);
      const others = [await openAt(2), await openAt(3)];
      for (const each of others) await each.read({ section: 'a' });
      await cluster.wait(4000);
      for (const each of [checkpoint, ...others]) await failure(each.read({ section: 'a' }), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('the active replica goes with its node, and another may take its place', async () => {
      const { cluster } = scene();
      const first = await scene().create({ collocated: true, update: 'active-replica' });
      const second = await openAt(2);
      await first.setActiveReplica();
      await first.createSection({ id: 'a', data: bytes('a') });
      await second.read({ section: 'a' });
      await cluster.crash(1);
      await failure(second.read({ section: 'a' }), 'SA_AIS_ERR_NOT_EXIST');
      await second.setActiveReplica();
      expect(await second.read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('a watch tells of changes on any node, in order', async () => {
      const checkpoint = await scene().createWith(['before']);
      const other = await openAt(2);
      const watch = await checkpoint.watch();
      await other.createSection({ id: 'a', expirationTime: scene().cluster.now() + 1000 });
      await other.write([
        { section: 'a', data: bytes('x') },
        { section: 'before', data: bytes('x') },
      ]);
      await other.deleteSection('before');
      await scene().cluster.wait(1500);
      const told: string[] = [];
      for await (const { section, kind } of watch) {
        told.push(`${section} ${kind}`);
        if (told.length === 5) break;
      }
      expect(told).toEqual(['a created', 'a written', 'before written', 'before deleted', 'a expired']);
    });
  });
}

const retainedNot = {
  checkpointSize: 1000,
  retentionDuration: 0,
  maxSections: 10,
  maxSectionSize: 100,
  maxSectionIdSize: 10,
};
