import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines, LONGEST_TIMER_MS } from '../../src/client/deadlines.js';

const DAY = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('Deadlines expire in the order of their times, at their times', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 }), (times) => {
      const deadlines = new Deadlines();
      const start = performance.now();
      const expired: number[] = [];
      for (const ms of times) deadlines.add(ms, () => expired.push(performance.now() - start));
      vi.advanceTimersByTime(1000);
      expect(expired).toEqual(times.toSorted((a, b) => a - b));
      expect(deadlines.size).toBe(0);
    }),
  );
});

test('A deadline that was removed does not expire, and the others do', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean()), { maxLength: 40 }), (entries) => {
      const deadlines = new Deadlines();
      let expired = 0;
      const added = entries.map(([ms]) => deadlines.add(ms, () => expired++));
      for (const [index, [, isKept]] of entries.entries()) if (!isKept) deadlines.remove(added[index]!);
      vi.advanceTimersByTime(100);
      expect(expired).toBe(entries.filter(([, isKept]) => isKept).length);
    }),
  );
});

test('A deadline after 25 days, more than a timer of Node takes, comes after 25 days', () => {
  const deadlines = new Deadlines();
  const expire = vi.fn();
  expect(25 * DAY).toBeGreaterThan(LONGEST_TIMER_MS);
  deadlines.add(25 * DAY, expire);
  vi.advanceTimersByTime(25 * DAY - 1);
  expect(expire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(expire).toHaveBeenCalledOnce();
});

test('A deadline at Infinity takes no timer and never comes', () => {
  const deadlines = new Deadlines();
  const expire = vi.fn();
  const never = deadlines.add(Number.POSITIVE_INFINITY, expire);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100 * DAY);
  deadlines.remove(never);
  expect(expire).not.toHaveBeenCalled();
});

test('There is one timer however many deadlines there are, and none when there are none', () => {
  const deadlines = new Deadlines();
  const all = Array.from({ length: 100 }, (_, i) => deadlines.add(1000 - i, () => {}));
  expect(vi.getTimerCount()).toBe(1);
  for (const deadline of all) deadlines.remove(deadline);
  expect(vi.getTimerCount()).toBe(0);
  deadlines.add(5, () => {});
  deadlines.clear();
  expect(vi.getTimerCount()).toBe(0);
});

test('A deadline may be added while another expires', () => {
  const deadlines = new Deadlines();
  const second = vi.fn();
  deadlines.add(10, () => deadlines.add(10, second));
  vi.advanceTimersByTime(19);
  expect(second).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(second).toHaveBeenCalledOnce();
});
