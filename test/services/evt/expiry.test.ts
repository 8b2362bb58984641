import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Expiring, Expiry } from '../../../src/services/evt/expiry.js';

test('what is due comes by deadline, what was removed does not, and Infinity never does', () => {
  const deadlines = fc.array(fc.oneof(fc.nat(50), fc.constant(Number.POSITIVE_INFINITY)));
  fc.assert(
    fc.property(deadlines, fc.array(fc.nat(100)), fc.nat(60), (all, removed, time) => {
      const expiry = new Expiry<Expiring>();
      const items = all.map((deadline): Expiring => ({ deadline, isGone: false }));
      for (const item of items) expiry.add(item);
      for (const index of new Set(removed)) if (index < items.length) expiry.remove(items[index]!);
      const left = items.filter(({ isGone }) => !isGone).map(({ deadline }) => deadline);
      expect(expiry.next).toBe(Math.min(Number.POSITIVE_INFINITY, ...left));
      const due: number[] = [];
      for (let item = expiry.takeDue(time); item !== undefined; item = expiry.takeDue(time)) due.push(item.deadline);
      expect(due).toEqual(left.filter((deadline) => deadline <= time).sort((a, b) => a - b));
      expect(expiry.next).toBe(Math.min(Number.POSITIVE_INFINITY, ...left.filter((deadline) => deadline > time)));
    }),
  );
});
