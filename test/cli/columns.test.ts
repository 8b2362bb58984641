import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns, painted, printable, table, WIDTH, widthOf, wrap } from '../../src/cli/columns.js';

const plain = { out() {}, err() {} };
const widths = (text: string) => text.split('\n').map(widthOf);

test('Rows stand under their headings, numbers to the right', () => {
  expect(
    columns(
      plain,
      ['NAME', 'BYTES'],
      [
        ['a', '5'],
        ['longer', '1024'],
      ],
    ),
  ).toBe(['  NAME    BYTES', '  a           5', '  longer   1024'].join('\n'));
});

test('The widest column gives way, and what is cut ends in an ellipsis', () => {
  const text = columns(plain, ['NAME', 'STATE'], [['x'.repeat(300), 'valid']]);
  expect(Math.max(...widths(text))).toBe(WIDTH);
  expect(text).toMatch(/x… {2}valid$/);
});

test('Whatever is in them, tables keep to 80 columns', () => {
  const anything = fc.string({ unit: 'grapheme', maxLength: 120 });
  fc.assert(
    fc.property(fc.array(fc.tuple(anything, anything, anything), { minLength: 1, maxLength: 4 }), (rows) => {
      expect(Math.max(...widths(columns(plain, ['ONE', 'TWO', 'THREE'], rows)))).toBeLessThanOrEqual(WIDTH);
      const named = rows.map(([, value]) => ['name', value] as const);
      expect(Math.max(...widths(table(named)))).toBeLessThanOrEqual(WIDTH);
    }),
  );
});

test('Whatever comes from a cluster moves no cursor and turns no text', () => {
  expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}d');
  expect(columns(plain, ['NAME'], [['\u001b]0;title\u0007']])).not.toContain('\u001b');
  expect(table([['name', '\u0007']])).not.toContain('\u0007');
});

test('Colors are where the terminal has them, and take no room', () => {
  const rows = [[painted('missing', 'red'), 'x']];
  expect(columns(plain, ['STATE', 'NAME'], rows)).toBe('  STATE    NAME\n  missing  x');
  const colored = columns({ ...plain, hasColors: true }, ['STATE', 'NAME'], rows);
  expect(colored).toBe('  STATE    NAME\n  \u001b[31mmissing\u001b[0m  x');
});

test('Letters of East Asia are two columns wide', () => {
  expect(widthOf('計算機')).toBe(6);
  expect(
    columns(
      plain,
      ['NAME', 'X'],
      [
        ['計算機', 'y'],
        ['ab', 'z'],
      ],
    ),
  ).toBe(['  NAME    X', '  計算機  y', '  ab      z'].join('\n'));
});

test('A long value goes on below its beginning, between words where that can be', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k']);
  expect(wrap('', 4)).toEqual(['']);
  const text = table([['members', Array.from({ length: 128 }, (_, i) => `${2 ** 32 - 1 - i}`).join(', ')]]);
  expect(
    text
      .split('\n')
      .slice(1)
      .every((line) => line.startsWith(' '.repeat(11))),
  ).toBe(true);
});
