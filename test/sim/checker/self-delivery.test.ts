import { describe, expect, it } from 'vitest';
import { check } from '../../../src/sim/checker/index.js';
import { broken, history } from './notation.js';

describe('E8, self delivery', () => {
  it('accepts delivery in the transitional configuration', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a!
      p q: freeze
      p q: transitional 8 {p q}
      p q: deliver a
      p q: regular 8 {p q}`;
    expect(broken(history(text))).toEqual([]);
  });

  it('accepts a sender that crashes first, and one whose trace ends first', () => {
    const text = `
      p: boot
      p: send a`;
    expect(broken(history(text))).toEqual([]);
    expect(broken(history(`${text}\np: crash`))).toEqual([]);
  });

  it('accepts a sender that crashes in its transitional configuration', () => {
    const text = `
      p: boot
      p: send a
      p: freeze
      p: transitional 5 {p}
      p: crash`;
    expect(broken(history(text))).toEqual([]);
  });

  it('finds a sender that leaves without its message', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a b
      p q: deliver a
      p q: join 8`;
    expect(broken(history(text))).toEqual(['E8']);
    expect(check(history(text))[0]!.text).toContain("'b'");
  });

  it('does not take the same bytes of another for its own', () => {
    const text = `
      p q: boot
      p q: join 5
      p: send a
      q: send a
      p q: deliver a
      p q: join 8`;
    const found = check(history(text)).filter(({ predicate }) => predicate === 'E8');
    expect(found.map(({ process }) => process.node)).toEqual([16]);
  });
});
