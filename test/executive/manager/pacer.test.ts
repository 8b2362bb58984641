import { describe, expect, test } from 'vitest';
import { CHUNKS_IN_FLIGHT, Pacer } from '../../../src/executive/manager/pacer.js';

function pacing() {
  const timers = new Set<() => void>();
  const scene = { went: 0, timers };
  const clock = {
    now: () => 0,
    after: (_: number, run: () => void) => {
      timers.add(run);
      return () => timers.delete(run);
    },
  };
  return { pacer: new Pacer(clock, () => scene.went++), ...scene, gone: () => scene.went };
}

describe('A sender of state', () => {
  test('that nobody disturbs has so many chunks on the way, and sends the next when one is back', () => {
    const { pacer, gone, timers } = pacing();
    for (let i = 0; i < CHUNKS_IN_FLIGHT; i++) {
      expect(pacer.isOpen).toBe(true);
      pacer.sent();
    }
    expect(pacer.isOpen).toBe(false);
    pacer.returned(1000);
    expect([pacer.isOpen, gone(), timers.size]).toEqual([true, 1, 0]);
  });

  test('waits until those who work have ordered twice as many bytes', () => {
    const { pacer, gone, timers } = pacing();
    pacer.sent();
    pacer.ordered(300);
    pacer.returned(1000);
    expect([pacer.isOpen, gone()]).toEqual([false, 0]);
    pacer.ordered(1699);
    expect(pacer.isOpen).toBe(false);
    pacer.ordered(1);
    expect([pacer.isOpen, gone(), timers.size]).toEqual([true, 1, 0]);
  });

  test('owes for every chunk that came back meanwhile', () => {
    const { pacer } = pacing();
    for (let i = 0; i < 2; i++) pacer.sent();
    pacer.ordered(100);
    pacer.returned(1000);
    pacer.ordered(100);
    pacer.returned(1000);
    pacer.ordered(3799);
    expect(pacer.isOpen).toBe(false);
    pacer.ordered(1);
    expect(pacer.isOpen).toBe(true);
  });

  test('is not held up by those who hardly work', () => {
    const { pacer, gone, timers } = pacing();
    pacer.sent();
    pacer.ordered(1);
    pacer.returned(1000);
    for (const run of timers) run();
    expect([pacer.isOpen, gone(), timers.size]).toEqual([true, 1, 0]);
  });

  test('whose round is over waits for nothing', () => {
    const { pacer, timers } = pacing();
    pacer.sent();
    pacer.ordered(1);
    pacer.returned(1000);
    pacer.end();
    expect(timers.size).toBe(0);
  });
});
