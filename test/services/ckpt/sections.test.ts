/** A checkpoint against a model of it: what clients of three nodes read and are refused is what the model says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AisError } from '../../../src/ais-error.js';
import type { Checkpoint } from '../../../src/client/ckpt/types.js';
import { attributes } from '../../conformance/ckpt-scene.js';
import { modelCluster, TestClient } from './support.js';

const MAX_SECTIONS = 3;
const MAX_SIZE = 40;
const TOTAL = 80;

const id = fc.constantFrom('a', 'b', 'c', 'd');
const data = fc.uint8Array({ minLength: 1, maxLength: 45 }).map((bytes) => Buffer.from(bytes));
const element = fc.record({ section: id, offset: fc.nat(30), data });

/** What a checkpoint does, as plainly as it can be said. */
class PlainCheckpoint {
  #sections = new Map<string, Buffer>();

  create(section: string, bytes: Buffer): string {
    if (this.#sections.size === MAX_SECTIONS) return 'SA_AIS_ERR_NO_SPACE';
    if (bytes.length > MAX_SIZE) return 'SA_AIS_ERR_INVALID_PARAM';
    if (this.#sections.has(section)) return 'SA_AIS_ERR_EXIST';
    return this.#take(new Map([...this.#sections, [section, bytes]])) ? '' : 'SA_AIS_ERR_NO_SPACE';
  }

  delete(section: string): string {
    return this.#sections.delete(section) ? '' : 'SA_AIS_ERR_NOT_EXIST';
  }

  overwrite(section: string, bytes: Buffer): string {
    if (bytes.length > MAX_SIZE) return 'SA_AIS_ERR_INVALID_PARAM';
    if (!this.#sections.has(section)) return 'SA_AIS_ERR_NOT_EXIST';
    return this.#take(new Map([...this.#sections, [section, bytes]])) ? '' : 'SA_AIS_ERR_NO_SPACE';
  }

  /** What is wrong, and with which element; nothing is written then. */
  write(elements: readonly { section: string; offset: number; data: Buffer }[]): string {
    // The library refuses sizes before it asks the executive about sections.
    const large = elements.findIndex((each) => each.offset + each.data.length > MAX_SIZE);
    if (large >= 0) return `SA_AIS_ERR_INVALID_PARAM ${large}`;
    const changed = new Map(this.#sections);
    for (const [index, { section, offset, data: bytes }] of elements.entries()) {
      const old = changed.get(section);
      if (old === undefined) return `SA_AIS_ERR_NOT_EXIST ${index}`;
      const grown = Buffer.alloc(Math.max(old.length, offset + bytes.length));
      old.copy(grown);
      bytes.copy(grown, offset);
      changed.set(section, grown);
      if (total(changed) > TOTAL) return `SA_AIS_ERR_NO_SPACE ${index}`;
    }
    this.#sections = changed;
    return '';
  }

  read(section: string): Buffer | string {
    return this.#sections.get(section) ?? 'SA_AIS_ERR_NOT_EXIST 0';
  }

  #take(changed: Map<string, Buffer>): boolean {
    if (total(changed) > TOTAL) return false;
    this.#sections = changed;
    return true;
  }
}

function total(sections: Map<string, Buffer>): number {
  return [...sections.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}

/** The code, and the position if there is one; '' if it succeeds. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return '';
  } catch (error) {
    if (!AisError.is(error)) throw error;
    return error.index === undefined ? error.code : `${error.code} ${error.index}`;
  }
}

type Step = (checkpoint: Checkpoint, model: PlainCheckpoint) => Promise<void>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ id, data }).map(
    ({ id: section, data: bytes }): Step =>
      async (checkpoint, model) => {
        const expected = model.create(section, bytes);
        expect(await outcome(checkpoint.createSection({ id: section, data: bytes }))).toBe(expected);
      },
  ),
  id.map(
    (section): Step =>
      async (checkpoint, model) => {
        expect(await outcome(checkpoint.deleteSection(section))).toBe(model.delete(section));
      },
  ),
  fc.record({ id, data }).map(
    ({ id: section, data: bytes }): Step =>
      async (checkpoint, model) => {
        expect(await outcome(checkpoint.overwrite({ section, data: bytes }))).toBe(model.overwrite(section, bytes));
      },
  ),
  fc.array(element, { minLength: 1, maxLength: 4 }).map(
    (elements): Step =>
      async (checkpoint, model) => {
        expect(await outcome(checkpoint.write(elements))).toBe(model.write(elements));
      },
  ),
  id.map(
    (section): Step =>
      async (checkpoint, model) => {
        const expected = model.read(section);
        if (typeof expected === 'string') expect(await outcome(checkpoint.read({ section }))).toBe(expected);
        else expect(await checkpoint.read({ section })).toEqual(expected);
      },
  ),
);

test('A checkpoint does what its model does, whichever node its clients are at', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), step), { maxLength: 40 }), async (steps) => {
      const cluster = modelCluster();
      cluster.start(1, 2, 3);
      const create = attributes({ maxSections: MAX_SECTIONS, maxSectionSize: MAX_SIZE, checkpointSize: TOTAL });
      const open = (node: number) => new TestClient(cluster, node).ckpt.open('x', { create, read: true, write: true });
      const checkpoints = await Promise.all([1, 2, 3].map(open));
      const model = new PlainCheckpoint();
      for (const [node, run] of steps) await run(checkpoints[node]!, model);
    }),
    { numRuns: 200 },
  );
});
