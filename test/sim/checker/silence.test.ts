import { describe, expect, it } from 'vitest';
import type { TraceConfiguration, TraceEvent } from '../../../src/sim/checker/index.js';
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
    expect(broken(history(install, { installSpan: 0 }))).toEqual(['E23']);
  });

  it('finds a delivery while nothing is installed any more', () => {
    const text = `
      p: boot
      p: send a
      p: freeze
      p: deliver a`;
    expect(broken(history(text, { installSpan: 0 }))).toEqual(['E23']);
    // It may still be going on.
    expect(broken(history(text, { installSpan: MILLISECOND }))).toEqual([]);
  });

  it('accepts an install that a crash cut short', () => {
    const text = `
      p: boot
      p: send a
      p: freeze
      p: deliver a
      p: crash`;
    expect(broken(history(text, { installSpan: 0 }))).toEqual([]);
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

  it('remembers that a ring was frozen before its configuration could be delivered', () => {
    const text = `
      p: boot
      p: freeze
      p: freeze
      p: transitional 5 {p}
      p: regular 5 {p}`;
    const whole = history(`${text}\np: join 8`);
    const { ring } = whole.traces[0]!.events[5] as TraceConfiguration;
    const frozenEarly = edit(
      edit(whole, 'p', 6, () => []),
      'p',
      3,
      (event) => [{ ...event, ring } as TraceEvent],
    );
    expect(broken(frozenEarly)).toEqual([]);
    const sends = history(`${text}\np: send a`);
    expect(broken(sends)).toEqual([]);
    expect(broken(edit(sends, 'p', 3, (event) => [{ ...event, ring } as TraceEvent]))).toEqual(['E23']);
  });

  it('finds a change of configuration without Gather', () => {
    const text = `
      p: boot
      p: join 5`;
    expect(broken(edit(history(text), 'p', 2, () => []))).toEqual(['E23']);
  });
});
