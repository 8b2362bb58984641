import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppliedSet } from '../../../src/cli/demo/applied-set.js';
import { Books } from '../../../src/cli/demo/books.js';
import {
  decodeAsker,
  decodeBooks,
  decodeDeposit,
  decodeSettle,
  encodeBooks,
  encodeDeposit,
  encodeSettle,
} from '../../../src/cli/demo/messages.js';
import { balances, holdings, money } from '../../../src/cli/demo/table.js';

const deposit = fc.record({
  id: fc.nat(100),
  account: fc.constantFrom('A', 'B', 'C'),
  cents: fc.integer({ min: 1, max: 10_000 }),
  branches: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b)),
});

function fill(deposits: readonly { id: number; account: string; cents: number; branches: number[] }[]): Books {
  const books = new Books();
  for (const { id, account, cents, branches } of deposits) books.deposit(id, account, cents, branches);
  return books;
}

describe('Books', () => {
  test('split a deposit evenly, to the cent', () => {
    fc.assert(
      fc.property(deposit, ({ account, cents, branches }) => {
        const books = fill([{ id: 0, account, cents, branches }]);
        const shares = [...books.accounts.get(account)!.values()];
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(cents);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('of equal deposits in equal order are equal, and survive being sent', () => {
    fc.assert(
      fc.property(fc.array(deposit, { maxLength: 50 }), (deposits) => {
        const books = fill(deposits);
        const message = encodeBooks(3, { books, quorums: [[1, 2]] });
        const sent = decodeBooks(message);
        expect(fill(deposits).hash()).toBe(books.hash());
        expect(sent.books.hash()).toBe(books.hash());
        expect([sent.books.total, sent.books.deposits]).toEqual([books.total, books.deposits]);
        expect([decodeAsker(message), sent.quorums]).toEqual([3, [[1, 2]]]);
      }),
    );
  });

  test('that differ by a cent have another hash', () => {
    const one = { id: 1, account: 'A', cents: 100, branches: [1, 2] };
    const hashes = [
      one,
      { ...one, cents: 101 },
      { ...one, id: 2 },
      { ...one, account: 'B' },
      { ...one, branches: [1] },
    ];
    expect(new Set(hashes.map((each) => fill([each]).hash())).size).toBe(5);
  });

  test('apply a deposit once', () => {
    const books = new Books();
    expect(books.deposit(3, 'A', 100, [1])).toBe(true);
    expect(books.deposit(3, 'A', 100, [1])).toBe(false);
    expect([books.total, books.deposits]).toEqual([100, 1]);
  });
});

test('A set of applied numbers knows each, whatever their order, and is small when they are dense', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200)), (numbers) => {
      const set = new AppliedSet();
      const plain = new Set<number>();
      for (const number of numbers) {
        expect(set.add(number)).toBe(!plain.has(number));
        plain.add(number);
      }
      for (let number = 0; number <= 200; number++) expect(set.has(number)).toBe(plain.has(number));
      expect(set.size).toBe(plain.size);
    }),
  );
  const dense = new AppliedSet();
  for (let number = 999; number >= 0; number--) dense.add(number);
  expect([dense.floor, dense.beyond]).toEqual([1000, []]);
});

test('Messages are read as they were written', () => {
  const large = { id: 2 ** 47, account: 'żółw', cents: 100_000_000_000 };
  expect(decodeDeposit(encodeDeposit(large))).toEqual(large);
  expect(decodeSettle(encodeSettle(0xffff_ffff))).toBe(0xffff_ffff);
});

describe('The table', () => {
  test.each([
    [0, '0.00'],
    [5, '0.05'],
    [123_456_789, '1,234,567.89'],
  ])('writes %d cents as %s', (cents, text) => expect(money(cents)).toBe(text));

  test('shows the balances of every processor side by side, and what differs', () => {
    const report = (cents: number, hash: string) => ({
      accounts: [{ account: 'A', holdings: [[1, cents] as const, [2, 1] as const] }],
      deposits: 1,
      total: cents + 1,
      hash: hash.repeat(12),
      messages: 1,
      seconds: 1,
    });
    const lines = balances(
      new Map([
        [1, report(99, 'a')],
        [3, report(98, 'b')],
      ]),
    );
    expect(lines).toEqual([
      'account           on 1          on 3',
      'A                 1.00          0.99',
      'total             1.00          0.99',
      'deposits             1             1',
      'hash      aaaaaaaaaaaa  bbbbbbbbbbbb',
    ]);
    expect([...holdings(report(99, 'a'))]).toEqual([
      [1, 99],
      [2, 1],
    ]);
  });

  test('of many accounts shows the first and says how many more there are', () => {
    const accounts = Array.from({ length: 20 }, (_, i) => ({ account: `a${i}`, holdings: [[1, 1] as const] }));
    const report = { accounts, deposits: 20, total: 20, hash: 'x'.repeat(64), messages: 20, seconds: 1 };
    const lines = balances(new Map([[1, report]]));
    expect(lines).toHaveLength(1 + 16 + 1 + 3);
    expect(lines[17]).toBe('… and 4 more accounts');
  });
});
