import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../src/config/parse.js';
import { ConfigError, closest, problemsShown } from '../../src/config/problem.js';

test('The word that was meant differs in a third of its letters at most', () => {
  expect(closest('mcastprot', ['mcastaddr', 'mcastport'])).toBe('mcastport');
  expect(closest('TTL', ['ttl'])).toBe('ttl');
  expect(closest('logfile', ['keyfile', 'token'])).toBeUndefined();
  expect(closest('x'.repeat(1000), ['token'])).toBeUndefined();
});

test('A message shows a bounded number of problems and counts the rest', () => {
  const problems = Array.from({ length: 25 }, (_, index) => ({ place: { path: `p${index}` }, message: 'wrong' }));
  const lines = new ConfigError({ name: 'config' }, problems).message.split('\n');
  expect(lines).toHaveLength(problemsShown + 1);
  expect(lines.at(-1)).toBe('and 5 more');
});

test('No text makes the parser throw, and each problem stands inside the text', () => {
  const alphabet = fc.constantFrom(...'ab{}:# \t\n');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: alphabet })), (text) => {
      const { lines, problems } = parse(text);
      for (const { place } of problems) {
        expect(place.line).toBeLessThanOrEqual(lines.length);
        expect(place.column! + place.length! - 1).toBeLessThanOrEqual(lines[place.line! - 1]!.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('What was written is what is read', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
  const value = fc.stringMatching(/^[a-zA-Z0-9/.:_-]{1,20}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 }), (pairs) => {
      const body = pairs.map(([key, text]) => `  ${key}: ${text}  # note`).join('\r\n');
      const { tree, problems } = parse(`one {\r\n${body}\r\n  two { deep: x }\r\n}`);
      expect(problems).toEqual([]);
      const [one] = tree.root.sections;
      expect(one!.entries.map(({ key, value: text }) => [key, text])).toEqual(pairs);
      expect(one!.sections[0]!.entries[0]).toMatchObject({ key: 'deep', value: 'x' });
    }),
  );
});
