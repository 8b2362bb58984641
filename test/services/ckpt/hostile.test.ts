/** Requests and messages that no library and no member sends. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../../../src/ipc/link.js';
import { attributes, bytes, READ_WRITE } from '../../conformance/ckpt-scene.js';
import { settled } from '../model.js';
import { modelCluster, TestClient } from './support.js';

const functions = [...Array.from({ length: 13 }, (_, fn) => fn), ...Array.from({ length: 9 }, (_, i) => 20 + i)];
const small = fc.uint8Array({ maxLength: 40 });
/** Much of it names a handle that is open, so that what follows it is read. */
const body = fc.tuple(fc.nat(3), small).map(([handle, rest]) => Buffer.concat([Buffer.from([handle, 0, 0, 0]), rest]));
const request = fc.record({ fn: fc.constantFrom(...functions), body: fc.oneof(small, body) });

test('A hostile client gets answers, hurts nobody, and leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 60 }), async (requests) => {
      const cluster = modelCluster();
      const [node] = cluster.start(1, 2);
      const other = new TestClient(cluster, 2);
      const checkpoint = await other.ckpt.open('x', { create: attributes(), ...READ_WRITE });
      await checkpoint.createSection({ id: 'mine', data: bytes('mine') });
      const link = node!.connect();
      const answers: Answer[] = [];
      for (const each of requests) link.request(3, each.fn, 0, each.body, (answer) => answers.push(answer));
      await settled();
      expect(answers).toHaveLength(requests.length);
      expect(cluster.violations).toEqual([]);
      expect(await checkpoint.read({ section: 'mine' })).toEqual(bytes('mine'));
      link.close();
      await settled();
      expect(new Set(cluster.digests(1, 2)).size).toBe(1);
      expect(node!.service.status!()).toMatchObject({ openers: 1, watches: 0, iterators: 0 });
    }),
    { numRuns: 300 },
  );
});

test('A message that is malformed is dropped on every member alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (messages) => {
      const cluster = modelCluster();
      const [node] = cluster.start(1, 2);
      const checkpoint = await new TestClient(cluster, 1).ckpt.open('x', { create: attributes(), ...READ_WRITE });
      for (const { fn, body: bad } of messages)
        if (node!.service.executive[fn] !== undefined)
          node!.component.add({ node: node!, connection: 1, fn, body: Buffer.from(bad), answer: undefined });
      await settled();
      expect(new Set(cluster.digests(1, 2)).size).toBe(1);
      void checkpoint;
    }),
    { numRuns: 300 },
  );
});
