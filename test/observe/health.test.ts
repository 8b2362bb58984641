import { expect, test } from 'vitest';
import { type HealthSources, health, isWell, Pulse } from '../../src/observe/health.js';
import { status } from './measured.js';

const well: HealthSources = { overview: status, isRingThreadMoving: true, hasEnded: false };
const problems = (sources: HealthSources) => {
  const { live, ready } = health(sources);
  return { isLive: isWell(live), not: ready.flatMap(({ name, problem }) => (problem === undefined ? [] : [name])) };
};

test('An executive that is well is alive and ready', () => {
  expect(problems(well)).toEqual({ isLive: true, not: [] });
});

test('What keeps it from being ready is named, and is no reason to start it again', () => {
  const changed = (changes: object) => problems({ ...well, overview: { ...status, ...changes } });
  expect(changed({ state: 'gather' })).toEqual({ isLive: true, not: ['membership'] });
  expect(changed({ configuration: { id: '', members: [] } })).toEqual({ isLive: true, not: ['membership'] });
  expect(changed({ synchronized: false })).toEqual({ isLive: true, not: ['synchronized'] });
  expect(changed({ primary: false })).toEqual({ isLive: true, not: ['primary'] });
  expect(problems({ ...well, hasEnded: true })).toEqual({ isLive: true, not: ['running'] });
});

test('A ring thread that stands still is neither alive nor ready', () => {
  expect(problems({ ...well, isRingThreadMoving: false })).toEqual({ isLive: false, not: ['ring thread'] });
});

test('A pulse is there while the count rises, and for three seconds after', () => {
  const pulse = new Pulse();
  const counts: [number, number, boolean][] = [
    [0, 0, true],
    [1000, 5, true],
    [4000, 5, true],
    [4001, 5, false],
    [9000, 5, false],
    [9001, 6, true],
    [12_001, 6, true],
    [12_002, 6, false],
  ];
  for (const [now, count, isMoving] of counts) expect(pulse.isMoving(now, count), `${now}`).toBe(isMoving);
});
