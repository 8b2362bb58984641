import { describe, expect, it } from 'vitest';
import type { History, Submit, Timing } from '../../../src/sim/checker/index.js';
import { broken, history, label, MILLISECOND, member } from './notation.js';

/** Settled at once; 10 ms for a delivery and 10 ms from submit to origination. */
const timing: Timing = {
  token: 0,
  consensus: 0,
  merge: 0,
  failureToReceive: 0,
  quarantine: 0,
  persistence: 0,
  boundaryDelay: 0,
  rotation: 0,
  recoveryRotations: 0,
  delivery: 10 * MILLISECOND,
  origination: 10 * MILLISECOND,
};

const pair = `
  p q: boot
  p q: join 5`;

function calmAfter(text: string, known: Partial<History> = {}): History {
  const processes = ['p', 'q'].map((name) => ({
    process: member(name),
    reaches: [member('p').node, member('q').node],
  }));
  const end = 20 * MILLISECOND;
  return history(text, { timing, end, calm: [{ from: 3 * MILLISECOND, until: end, processes }], ...known });
}

const submit = (name: string, time: number, more: Partial<Submit> = {}): Submit => ({
  process: member('p'),
  time: time * MILLISECOND,
  label: label(name),
  accepted: true,
  priority: 2,
  safe: false,
  ...more,
});

describe('E8, at the end of a calm all has arrived', () => {
  it('accepts what was sent or submitted too late to have arrived', () => {
    const text = `${pair}
      p: send a
      p q: deliver a
      ${'p: freeze\n'.repeat(6)}
      q: send b`;
    const p = history(text).traces[0]!;
    expect(p.events.at(-1)!.time).toBe(10 * MILLISECOND);
    expect(
      broken(calmAfter(text, { submits: [submit('a', 2), submit('z', 11), submit('b', 4, { process: member('q') })] })),
    ).toEqual([]);
  });

  it('finds a message that one member never delivers', () => {
    const text = `${pair}
      p: send a
      p: deliver a`;
    expect(broken(calmAfter(text))).toEqual(['E8']);
    expect(broken(calmAfter(text, { timing: { ...timing, delivery: 18 * MILLISECOND } }))).toEqual([]);
  });

  it('finds an accepted message that is never sent', () => {
    expect(broken(calmAfter(pair, { submits: [submit('a', 3)] }))).toEqual(['E8']);
    expect(broken(calmAfter(pair, { submits: [submit('a', 3, { accepted: false })] }))).toEqual([]);
    expect(broken(calmAfter(pair, { submits: [submit('a', 3, { process: member('r') })] }))).toEqual([]);
  });

  it('asks for nothing without bounds, or when the history does not end in calm', () => {
    const text = `${pair}
      p: send a`;
    const { delivery, origination, ...slow } = timing;
    expect([delivery, origination]).toEqual([10 * MILLISECOND, 10 * MILLISECOND]);
    const known = { submits: [submit('a', 2), submit('b', 2, { priority: 1 })] };
    expect(broken(calmAfter(text, { ...known, timing: slow }))).toEqual([]);
    const whole = calmAfter(text, known);
    expect(broken(whole)).toEqual(['E8']);
    expect(broken({ ...whole, end: whole.end + 1 })).toEqual([]);
  });
});

describe('E21, a message for one ring that is gone is answered', () => {
  const { ring } = history(pair).traces[0]!.events.at(-1) as unknown as { ring: Submit['onlyIn'] };
  const text = `${pair}
    p q: join 8`;
  const bound = submit('a', 2, { onlyIn: ring!, ticket: 7n });

  it('accepts an answer, and a message without a ticket', () => {
    const placed = [{ process: member('p'), time: 4 * MILLISECOND, ticket: 7n, seq: 0n }];
    expect(broken(calmAfter(text, { submits: [bound], placed }))).toEqual([]);
    expect(broken(calmAfter(text, { submits: [submit('a', 2, { onlyIn: ring! })] }))).toEqual([]);
  });

  it('accepts that it waits as long as the ring is there', () => {
    expect(broken(calmAfter(pair, { submits: [bound] }))).toEqual([]);
  });

  it('finds a ticket that is never answered', () => {
    expect(broken(calmAfter(text, { submits: [bound] }))).toEqual(['E21']);
    const other = [{ process: member('q'), time: 4 * MILLISECOND, ticket: 7n, seq: 0n }];
    expect(broken(calmAfter(text, { submits: [bound], placed: other }))).toEqual(['E21']);
  });
});
