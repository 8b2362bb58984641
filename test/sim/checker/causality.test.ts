import { describe, expect, it } from 'vitest';
import { broken, history } from './notation.js';

describe('E10, causal order', () => {
  it('accepts an answer that is delivered by one who left before the next message', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      q: deliver a
      q: send b c
      p q: deliver a b c
      r: deliver a b
      r: join 8`;
    expect(broken(history(text.replace('p q: deliver a b c', 'p: deliver a b c\nq: deliver b c')))).toEqual([]);
  });

  it('accepts a gap of one who is gone when nothing of the rest depends on it', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send l m
      q: send n
      p: deliver l m
      p: join 8
      q r: freeze
      q r: transitional 9 {q r}
      q r: deliver n
      q r: regular 9 {q r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a message without the one that its origin sent before it', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send l m
      p: deliver l m
      p: crash
      q: freeze
      q: transitional 8 {q}
      q: deliver m
      q: regular 8 {q}`;
    // q does not go with p, so that this is no E12.
    expect(broken(history(text))).toEqual(['E10']);
  });

  it('finds an answer without what it answers', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      p q: deliver a
      q: send b
      p q: deliver b
      p: crash
      q: join 8
      r: freeze
      r: transitional 9 {r}
      r: deliver b
      r: regular 9 {r}`;
    expect(broken(history(text))).toEqual(['E10']);
  });

  it('finds an answer that comes before what it answers', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      p q: deliver a
      q: send b
      p q: deliver b
      r: deliver b a`;
    expect(broken(history(text))).toContain('E10');
  });

  it('accepts an answer to what came from far away in the sequence', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a b
      r: send c
      p q r: deliver a b c
      q: send d
      p q r: deliver d
      p q: join 8
      r: join 9`;
    expect(broken(history(text))).toEqual([]);
  });
});
