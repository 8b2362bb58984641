import { describe, expect, it } from 'vitest';
import { broken, history } from './notation.js';

/**
 * The example of the extended virtual synchrony paper (its section 3.1): {p q r} splits into {p} and {q r}, and these
 * merge with {s t}. p sends l, which the others never receive, and m, which they do; r sends the safe n, and does not
 * hear p acknowledge it.
 */
const beginning = `
  p q r s t: boot
  p q r: join 5
  s t: join 6
  p: send l m
  r: send n!
  p: deliver l m
  p: join 9
  q r s t: freeze
  q r: transitional 12 {q r}`;
const end = `
  s t: transitional 12 {s t}
  q r s t: regular 12 {q r s t}`;

describe('the worked example', () => {
  it('delivers n in the transitional configuration and drops m, which may depend on l', () => {
    expect(broken(history(`${beginning}\nq r: deliver n${end}`))).toEqual([]);
  });

  it('does not allow m there: its cause l is missing', () => {
    expect(broken(history(`${beginning}\nq r: deliver m n${end}`))).toEqual(['E10']);
  });

  it('does not allow n to be left out: r, who sent it, is there', () => {
    expect(broken(history(`${beginning}${end}`))).toEqual(['E8']);
  });

  it('does not allow q alone to leave n out', () => {
    expect(broken(history(`${beginning}\nr: deliver n${end}`))).toEqual(expect.arrayContaining(['E9', 'E14']));
  });

  it('does not allow n in the regular configuration {p q r}: p may not have it', () => {
    const regular = beginning.replace('q r: transitional', 'q r: deliver n\nq r: transitional');
    expect(broken(history(`${regular}${end}`))).toContain('E14');
  });

  it('does not allow n after the merge: s and t were not in its configuration', () => {
    expect(broken(history(`${beginning}${end}\nq r s t: deliver n`))).toContain('E2');
  });

  it('does not allow p to leave without its own messages', () => {
    const silent = beginning.replace('p: deliver l m', '');
    expect(broken(history(`${silent}\nq r: deliver n${end}`))).toEqual(['E8']);
  });
});
