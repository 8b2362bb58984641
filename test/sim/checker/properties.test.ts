import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, formatViolation, type TraceEvent } from '../../../src/sim/checker/index.js';
import { type Draw, legalHistory } from './model.js';
import { mutate, mutations } from './mutations.js';

/** Mulberry32: 32 bits of state are plenty for a test. */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 32 - 1 }));

function count(events: readonly TraceEvent[], seen: { transitional: number; gaps: number; safe: number }): void {
  let transitional = false;
  let seq = 0n;
  for (const event of events) {
    if (event.kind === 'configuration') {
      transitional = event.configuration === 'transitional';
      if (!transitional) seq = 0n;
    } else if (event.kind === 'deliver') {
      if (event.safe) seen.safe += 1;
      if (transitional) seen.transitional += 1;
      if (transitional && event.seq > seq + 1n) seen.gaps += 1;
      seq = event.seq;
    }
  }
}

describe('histories of the abstract machine', () => {
  it('are legal', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(check(legalHistory(drawFrom(seed))).map(formatViolation)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('exercise what is hard: messages and gaps in transitional configurations, safe messages, restarts', () => {
    const seen = { transitional: 0, gaps: 0, safe: 0, restarts: 0 };
    for (let seed = 0; seed < 100; seed += 1) {
      const { traces } = legalHistory(drawFrom(seed));
      seen.restarts += traces.filter(({ process }) => process.incarnation > 1n).length;
      for (const { events } of traces) count(events, seen);
    }
    expect(seen.transitional).toBeGreaterThan(200);
    expect(seen.gaps).toBeGreaterThan(20);
    expect(seen.safe).toBeGreaterThan(200);
    expect(seen.restarts).toBeGreaterThan(50);
  });

  for (const [name, mutation] of Object.entries(mutations)) {
    it(`are illegal with ${name}`, () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const draw = drawFrom(seed);
          const illegal = mutate(legalHistory(draw), mutation, draw);
          // A history that has no place for the fault counts for nothing, and another is drawn.
          fc.pre(illegal !== undefined);
          const found = check(illegal);
          expect(found.some(({ predicate }) => mutation.predicates.includes(predicate))).toBe(true);
        }),
        { numRuns: 40 },
      );
    });
  }
});
