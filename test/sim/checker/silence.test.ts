import { describe, expect, it } from 'vitest';
import { broken, edit, history, MILLISECOND } from './notation.js';

describe('E23, silence between Gather and the next ring', () => {
  const install = `
    p q: boot
    p q: join 5
    p: send a b
    p q: freeze
    p q: deliver a
    p q: transitional 8 {p q}
    p q: deliver b
    p q: regular 8 {p q}`;

  it('accepts the rest of the old ring as a part of the install', () => {
    expect(broken(history(install, { installSpan: 3 * MILLISECOND }))).toEqual([]);
  });

  it('finds a delivery that comes earlier than the install', () => {
    expect(broken(history(install, { installSpan: 2 * MILLISECOND }))).toEqual(['E23']);
    const early = install.replace('p q: transitional', 'p q: freeze\np q: transitional');
    expect(broken(history(early))).toEqual(['E23']);
  });

  it('finds a delivery while nothing is installed any more', () => {
    const text = `
      p: boot
      p: send a
      p: freeze
      p: deliver a`;
    expect(broken(history(text))).toEqual(['E23']);
  });

  it('accepts an install that a crash cut short', () => {
    const text = `
      p: boot
      p: send a
      p: freeze
      p: deliver a
      p: crash`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts several entries of Gather, one after another', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: deliver a
      p q: freeze
      q: freeze
      p q: join 8`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a send after the freeze', () => {
    const text = `
      p: boot
      p: freeze
      p: send a
      p: join 5`;
    expect(broken(history(text))).toContain('E23');
  });

  it('accepts a send as soon as the new ring is there', () => {
    const text = `
      p: boot
      p: join 5
      p: send a`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a change of configuration without Gather', () => {
    const text = `
      p: boot
      p: join 5`;
    expect(broken(edit(history(text), 'p', 2, () => []))).toEqual(['E23']);
  });
});
