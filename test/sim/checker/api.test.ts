import { describe, expect, it } from 'vitest';
import { check, type Placed, type Submit, type TraceMessage } from '../../../src/sim/checker/index.js';
import { broken, hash, history, label, MILLISECOND, member } from './notation.js';

/** p sends a, b and c at the 3rd millisecond. */
const text = `
  p q: boot
  p q: join 5
  p: send a b! c
  p q: deliver a b c`;
const ring = (history(text).traces[0]!.events.at(-1) as TraceMessage).ring;

const submit = (name: string, more: Partial<Submit> = {}): Submit => ({
  process: member('p'),
  time: 2 * MILLISECOND,
  label: label(name),
  hash: hash(name),
  accepted: true,
  priority: 2,
  safe: name === 'b',
  ...more,
});
const all = [submit('a'), submit('b'), submit('c')];
const placed = (ticket: bigint, seq: bigint, time = 5): Placed => ({
  process: member('p'),
  time: time * MILLISECOND,
  ticket,
  seq,
});
const found = (submits: readonly Submit[], answers?: readonly Placed[]) =>
  broken(history(text, answers === undefined ? { submits } : { submits, placed: answers }));

describe('E21, what the API said', () => {
  it('accepts what was accepted and sent, with or without a hash, and retries after a refusal', () => {
    expect(found(all)).toEqual([]);
    expect(found(all.map(({ hash: _, ...rest }) => rest))).toEqual([]);
    expect(found([submit('a', { accepted: false, time: 1 }), ...all])).toEqual([]);
  });

  it('accepts the last of a queue that is not sent yet, and other priorities that go first', () => {
    expect(found([...all, submit('z')])).toEqual([]);
    expect(found([submit('z', { priority: 3 }), ...all])).toEqual([]);
  });

  it('accepts the same bytes submitted in several ways, each sent as it was asked for', () => {
    const other = { ...ring, seq: 4n };
    const again = `${text}
      p: send a
      p q: deliver a`;
    const submits = [submit('a', { priority: 3 }), submit('a', { onlyIn: other }), ...all, submit('a')];
    expect(broken(history(again, { submits, contents: 'any' }))).toEqual([]);
    expect(broken(history(again, { submits: [submit('a', { priority: 3 }), ...all], contents: 'any' }))).toEqual([
      'E21',
    ]);
  });

  it('finds a refused message that is sent', () => {
    const found = check(history(text, { submits: [submit('a', { accepted: false }), submit('b'), submit('c')] }));
    expect(found.map(({ predicate }) => predicate)).toEqual(['E21']);
    expect(found[0]!.text).toContain('refused');
  });

  it('finds a message that was never submitted, unless others than the harness send too', () => {
    expect(found(all.slice(1))).toEqual(['E21']);
    expect(broken(history(text, { submits: all.slice(1), othersSend: true }))).toEqual([]);
  });

  it('finds a message that is sent before it was submitted', () => {
    expect(found([submit('a'), submit('b'), submit('c', { time: 4 * MILLISECOND })])).toEqual(['E21']);
  });

  it('finds a message that is sent more often than it was submitted', () => {
    const twice = `${text}
      p: send a
      p q: deliver a`;
    const any = { contents: 'any' } as const;
    expect(broken(history(twice, { submits: all, ...any }))).toEqual(['E21']);
    expect(broken(history(twice, { submits: [...all, submit('a')], ...any }))).toEqual([]);
  });

  it('finds other bytes than those that were submitted', () => {
    expect(found([submit('a', { hash: 1n }), submit('b'), submit('c')])).toContain('E21');
  });

  it('finds another priority, and a safe message sent as an agreed one', () => {
    expect(found([submit('a', { priority: 1 }), submit('b'), submit('c')])).toEqual(['E21']);
    expect(found([submit('a', { safe: true }), submit('b'), submit('c')])).toEqual(['E21']);
    expect(found([submit('a'), submit('b', { safe: false }), submit('c')])).toEqual([]);
  });

  it('finds messages of one priority that are not sent in their order', () => {
    expect(found([submit('b'), submit('a'), submit('c')])).toEqual(['E21']);
  });

  it('finds a message that is lost between the API and the ring', () => {
    expect(found([submit('a'), submit('z'), submit('b'), submit('c')])).toEqual(['E21']);
    expect(found([submit('a'), submit('z', { onlyIn: { ...ring, seq: 4n } }), submit('b'), submit('c')])).toEqual([]);
  });

  it('finds a message in another ring than the only one that was allowed', () => {
    expect(found([submit('a', { onlyIn: ring }), submit('b'), submit('c')])).toEqual([]);
    expect(found([submit('a', { onlyIn: { ...ring, nonce: 1 } }), submit('b'), submit('c')])).toEqual(['E21']);
  });
});

describe('E21, what became of a ticket', () => {
  const other = { ...ring, seq: 4n };
  const asked = [submit('a', { ticket: 1n }), submit('z', { ticket: 2n, onlyIn: other }), submit('b'), submit('c')];

  it('accepts true answers, and none so far', () => {
    expect(found(asked, [placed(1n, 1n), placed(2n, 0n)])).toEqual([]);
    expect(found(asked, [])).toEqual([]);
  });

  it('finds an answer to a ticket that nobody holds', () => {
    expect(found(asked, [placed(3n, 1n)])).toEqual(['E21']);
  });

  it('finds a second answer', () => {
    expect(found(asked, [placed(1n, 1n), placed(1n, 1n)])).toEqual(['E21']);
  });

  it('finds one that says sent of what was not, and not sent of what was', () => {
    expect(found(asked, [placed(2n, 4n)])).toEqual(['E21']);
    expect(found(asked, [placed(1n, 0n)])).toEqual(['E21']);
  });

  it('finds one that says not sent of a message for any ring', () => {
    expect(found([...all, submit('z', { ticket: 3n })], [placed(3n, 0n)])).toEqual(['E21']);
  });

  it('finds one that names another place, or comes before the send', () => {
    expect(found(asked, [placed(1n, 2n)])).toEqual(['E21']);
    expect(found(asked, [placed(1n, 1n, 2.5)])).toEqual(['E21']);
  });
});
