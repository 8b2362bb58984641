import { describe, expect, it } from 'vitest';
import { check, type History, type TraceEvent, type TraceMessage } from '../../../src/sim/checker/index.js';
import { broken, edit, history, member } from './notation.js';

const pair = `
  p q: boot
  p q: join 5
  p: send a b!
  p: deliver a b
  q: deliver a b`;

/** Events 7 and 8 of p, 5 and 6 of q are the deliveries of a and b. */
const change = (fields: Partial<TraceMessage>) => (event: TraceEvent) => [
  { ...(event as TraceMessage), ...fields } as TraceEvent,
];

describe('E2, only what was sent is delivered', () => {
  it('accepts a delivery at the very time of the send, and what rounding makes of it', () => {
    const whole = history(pair);
    const sent = whole.traces[0]!.events[5]!.time;
    expect(broken(edit(whole, 'q', 5, change({ time: sent })))).toEqual([]);
    expect(broken(edit(whole, 'q', 5, change({ time: sent - 1 })))).toEqual([]);
    expect(broken(edit(whole, 'q', 5, change({ time: sent - 2 })))).toEqual(['E2']);
  });

  it('accepts an agreed message that travelled with a safe one and is safe with it', () => {
    const safe = change({ safe: true });
    expect(broken(edit(edit(history(pair), 'p', 7, safe), 'q', 5, safe))).toEqual([]);
  });

  it('finds a message that nobody sent', () => {
    const unsent = edit(history(pair), 'p', 5, () => []);
    expect(broken(unsent)).toContain('E2');
  });

  it('finds bytes that are not those that were sent, and says what was', () => {
    const other = edit(history(pair), 'q', 5, change({ hash: 1n }));
    const found = check(other).filter(({ predicate }) => predicate === 'E2');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ process: member('q'), index: 5 });
    expect(found[0]!.text).toContain('what was sent there is');
  });

  it('finds bytes of another length, another priority, and a safe message that became agreed', () => {
    expect(broken(edit(history(pair), 'q', 5, change({ length: 2 })))).toEqual(['E2']);
    expect(broken(edit(history(pair), 'q', 5, change({ priority: 1 })))).toEqual(['E2']);
    expect(broken(edit(history(pair), 'q', 6, change({ safe: false })))).toEqual(['E2']);
  });

  it('finds a message that is delivered before it is sent, but for the error of the clocks', () => {
    const late = edit(history(pair), 'p', 6, change({ time: history(pair).end }));
    expect(broken(late)).toContain('E2');
    const earlier = edit(history(pair), 'q', 5, change({ time: 2_500_000 }));
    expect(broken(earlier)).toEqual(['E2']);
    expect(broken({ ...earlier, clockError: 1_000_000 })).toEqual([]);
  });

  it('finds a message at another place than that where it was sent', () => {
    expect(broken(edit(history(pair), 'q', 6, change({ seq: 7n })))).toEqual(['E2']);
    expect(broken(edit(history(pair), 'q', 6, change({ ordinal: 1 })))).toEqual(['E2']);
  });

  it('finds a message of a configuration that is gone', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a
      p q: freeze
      p: transitional 8 {p}
      p: regular 8 {p}
      q: transitional 9 {q}
      q: regular 9 {q}
      p: send b
      q: deliver b`;
    expect(broken(history(text))).toContain('E2');
  });

  it('finds an origin that is no member', () => {
    expect(broken(edit(history(pair), 'q', 5, change({ origin: 3 })))).toContain('E2');
  });

  it('tells the incarnations of an origin apart', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a
      p: crash
      p': boot 6
      p' q: join 12`;
    const whole = history(text);
    const old = whole.traces[1]!.events[5] as TraceMessage;
    const { ring } = whole.traces[1]!.events.at(-1) as TraceMessage;
    const replayed = edit(whole, 'q', 8, (event) => [event, { ...old, ring, time: whole.end }]);
    expect(broken(replayed)).toEqual(['E2']);
  });
});

describe('E3, once', () => {
  it('accepts the same bytes from two origins, and from two incarnations', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a
      q: send a
      p q: deliver a
      p: crash
      p': boot 6
      p' q: join 12
      p': send a
      p' q: deliver a`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a second delivery, in the same configuration and in a later one', () => {
    expect(broken(edit(history(pair), 'q', 5, (event) => [event, event]))).toEqual(['E3']);
    const text = `${pair}
      p q: join 8
      q: deliver a`;
    expect(broken(history(text))).toContain('E3');
  });

  it('finds a second send', () => {
    const text = `
      p: boot
      p: send a
      p: deliver a
      p: send a`;
    expect(broken(history(text))).toEqual(['E3']);
  });

  it('finds a send in a transitional configuration', () => {
    const text = `
      p: boot
      p: freeze
      p: transitional 5 {p}
      p: send a
      p: deliver a
      p: regular 5 {p}`;
    expect(broken(history(text))).toContain('E3');
  });
});

describe('origins that repeat themselves', () => {
  const repeated = `
    p q: boot
    p q: join 5
    p: send a
    p q: deliver a
    p: send a
    p q: deliver a`;
  const any: Partial<History> = { contents: 'any' };

  it('are told apart by the place of the messages if the harness allows them', () => {
    expect(broken(history(repeated, any))).toEqual([]);
    expect(broken(history(repeated))).toEqual(['E3']);
  });

  it('still may not have one of them delivered twice, or at a place where none was sent', () => {
    expect(broken(edit(history(repeated, any), 'q', 6, (event) => [event, event]))).toEqual(['E3']);
    expect(broken(edit(history(repeated, any), 'q', 6, change({ seq: 7n })))).toContain('E2');
  });
});
