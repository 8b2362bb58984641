import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BATCHES_IN_HAND, type Batch, batches, Dealer } from '../../../src/cli/demo/dealer.js';
import type { Entry } from '../../../src/cli/demo/ledger.js';

async function* entries(count: number): AsyncGenerator<Entry> {
  for (let i = 0; i < count; i++) yield { account: 'A', cents: i + 1 };
}

const now = Promise.resolve();

async function cut(count: number, size: number): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches(entries(count), now, size)) all.push(batch);
  return all;
}

/** A dealer whose branches hold what they are given. */
function deal(count: number, size: number, release: Promise<unknown> = now) {
  const given: [number, Batch][] = [];
  const dealer = new Dealer(batches(entries(count), release, size), (branch, batch) => given.push([branch, batch]));
  return { dealer, given };
}

describe('Batches', () => {
  test('have numbers of their own and deposits numbered through, none left out', async () => {
    const all = await cut(25, 10);
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(all.map(({ deposits }) => deposits.length)).toEqual([10, 10, 3, 2]);
    expect(all.flatMap(({ deposits }) => deposits.map(({ id }) => id))).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
    expect(await cut(0, 10)).toEqual([]);
    expect(await cut(1, 10)).toHaveLength(1);
    expect(await cut(20, 10)).toHaveLength(2);
  });

  test('The second half of the last one waits for its release', async () => {
    let release: () => void = () => {};
    const source = batches(entries(4), new Promise<void>((resolve) => (release = resolve)), 10);
    expect((await source.next()).value.deposits).toHaveLength(2);
    let isThere = false;
    const next = source.next().then((result) => {
      isThere = true;
      return result;
    });
    await turn();
    expect(isThere).toBe(false);
    release();
    expect((await next).value.deposits).toHaveLength(2);
  });
});

describe('A dealer', () => {
  test('gives every branch as much as it may have in hand, and no more', async () => {
    const { dealer, given } = deal(1000, 10);
    void dealer.run();
    dealer.open(1);
    dealer.open(2);
    await turn();
    expect(given.filter(([branch]) => branch === 1)).toHaveLength(BATCHES_IN_HAND);
    expect(given.filter(([branch]) => branch === 2)).toHaveLength(BATCHES_IN_HAND);
    dealer.answer(1, given.find(([branch]) => branch === 1)![1].number, true);
    await turn();
    expect(given).toHaveLength(2 * BATCHES_IN_HAND + 1);
    expect(dealer.settled).toBe(1);
  });

  test('is done when everything is settled, and has counted each deposit once', async () => {
    const { dealer, given } = deal(95, 10);
    const running = dealer.run();
    dealer.open(1);
    for (let answered = 0; answered < 11; ) {
      await turn();
      for (; answered < given.length; answered++) dealer.answer(1, given[answered]![1].number, true);
    }
    await running;
    expect([dealer.deposits, dealer.cents, dealer.settled]).toEqual([95, (95 * 96) / 2, 11]);
  });

  test('gives what a dead branch had in hand to the others, with the same numbers', async () => {
    const { dealer, given } = deal(40, 10);
    const running = dealer.run();
    dealer.open(1);
    await turn();
    expect(given.map(([branch]) => branch)).toEqual([1, 1, 1, 1]);
    dealer.answer(1, 1, true);
    dealer.close(1);
    dealer.open(2);
    await turn();
    const again = given.slice(4);
    expect(again.map(([branch, { number }]) => [branch, number])).toEqual([
      [2, 2],
      [2, 3],
      [2, 4],
    ]);
    expect(again.map(([, { deposits }]) => deposits[0]!.id)).toEqual([10, 20, 30]);
    for (const [, { number }] of again) dealer.answer(2, number, true);
    await running;
    expect(dealer.deposits).toBe(40);
  });

  test('gives a batch again that a branch could not settle', async () => {
    const { dealer, given } = deal(10, 10);
    const running = dealer.run();
    dealer.open(1);
    await turn();
    dealer.answer(1, 1, false);
    await turn();
    expect(given).toHaveLength(2);
    dealer.answer(1, 1, true);
    await running;
  });

  test('does not take the word of one who has nothing in hand', async () => {
    const { dealer, given } = deal(10, 10);
    void dealer.run();
    dealer.open(1);
    await turn();
    dealer.close(1);
    dealer.answer(1, given[0]![1].number, true);
    dealer.answer(7, 1, true);
    expect(dealer.settled).toBe(0);
    expect(dealer.isIdle).toBe(false);
  });

  test('gives again what was returned while the source has nothing yet', async () => {
    const { dealer, given } = deal(4, 10, new Promise(() => {}));
    void dealer.run();
    dealer.open(1);
    await turn();
    dealer.close(1);
    dealer.open(2);
    await turn();
    expect(given.map(([branch]) => branch)).toEqual([1, 2]);
  });

  test('passes on what goes wrong with the source', async () => {
    async function* broken(): AsyncGenerator<Entry> {
      yield { account: 'A', cents: 1 };
      throw new Error('line 2');
    }
    const dealer = new Dealer(batches(broken(), now, 1), () => {});
    dealer.open(1);
    await expect(dealer.run()).rejects.toThrow('line 2');
  });
});
