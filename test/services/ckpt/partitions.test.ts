/** As long as only one side changes a checkpoint before all are together again, nothing is lost, and no handle is bad. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/client/ckpt/types.js';
import { attributes, bytes } from '../../conformance/ckpt-scene.js';
import { type ModelCluster, settled } from '../model.js';
import { dumpOf, modelCluster, TestClient } from './support.js';

const NODES = [1, 2, 3, 4];

/** Of each node the component that it is in. */
const parting = fc.tuple(...NODES.map(() => fc.nat(2)));
const phase = fc.record({ parting, writes: fc.array(fc.nat(5), { maxLength: 8 }) });
/** What one node writes until all are together again. */
const era = fc.record({ writer: fc.nat(NODES.length - 1), phases: fc.array(phase, { minLength: 1, maxLength: 5 }) });

async function part(cluster: ModelCluster, sides: readonly number[]): Promise<void> {
  await settled();
  for (const side of new Set(sides)) cluster.form(...NODES.filter((_, index) => sides[index] === side));
}

async function put(checkpoint: Checkpoint, section: string, text: string, isNew: boolean): Promise<void> {
  if (isNew) await checkpoint.createSection({ id: section, data: bytes(text) });
  else await checkpoint.overwrite({ section, data: bytes(text) });
}

test('What one side alone wrote is there on all nodes after the merge', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(era, { minLength: 1, maxLength: 4 }), async (eras) => {
      const cluster = modelCluster();
      cluster.start(...NODES);
      const create = attributes();
      const clients = NODES.map((node) => new TestClient(cluster, node));
      const open = ({ ckpt }: TestClient) => ckpt.open('x', { create, read: true, write: true });
      const checkpoints = await Promise.all(clients.map(open));
      const written = new Map<string, string>();
      let count = 0;
      for (const { writer, phases } of eras) {
        for (const { parting: sides, writes } of phases) {
          await part(cluster, sides);
          for (const number of writes) {
            const section = `section ${number}`;
            const text = `write ${++count}`;
            await put(checkpoints[writer]!, section, text, !written.has(section));
            written.set(section, text);
          }
        }
        await part(cluster, [0, 0, 0, 0]);
        for (const node of NODES) expect(dumpOf(cluster, node)).toEqual(dumpOf(cluster, 1));
        for (const checkpoint of checkpoints)
          for (const [section, text] of written) expect(await checkpoint.read({ section })).toEqual(bytes(text));
      }
    }),
    { numRuns: 150 },
  );
});
