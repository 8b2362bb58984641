import { describe, expect, it } from 'vitest';
import { check, type TraceMessage } from '../../../src/sim/checker/index.js';
import { broken, edit, history } from './notation.js';

describe('E11, the same relative order', () => {
  it('accepts sequences of which one is the beginning of the other', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b c
      p: deliver a b c
      q: deliver a`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds two messages the other way round, without a look at sequence numbers', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      q: send b
      p: deliver a b
      q: deliver a b
      r: deliver b a`;
    const found = check(history(text)).filter(({ predicate }) => predicate === 'E11');
    expect(found.map(({ process }) => process.node)).toEqual([18]);
    expect(broken(history(text))).toContain('E11');
  });

  it('finds it far from the beginning, when the rest agrees', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b c d
      p q: deliver a
      p: deliver b c d
      q: deliver b d c`;
    expect(broken(history(text))).toContain('E11');
  });
});

describe('E12, nothing is skipped', () => {
  const cut = `
    p q r s: boot
    p q r s: join 5
    p: send l m
    q: send n
    r: send o
    p: deliver l m n o
    p: join 8
    q r: freeze
    q r: transitional 12 {q r}`;

  it('accepts a gap left by one who is gone', () => {
    const text = `${cut}
      q r: deliver n o
      q r: regular 12 {q r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a gap left by one who goes with us', () => {
    const text = `${cut}
      q r: deliver o
      q r: regular 12 {q r}`;
    const found = broken(history(text));
    expect(found).toContain('E12');
    expect(found).toContain('E8');
  });

  it('finds that gap also if the sender itself died before it delivered anything', () => {
    const text = `${cut}
      r: deliver o
      q: crash
      r: regular 12 {q r}`;
    expect(broken(history(text))).toEqual(['E12']);
  });

  it('finds any gap in a regular configuration', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      q: send b
      p: deliver a b
      q: deliver b
      p: crash
      q: join 8`;
    expect(broken(history(text))).toEqual(['E12']);
  });

  it('finds it by comparison with others when sequence numbers say nothing', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a@2
      q: send b@1
      p: deliver a b
      q: deliver b`;
    const found = check(history(text)).filter(({ text }) => text.endsWith('this process skips it'));
    expect(found).toMatchObject([{ predicate: 'E12', process: { node: 17 } }]);
  });

  it('finds a gap behind which only one other delivered', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      q: send b
      r: send c
      p: deliver a b c
      q: deliver a
      r: deliver a c
      p: crash`;
    expect(broken(history(text))).toContain('E12');
  });
});

describe('E16, no agreed message overtakes a safe one', () => {
  it('accepts an agreed message that waits for the safe one', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send s! a
      p q: deliver s a`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds one that does not wait', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send s!
      q: send a
      q: deliver a`;
    expect(broken(history(text))).toEqual(['E16']);
  });

  it('finds one that is delivered first, and the safe one after it', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send s!
      q: send a
      q: deliver a s`;
    expect(broken(history(text))).toEqual(expect.arrayContaining(['E16', 'E13']));
  });

  it('says nothing of what was delivered in the wrong ring: E2 does', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b
      p q: deliver a b`;
    const lost = edit(history(text), 'q', 6, (event) => [{ ...(event as TraceMessage), hash: 7n }]);
    expect(broken(lost)).not.toContain('E16');
    expect(broken(lost)).toContain('E2');
  });
});
