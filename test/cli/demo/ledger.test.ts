import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entry, LedgerError, parseLine, readLedger, repeat } from '../../../src/cli/demo/ledger.js';

async function read(text: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(3 * i, 3 * i + 3));
  for await (const entry of readLedger(Readable.from(chunks), 'ledger')) entries.push(entry);
  return entries;
}

describe('A line', () => {
  test.each([
    ['Alice,12', 'Alice', 1200],
    ['Alice,12.3', 'Alice', 1230],
    ['  Alice  ,  0.01 ', 'Alice', 1],
    ['"Smith, John",1000000000', 'Smith, John', 100_000_000_000],
    ['"the ""bank""",5.00', 'the "bank"', 500],
    ['żółw,7', 'żółw', 700],
  ])('%j is a deposit', (line, account, cents) => {
    expect(parseLine(line, 'f', 2)).toEqual({ account, cents });
  });

  test.each([
    ['Alice', 'expected'],
    ['Alice;12', 'expected'],
    ['Alice,12,13', 'is no number'],
    ['Alice,', 'is no number'],
    ['Alice,-5', 'is no number'],
    ['Alice,1.234', 'is no number'],
    ['Alice,1e5', 'is no number'],
    ['Alice,twelve', 'is no number'],
    ['Alice,0.00', 'nothing'],
    ['Alice,1000000000.01', 'more than'],
    [',5', 'no name'],
    [`${'x'.repeat(65)},5`, 'more than 64 bytes'],
    ['x'.repeat(5000), 'more than 4096 characters'],
  ])('%j is refused with its place: %s', (line, what) => {
    expect(() => parseLine(line, 'file.csv', 17)).toThrow(LedgerError);
    expect(() => parseLine(line, 'file.csv', 17)).toThrow(/^file\.csv:17: /);
    expect(() => parseLine(line, 'file.csv', 17)).toThrow(what);
  });

  test('of any amount in cents is read back to the cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000_000 }), (cents) => {
        const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
        expect(parseLine(`A,${text}`, 'f', 1)?.cents).toBe(cents);
      }),
    );
  });
});

test('A heading, empty lines, carriage returns and a byte order mark are no deposits', async () => {
  expect(await read('\uFEFFAccount,Amount\r\n\r\nA,1\r\n\nB,2')).toEqual([
    { account: 'A', cents: 100 },
    { account: 'B', cents: 200 },
  ]);
  await expect(read('A,1\naccount,amount')).rejects.toThrow('ledger:2: ');
});

test('A bad line is told by its number, after the deposits before it', async () => {
  const entries: Entry[] = [];
  const reading = (async () => {
    for await (const entry of readLedger(Readable.from(['A,1\nB,2\n', 'oops\nC,3']), 'input')) entries.push(entry);
  })();
  await expect(reading).rejects.toThrow("input:3: expected 'account, amount', found 'oops'");
  expect(entries).toHaveLength(2);
});

test('A line without an end is refused before it has been read whole', async () => {
  let chunks = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      chunks++;
      yield Buffer.alloc(1000, 'x');
    }
  }
  await expect(readLedger(endless(), 'input').next()).rejects.toThrow('input:1: a line of more than 4096 characters');
  expect(chunks).toBeLessThan(20);
});

test('What goes wrong with reading is passed on', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield 'A,1\n';
    throw new Error('the disk');
  }
  const entries = readLedger(broken(), 'input');
  expect((await entries.next()).value).toEqual({ account: 'A', cents: 100 });
  await expect(entries.next()).rejects.toThrow('the disk');
});

test('A ledger is repeated whole, until it is enough', async () => {
  let count = 0;
  const day = [1, 2, 3].map((cents) => ({ account: 'A', cents }));
  for await (const _ of repeat(day, () => count >= 4)) count++;
  expect(count).toBe(6);
  for await (const _ of repeat([], () => false)) throw new Error('an entry of nothing');
});
