/** A short soak, and what its judge makes of what it is shown: `npm run soak` runs for as long as one likes. */

import { describe, expect, test } from 'vitest';
import { testbedProblem } from '../../bench/testbed.mjs';
import { Judge } from '../soak/judge.mjs';
import { disagreements, type Logs, readLog } from '../soak/logs.mjs';
import { soak } from '../soak/soak.mjs';

const problem = testbedProblem();
if (problem !== undefined) process.stderr.write(`no soak: ${problem}\n`);

describe.skipIf(problem !== undefined)('While executives are killed, stopped and cut off, nothing is lost', () => {
  test.each([true, false])('with quorum: %s', async (quorum) => {
    const told: string[] = [];
    const options = { seconds: 5, nodes: 3, clients: 6, faultEvery: 0.6, quorum, keep: 0, seed: 5 };
    const { violations, folder, writes, starts } = await soak(options, (what) => told.push(what));
    expect(violations, `${told.join('\n')}\nlogs: ${folder}`).toEqual([]);
    expect(writes).toBeGreaterThan(100);
    expect(starts).toBeGreaterThanOrEqual(3);
  });
});

const time = (at: number) => new Date(at).toISOString();
const start = (at: number) => JSON.stringify({ time: time(at), level: 'info', message: 'executive starts' });

function commit(at: number, configuration: string, members: readonly number[]): string {
  return JSON.stringify({ time: time(at), level: 'info', message: 'synchronized', configuration, members });
}

function loss(at: number, taken: readonly number[], lost: readonly (readonly number[])[]): string {
  const message = 'a merge gave up changes of a checkpoint';
  return JSON.stringify({ time: time(at), level: 'info', message, checkpoint: 'x', taken, lost });
}

function logsOf(lines: Record<number, readonly string[]>): Logs {
  const logs: Logs = { lives: [], complaints: [] };
  for (const [node, text] of Object.entries(lines)) readLog(Number(node), [...text], logs);
  return logs;
}

/** Node 3 was alone from 2000 to 3000; nodes 1 and 2 were together. */
const parted = (verdict: readonly string[]) =>
  logsOf({
    1: [
      start(0),
      commit(1000, 'abc', [1, 2, 3]),
      commit(2000, 'ab', [1, 2]),
      ...verdict,
      commit(3000, 'all', [1, 2, 3]),
    ],
    2: [
      start(0),
      commit(1000, 'abc', [1, 2, 3]),
      commit(2000, 'ab', [1, 2]),
      ...verdict,
      commit(3000, 'all', [1, 2, 3]),
    ],
    3: [start(0), commit(1000, 'abc', [1, 2, 3]), commit(2000, 'c', [3]), ...verdict, commit(3000, 'all', [1, 2, 3])],
  });

describe('The judge', () => {
  test('excuses what was acknowledged in a component whose state a merge gave up', () => {
    const judge = new Judge(parted([loss(3000, [1, 2], [[3]])]).lives);
    const inParts = { start: 2400, end: 2410 };
    expect(judge.fate(3, inParts, 'x')).toMatchObject({
      isLost: true,
      why: expect.stringContaining('of 1, 2 was taken'),
    });
    expect(judge.fate(3, inParts, 'y')).toEqual({ isLost: false });
    expect(judge.fate(1, inParts, 'x')).toEqual({ isLost: false });
    expect(judge.excuseOfRead(3, inParts, 3500, 'x')).toBeDefined();
    expect(judge.excuseOfRead(3, { start: 500, end: 510 }, 900, 'x')).toBeUndefined();
  });

  test('excuses nothing that all had before they parted, or that nothing was given up of', () => {
    expect(new Judge(parted([loss(3000, [1, 2], [[3]])]).lives).fate(3, { start: 1200, end: 1210 }, 'x')).toEqual({
      isLost: false,
    });
    expect(new Judge(parted([]).lives).fate(3, { start: 2400, end: 2410 }, 'x')).toEqual({ isLost: false });
  });

  test('excuses what all who had it took with them when they were killed', () => {
    const { lives } = logsOf({
      1: [start(0), commit(1000, 'ab', [1, 2]), commit(2000, 'a', [1]), start(3000), commit(4000, 'new', [1, 2])],
      2: [start(0), commit(1000, 'ab', [1, 2]), commit(2000, 'b', [2]), commit(4000, 'new', [1, 2])],
    });
    const judge = new Judge(lives);
    expect(judge.fate(1, { start: 2400, end: 2410 }, 'x')).toMatchObject({ isLost: true });
    expect(judge.fate(1, { start: 1200, end: 1210 }, 'x')).toEqual({ isLost: false });
  });

  test('sees executives that decide differently, and warnings', () => {
    const logs = logsOf({
      1: [start(0), loss(1000, [1], [[2]]), commit(1000, 'ab', [1, 2])],
      2: [start(0), commit(1000, 'ab', [1, 2]), 'half a li'],
    });
    expect(disagreements(logs)).toHaveLength(1);
    const warned = JSON.stringify({ time: time(5), level: 'warn', message: 'a malformed message', what: 'x' });
    expect(logsOf({ 1: [start(0), warned] }).complaints).toHaveLength(1);
  });
});
