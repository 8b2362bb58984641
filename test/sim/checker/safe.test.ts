import { describe, expect, it } from 'vitest';
import { broken, edit, history } from './notation.js';

const three = `
  p q r: boot
  p q r: join 5
  p: send n!`;

describe('E14, safe delivery', () => {
  it('accepts members that deliver it in different configurations of their own', () => {
    const text = `${three}
      p: deliver n
      p q r: freeze
      p: transitional 8 {p}
      p: regular 8 {p}
      q r: transitional 9 {q r}
      q r: deliver n
      q r: regular 9 {q r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a member that failed to install the next ring and delivers it in a transitional one of its own', () => {
    // p and q deliver n in the transitional configuration {p q r}; r, named there, goes elsewhere, but it has n.
    const text = `${three}
      p q r: freeze
      p q: transitional 8 {p q r}
      p q: deliver n
      p q: regular 8 {p q r}
      r: transitional 12 {r}
      r: deliver n
      r: regular 12 {r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds that member if it leaves without it', () => {
    const text = `${three}
      p q r: freeze
      p q: transitional 8 {p q r}
      p q: deliver n
      p q: regular 8 {p q r}
      r: transitional 12 {r}
      r: regular 12 {r}`;
    expect(broken(history(text))).toEqual(['E14']);
  });

  it('accepts a member that crashes, and one whose trace ends, before it has it', () => {
    const text = `${three}
      p q: deliver n
      r: crash`;
    expect(broken(history(text))).toEqual([]);
    expect(broken(history(text.replace('r: crash', '')))).toEqual([]);
  });

  it('finds a member that leaves without what another delivered as safe', () => {
    const text = `${three}
      p q: deliver n
      p q: join 8
      r: join 9`;
    expect(broken(history(text))).toEqual(['E14']);
  });

  it('finds it also if that member crashes afterwards', () => {
    const text = `${three}
      p q: deliver n
      r: join 9
      r: crash`;
    expect(broken(history(text))).toEqual(['E14']);
  });

  it('asks nothing of the kind of agreed messages', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send n
      p q: deliver n
      p q: join 8
      r: join 9`;
    expect(broken(history(text))).toEqual([]);
  });
});

describe('E15, safe in a regular configuration means that all are in it', () => {
  const late = `
    p q: boot
    p q: freeze
    p: transitional 5 {p}
    p: regular 5 {p q}
    p: send n!`;

  it('accepts a member that installs just before', () => {
    const text = `${late}
      q: transitional 5 {q}
      q: regular 5 {p q}
      p: deliver n`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a member that installs only afterwards', () => {
    const text = `${late}
      p: deliver n
      q: transitional 5 {q}
      q: regular 5 {p q}
      q: deliver n`;
    expect(broken(history(text))).toEqual(['E15']);
    expect(broken(history(text, { clockError: 5_000_000 }))).toEqual([]);
  });

  it('finds a member that never installs', () => {
    const text = `${late}
      p: deliver n`;
    expect(broken(history(text))).toEqual(['E15']);
    expect(broken(history(`${text}\nq: crash`))).toEqual(['E15']);
  });

  it('asks nothing as long as nothing safe is delivered', () => {
    const text = `${late}
      p: deliver n`;
    expect(broken(edit(history(text), 'p', 6, () => []))).toEqual([]);
  });
});
