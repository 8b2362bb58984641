/** Statements of the checkpoint service on how a checkpoint comes and goes, and who may do what to it. */
import { describe, expect, test } from 'vitest';
import { bytes, collect, failure, type Scene } from './ckpt-scene.js';

export function lifeStatements(scene: () => Scene): void {
  describe('The life of a checkpoint', () => {
    test('C112 an unlinked checkpoint goes on for those who have it open', async () => {
      const old = await scene().createWith(['a']);
      await scene().ckpt.unlink('a checkpoint');
      const other = await scene().create();
      await old.write({ section: 'a', data: bytes('old') });
      expect((await other.status()).numberOfSections).toBe(0);
      expect(await old.read({ section: 'a' })).toEqual(bytes('old'));
    });

    test('C113 an unlinked name is gone', async () => {
      await scene().create();
      await scene().ckpt.unlink('a checkpoint');
      await failure(scene().readOnly(), 'SA_AIS_ERR_NOT_EXIST');
      await failure(scene().ckpt.unlink('a checkpoint'), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C114 an unlinked checkpoint has no retention', async () => {
      const checkpoint = await scene().create();
      await scene().ckpt.unlink('a checkpoint');
      await failure(checkpoint.setRetentionDuration(5), 'SA_AIS_ERR_BAD_OPERATION');
    });

    test('C115 retention counts from the last close, and an open stops it', async () => {
      const checkpoint = await scene().createWith(['a'], { retentionDuration: 1000 });
      await checkpoint.close();
      await scene().cluster.wait(500);
      const again = await scene().readOnly();
      await scene().cluster.wait(1500);
      await again.read({ section: 'a' });
      await again.setRetentionDuration(500);
      await again.close();
      await scene().cluster.wait(800);
      await failure(scene().readOnly(), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C116 without retention a checkpoint goes with its last opener', async () => {
      await (await scene().create({ retentionDuration: 0 })).close();
      await failure(scene().readOnly(), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C117 with endless retention it stays', async () => {
      await (await scene().createWith(['a'], { retentionDuration: Number.POSITIVE_INFINITY })).close();
      await scene().cluster.wait(2000);
      expect(await (await scene().readOnly()).read({ section: 'a' })).toEqual(bytes('a'));
    });

    test('C118 list shows what is there, and for how many', async () => {
      const checkpoint = await scene().createWith(['a']);
      await scene().readOnly();
      const [entry] = await collect(scene().ckpt.list());
      expect(entry).toMatchObject({ name: 'a checkpoint', numberOfSections: 1, memoryUsed: 1, openers: 2 });
      await scene().ckpt.unlink('a checkpoint');
      await checkpoint.close();
      expect(await collect(scene().ckpt.list())).toEqual([]);
    });

    test('C119 the active replica is set only where there is one to set', async () => {
      const checkpoint = await scene().create();
      await failure(checkpoint.setActiveReplica(), 'SA_AIS_ERR_BAD_OPERATION');
      await failure((await scene().readOnly()).setActiveReplica(), 'SA_AIS_ERR_ACCESS');
    });

    test('C120 a collocated, asynchronous checkpoint needs an active replica', async () => {
      const checkpoint = await scene().create({ collocated: true, update: 'active-replica' });
      const early = [
        () => checkpoint.createSection({ id: 'a' }),
        () => checkpoint.write({ section: 'a', data: bytes('x') }),
        () => checkpoint.overwrite({ section: 'a', data: bytes('x') }),
        () => checkpoint.deleteSection('a'),
        () => checkpoint.setSectionExpirationTime('a', 0),
        () => checkpoint.read({ section: 'a' }),
        () => checkpoint.status(),
        () => checkpoint.synchronize(),
        () => collect(checkpoint.sections()),
      ];
      for (const call of early) await failure(call(), 'SA_AIS_ERR_NOT_EXIST');
      await checkpoint.setActiveReplica();
      await checkpoint.createSection({ id: 'a' });
      await checkpoint.synchronize();
    });

    test('C121 there is nothing to synchronize where all replicas are written', async () => {
      const checkpoint = await scene().create();
      await failure(checkpoint.synchronize(), 'SA_AIS_ERR_BAD_OPERATION');
      const asynchronous = await scene().create({ update: 'active-replica-weak' }, 'another');
      await asynchronous.synchronize();
    });

    test('C122 to synchronize takes time and the right to write', async () => {
      const checkpoint = await scene().create({ update: 'active-replica' });
      await failure(checkpoint.synchronize({ timeout: 0 }), 'SA_AIS_ERR_TIMEOUT');
      await failure((await scene().readOnly()).synchronize(), 'SA_AIS_ERR_ACCESS');
    });

    test('C124 after close every call is refused', async () => {
      const checkpoint = await scene().createWith(['a']);
      await checkpoint.close();
      const late = [
        () => checkpoint.createSection({ id: 'b' }),
        () => checkpoint.deleteSection('a'),
        () => checkpoint.setSectionExpirationTime('a', 0),
        () => checkpoint.write({ section: 'a', data: bytes('x') }),
        () => checkpoint.overwrite({ section: 'a', data: bytes('x') }),
        () => checkpoint.read({ section: 'a' }),
        () => checkpoint.readInto({ section: 'a' }, Buffer.alloc(1)),
        () => checkpoint.watch(),
        () => checkpoint.synchronize(),
        () => checkpoint.setActiveReplica(),
        () => checkpoint.setRetentionDuration(1),
        () => checkpoint.status(),
        () => checkpoint.close(),
      ];
      for (const call of late) await failure(call(), 'SA_AIS_ERR_BAD_HANDLE');
      expect(() => checkpoint.sections()).toThrow('SA_AIS_ERR_BAD_HANDLE');
      await checkpoint[Symbol.asyncDispose]();
      const other = await scene().readOnly();
      await scene().client.close();
      await failure(other.close(), 'SA_AIS_ERR_BAD_HANDLE');
      await failure(scene().readOnly(), 'SA_AIS_ERR_BAD_HANDLE');
    });
  });
}
