import { describe, expect, it } from 'vitest';
import { broken, history } from './notation.js';

describe('E9, failure atomicity', () => {
  it('accepts components that leave with different messages', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a b
      p: deliver a b
      q: deliver a
      p: join 8
      r: freeze
      q: freeze
      r: deliver a
      q r: transitional 9 {q r}
      q r: regular 9 {q r}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a process that crashes in the transitional configuration with less', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b
      p q: freeze
      p q: deliver a
      p q: transitional 8 {p q}
      p: deliver b
      q: crash
      p: regular 8 {p q}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds companions of whom one lacks a message of the regular configuration', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p: deliver a
      p q: join 8`;
    expect(broken(history(text))).toEqual(['E9']);
  });

  it('finds companions of whom one lacks a message of the transitional configuration', () => {
    const text = `
      p q r: boot
      p q r: join 5
      p: send a
      p q r: freeze
      p q r: transitional 8 {p q r}
      p r: deliver a
      p q r: regular 8 {p q r}`;
    expect(broken(history(text))).toEqual(['E9']);
  });

  it('finds one message before the transitional configuration here and after it there', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      p q: freeze
      p: deliver a
      p q: transitional 8 {p q}
      q: deliver a
      p q: regular 8 {p q}`;
    expect(broken(history(text))).toContain('E9');
  });

  it('finds the same messages in another order', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b
      p: deliver a b
      q: deliver b a
      p q: join 8`;
    expect(broken(history(text))).toContain('E9');
  });
});
