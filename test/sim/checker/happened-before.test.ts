import { describe, expect, it } from 'vitest';
import { check, type TraceEvent } from '../../../src/sim/checker/index.js';
import { broken, edit, history } from './notation.js';

const violationsOf = (predicate: string, text: string) =>
  check(history(text)).filter((violation) => violation.predicate === predicate);

describe('E5, happened before has no cycle', () => {
  it('accepts a reply that is ordered behind what it answers', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      q: deliver a
      q: send b
      q: deliver b
      p: deliver a b`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a message that is delivered before its own cause was sent', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      q: deliver a
      q: send b
      q: deliver b
      p: deliver a b`;
    // p delivers b, then sends a: but b was sent by one who had a.
    const whole = history(text);
    const [p] = whole.traces;
    const at = (kind: string) => p!.events.findLastIndex((event) => event.kind === kind);
    const reply = { ...p!.events[at('deliver')]!, time: 1 } as TraceEvent;
    const moved = edit(
      edit(whole, 'p', at('deliver'), () => []),
      'p',
      5,
      (send) => [reply, send],
    );
    expect(broken(moved)).toContain('E5');
  });

  it('finds a cycle through a configuration', () => {
    // q installs 8 before it answers in 5, p the other way round.
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a
      p q: join 8`;
    const whole = history(text);
    const send = whole.traces[0]!.events[5]!;
    expect(send.kind).toBe('send');
    const late = edit(
      edit(whole, 'p', 5, () => []),
      'p',
      8,
      (configuration) => [configuration, send],
    );
    expect(broken(late)).toContain('E5');
  });
});

describe('E13, one order of everything', () => {
  it('accepts components that go different ways', () => {
    const text = `
      p q r s: boot
      p q r s: join 5
      p: send a
      r: send b
      p q r s: deliver a b
      p q: join 8
      r s: join 8r
      p: send c
      s: send d
      p q: deliver c
      r s: deliver d
      p q r s: join 12`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds two processes with two orders', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      q: send b
      p: deliver a b
      q: deliver b a`;
    expect(broken(history(text))).toEqual(expect.arrayContaining(['E11', 'E13']));
  });

  it('finds a cycle of three although each pair agrees', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      q: send b
      r: send c
      p: deliver a b
      q: deliver b c
      r: deliver c a`;
    const found = violationsOf('E13', text);
    const cycle = found.find((violation) => violation.text.startsWith('no order'));
    expect(cycle?.text.split(';')).toHaveLength(3);
    expect(broken(history(text))).not.toContain('E11');
  });

  it('finds a cycle through configurations, and names the event that closed it', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p: deliver a
      p q: freeze
      p q: transitional 8 {p q}
      q: deliver a
      p q: regular 8 {p q}`;
    const [cycle] = violationsOf('E13', text);
    // q delivered the transitional configuration at event 6, and a only after it.
    expect(cycle).toMatchObject({ process: { node: 17 }, index: 7 });
  });

  it('finds sequence numbers that fall, whatever the others do', () => {
    const text = `
      p: boot
      p: send a b
      p: deliver b a`;
    expect(broken(history(text))).toContain('E13');
  });

  it('finds two messages at one place', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a@1
      q: send b@1`;
    expect(broken(history(text))).toEqual(['E13']);
  });

  it('orders by sequence numbers beyond 2^53', () => {
    const text = `
      p: boot
      p: send a@9007199254740992 b@9007199254740993 c@9007199254740994
      p: deliver a b c`;
    expect(broken(history(text))).toEqual([]);
    expect(broken(history(text.replace('deliver a b c', 'deliver a c b')))).toContain('E13');
  });
});
