import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines, type Timed } from '../../../src/services/ckpt/deadlines.js';

const deadline = fc.oneof(fc.nat(100), fc.constant(Number.POSITIVE_INFINITY));
const step = fc.record({ item: fc.nat(19), deadline, kind: fc.constantFrom('set', 'remove', 'replace', 'due') });

test('What is due comes out, whatever was set, removed and replaced before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const deadlines = new Deadlines<Timed>();
      const items = Array.from({ length: 20 }, (): Timed => ({ deadline: Number.POSITIVE_INFINITY, place: -1 }));
      const expected = new Map<number, number>();
      for (const { item, deadline: at, kind } of steps) {
        if (kind === 'set') {
          deadlines.set(items[item]!, at);
          expected.delete(item);
          if (at !== Number.POSITIVE_INFINITY) expected.set(item, at);
        } else if (kind === 'remove') {
          deadlines.remove(items[item]!);
          expected.delete(item);
        } else if (kind === 'replace') {
          const other = { ...items[item]!, place: -1 };
          deadlines.replace(items[item]!, other);
          items[item] = other;
        } else {
          const due = deadlines.due(at === Number.POSITIVE_INFINITY ? 50 : at).map((each) => items.indexOf(each));
          const over = [...expected].filter(([, time]) => time <= (at === Number.POSITIVE_INFINITY ? 50 : at));
          expect(due.sort()).toEqual(over.map(([index]) => index).sort());
          for (const [index] of over) expected.delete(index);
        }
        expect(deadlines.first).toBe(Math.min(Number.POSITIVE_INFINITY, ...expected.values()));
      }
    }),
  );
});
