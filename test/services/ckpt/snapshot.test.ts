import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_MAX } from '../../../src/executive/service.js';
import { BodyError, BodyReader } from '../../../src/ipc/body.js';
import { CkptShadow } from '../../../src/services/ckpt/shadow.js';
import { Snapshot } from '../../../src/services/ckpt/snapshot.js';
import { CkptState } from '../../../src/services/ckpt/state.js';
import { attributes } from '../../conformance/ckpt-scene.js';
import { dump } from './support.js';

const FULL = { update: 'all-replicas', collocated: false } as const;

function stateWith(sections: number, size: number): CkptState {
  const state = new CkptState();
  const given = attributes({ maxSections: Math.max(2, sections), maxSectionSize: Math.max(1, size) });
  const checkpoint = state.create(1n, 'x', { ...FULL, ...given }, 0);
  for (let i = 0; i < sections; i++)
    state.createSection(checkpoint, `section ${i}`, Buffer.alloc(size, i), Number.POSITIVE_INFINITY, BigInt(i + 2), i);
  return state;
}

function load(shadow: CkptShadow, chunks: Iterable<Uint8Array>): CkptShadow {
  for (const chunk of chunks) shadow.load(new BodyReader(Buffer.from(chunk)));
  return shadow;
}

function* rest(snapshot: Snapshot): Generator<Uint8Array> {
  for (let next = snapshot.next(); !next.done; next = snapshot.next()) yield next.value;
}

describe('A snapshot', () => {
  test('comes in chunks of at most CHUNK_MAX, over which large sections are split', () => {
    const state = stateWith(5, 200_000);
    const chunks = [...rest(new Snapshot(state))];
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(CHUNK_MAX);
    expect(chunks.length).toBeLessThan(20);
    expect(dump(load(new CkptShadow(), chunks).state)).toEqual(dump(state));
  });

  test('shows the state as it was, whatever is changed while it is read', () => {
    const step = fc.record({ kind: fc.nat(5), section: fc.nat(39), chunks: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(3), (steps, started) => {
        const state = stateWith(40, 10_000);
        const checkpoint = state.checkpoints.get(1n)!;
        const snapshot = new Snapshot(state);
        const before = dump(state);
        const shadow = new CkptShadow();
        const take = (count: number) => {
          for (let i = 0; i < count; i++) {
            const next = snapshot.next();
            if (!next.done) shadow.load(new BodyReader(Buffer.from(next.value)));
          }
        };
        take(started);
        let position = 1000n;
        for (const { kind, section: index, chunks } of steps) {
          const section = checkpoint.sections.get(`section ${index}`);
          position++;
          if (section === undefined) continue;
          if (kind === 0) state.deleteSection(section, position);
          else if (kind === 1) state.overwrite(section, Buffer.alloc(9000, 'y'), position, 1);
          else if (kind === 2) state.setExpiration(section, 5, position);
          else if (kind === 3) state.unlink(checkpoint, position);
          else state.write(section, 50, Buffer.alloc(100, 'x'), position, 1);
          if (kind === 3) break;
          take(chunks);
        }
        load(shadow, rest(snapshot));
        expect(dump(shadow.state)).toEqual(before);
      }),
    );
  });

  test('that is given up or sent holds nothing back', () => {
    const state = stateWith(100, 10_000);
    const sections = [...state.checkpoints.get(1n)!.sections.values()];
    const given = new Snapshot(state);
    given.next();
    expect(sections.filter(({ readers }) => readers > 0).length).toBeGreaterThan(50);
    given.return();
    expect(given.next().done).toBe(true);
    new Snapshot(state).return();
    load(new CkptShadow(), rest(new Snapshot(state)));
    expect(sections.every(({ readers }) => readers === 0)).toBe(true);
  });

  test('of many sections is begun at once, and copies only what is written meanwhile', () => {
    const state = stateWith(100_000, 1024);
    const begun = performance.now();
    const snapshot = new Snapshot(state);
    expect(performance.now() - begun).toBeLessThan(200);
    const checkpoint = state.checkpoints.get(1n)!;
    const [first, last] = [checkpoint.sections.get('section 0')!, checkpoint.sections.get('section 99999')!];
    snapshot.next();
    state.write(first, 0, Buffer.from('x'), 200_000n, 1);
    state.write(last, 0, Buffer.from('x'), 200_001n, 1);
    expect(checkpoint.sections.get('section 0')).toBe(first);
    expect(checkpoint.sections.get('section 99999')).not.toBe(last);
    snapshot.return();
  });
});

describe('A shadow', () => {
  test('refuses chunks that are cut short or changed, and never fails otherwise', () => {
    const chunks = [...rest(new Snapshot(stateWith(3, 100)))].map((chunk) => Buffer.from(chunk));
    const whole = Buffer.concat(chunks);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const bytes = isCut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!isCut) bytes[at] = value;
        try {
          load(new CkptShadow(), [bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
