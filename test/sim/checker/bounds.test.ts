import { describe, expect, it } from 'vitest';
import { broken, history, member } from './notation.js';

const sample = (name: string, value: number) => ({ process: member('p'), time: 1, name, value });
const limits = { store: 4096, requests: 256 };

describe('E22, bounds', () => {
  it('accepts a value at its limit', () => {
    const samples = [sample('store', 4096), sample('requests', 0)];
    expect(broken(history('p: boot', { samples, limits }))).toEqual([]);
  });

  it('finds a value above its limit', () => {
    expect(broken(history('p: boot', { samples: [sample('store', 4097)], limits }))).toEqual(['E22']);
  });

  it('finds what has no limit, and what is no size', () => {
    expect(broken(history('p: boot', { samples: [sample('heap', 1)], limits }))).toEqual(['E22']);
    expect(broken(history('p: boot', { samples: [sample('store', 1)] }))).toEqual(['E22']);
    expect(broken(history('p: boot', { samples: [sample('store', -1)], limits }))).toEqual(['E22']);
    expect(broken(history('p: boot', { samples: [sample('store', Number.NaN)], limits }))).toEqual(['E22']);
  });
});
