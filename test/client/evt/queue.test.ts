import { beforeEach, describe, expect, test } from 'vitest';
import { toEvent } from '../../../src/client/evt/event.js';
import { ChannelQueue, SubscriptionQueue } from '../../../src/client/evt/queue.js';
import type { ChannelEvent } from '../../../src/client/evt/types.js';
import { EVENT_AT, encodeEvent } from '../../../src/ipc/evt.js';

const SIZE = 6;
const RESUME = 3;

let queue: ChannelQueue;
let line: SubscriptionQueue;
beforeEach(() => {
  queue = new ChannelQueue(SIZE, RESUME);
  line = new SubscriptionQueue(() => false);
  queue.add(line);
});

function event(text: string, priority = 3): ChannelEvent {
  const publication = { priority, retentionTime: 0, publisherName: '', patterns: [], data: Buffer.from(text) };
  return toEvent(encodeEvent(2000n, 5, publication).subarray(EVENT_AT));
}

function put(texts: string, priority = 3, to = line): void {
  for (const text of texts) queue.put(to, event(text, priority));
}

function take(count: number, from = line): string {
  const taken = Array.from({ length: count }, () => queue.take(from));
  return taken.map((each) => (each === undefined ? '-' : each.lost ? '!' : each.data.toString())).join('');
}

describe('The queue of an open channel', () => {
  test('gives higher priority first, and within a priority in the order of publication', () => {
    put('ab');
    put('cd', 0);
    put('e', 2);
    expect(take(6)).toBe('cdeab-');
  });

  test('says once that events were lost, before all others, and drops what comes while it is full', () => {
    put('abcdef');
    expect(queue.lostCount).toBe(0);
    put('gh');
    expect(queue.lostCount).toBe(2);
    expect(take(8)).toBe('!abcdef-');
  });

  test('takes events again when few enough are left, and not before', () => {
    put('abcdefg');
    expect(take(3)).toBe('!ab');
    put('x');
    expect(take(1)).toBe('c');
    put('y');
    expect(take(5)).toBe('defy-');
    expect(queue.lostCount).toBe(2);
  });

  test('lets a higher priority drive out the newest of the lowest', () => {
    put('ab', 2);
    put('cdef');
    put('x', 0);
    put('y', 2);
    expect(take(8)).toBe('!xabycd-');
    expect(queue.lostCount).toBe(2);
  });

  test('drops what has no lower priority to drive out', () => {
    put('abcdef', 0);
    put('x', 0);
    expect(take(8)).toBe('!abcdef-');
  });

  test('says so again at the next overflow', () => {
    put('abcdefg');
    expect(take(7)).toBe('!abcdef');
    put('abcdefg');
    expect(take(8)).toBe('!abcdef-');
  });

  test('is one for all subscriptions; the newest of any of them is driven out', () => {
    const other = new SubscriptionQueue(() => false);
    queue.add(other);
    put('abc');
    put('def', 3, other);
    put('x', 0);
    expect(take(3, other)).toBe('!de');
    expect(take(5)).toBe('xabc-');
  });

  test('has room again when a subscription goes with what waits for it', () => {
    const other = new SubscriptionQueue(() => false);
    queue.add(other);
    put('abcd', 3, other);
    put('efg');
    queue.remove(other);
    put('h');
    expect(take(5)).toBe('!efh-');
  });

  test('is passed by what somebody waits for, the word of loss included', () => {
    const got: ChannelEvent[] = [];
    const waiting = new SubscriptionQueue((each) => got.push(each) > 0);
    queue.add(waiting);
    put('a', 3, waiting);
    put('bcdefgh');
    expect(got.map(({ lost, data }) => (lost ? '!' : data.toString()))).toEqual(['a', '!']);
    expect(got[1]).toMatchObject({ eventId: 1n, publishTime: 5, priority: 0 });
    expect(take(7)).toBe('bcdefg-');
  });

  test('keeps its order over many takes', () => {
    const big = new ChannelQueue(10_000, 5000);
    big.add(line);
    for (let i = 0; i < 5000; i++) big.put(line, event(String(i)));
    for (let i = 0; i < 5000; i++) expect(big.take(line)?.data.toString()).toBe(String(i));
    expect(big.take(line)).toBeUndefined();
  });
});
