import { describe, expect, test } from 'vitest';
import { finishCommit, operational, TIMERS } from './driver.js';
import { identity, join } from './values.js';

describe('leaving', () => {
  test('first waits for all that was submitted, then freezes the ring and tells the others three times', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.step({ type: 'leave' });
    expect(driver.commands('drain')).toHaveLength(1);
    expect(driver.state).toBe('operational');
    driver.event({ type: 'drained' });
    expect(driver.state).toBe('leaving');
    expect(driver.commands('freeze')).toHaveLength(1);
    expect(driver.sent('leave')).toHaveLength(1);
    const outputs = driver.advance(3 * TIMERS.leaveRepeat);
    expect(driver.sent('leave', outputs)).toHaveLength(2);
    expect(outputs).toContainEqual({ type: 'left' });
    expect(driver.state).toBe('left');
  });

  test('is asked for once', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.step({ type: 'leave' });
    driver.step({ type: 'leave' });
    expect(driver.outputs).toEqual([]);
  });

  test('does not wait for ever', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.step({ type: 'leave' });
    expect(driver.advance(TIMERS.drain + 100)).toContainEqual({ type: 'left' });
  });

  test('does not follow from a drain that nobody asked for', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.event({ type: 'drained' });
    expect(driver.state).toBe('operational');
  });

  test('goes on over a change of the ring, and lets a recovery end first', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.step({ type: 'leave' });
    const seq = driver.membership.view.ring?.seq ?? 0n;
    driver.event({ type: 'unreachable', peer: identity(3) });
    driver.agree([1, 2], { ringSeq: seq, proc: join([1, 2, 3]).proc, fail: join([3]).proc });
    const handle = finishCommit(driver, [1, 2]);
    driver.event({ type: 'drained' });
    expect(driver.state).toBe('recovery');
    driver.event({ type: 'recovered', handle });
    driver.event({ type: 'installed', handle });
    expect(driver.state).toBe('leaving');
    expect(driver.sent('leave')).toMatchObject([{ body: { ring: driver.membership.view.ring } }]);
  });

  test('takes no part in anything more', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.step({ type: 'leave' });
    driver.event({ type: 'drained' });
    driver.from(2, { packet: 'join', body: join([1, 2, 3], { ringSeq: 1n << 40n }) });
    driver.event({ type: 'tokenLoss', handle: 2 });
    expect(driver.outputs).toEqual([]);
    expect(driver.state).toBe('leaving');
  });
});
