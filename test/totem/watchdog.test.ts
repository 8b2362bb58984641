import { beforeEach, describe, expect, test } from 'vitest';
import type { Identity } from '../../src/totem/boundary.js';
import { Driver, finishCommit, operational, TIMERS } from './driver.js';
import { identity, ring } from './values.js';

const { hang, look, owed, quarantineMin } = TIMERS;

/** Node 2 in a ring with 1 and 3. */
let driver: Driver;
beforeEach(() => {
  driver = operational(2, [1, 2, 3]);
});

const awaits = (...nodes: number[]) => driver.step({ type: 'awaits', nodes });
const answer = (lagMs: number, peer: Identity = identity(3)) =>
  driver.event({ type: 'pong', peer, lagMs, roundTripUs: 100 });
const failed = () =>
  driver
    .sent('join')
    .at(-1)
    ?.body.fail.map(({ node }) => node);

describe('a member for whose state services wait', () => {
  test('is asked how far behind it is, and is given something to read, until it is not awaited any more', () => {
    awaits(1, 3);
    const outputs = driver.advance(look);
    expect(driver.commands('probe', outputs).map(({ node, count }) => [node, count])).toEqual([
      [1, 1],
      [3, 1],
    ]);
    expect(driver.sent('mergeDetect', outputs)).toMatchObject([
      { node: 1, body: { ring: driver.membership.view.ring, members: [1, 2, 3], heard: [] } },
      { node: 3 },
    ]);
    awaits(3);
    expect(driver.commands('probe', driver.advance(2 * look)).map(({ node }) => node)).toEqual([3, 3]);
    awaits();
    expect(driver.commands('probe', driver.advance(10 * look))).toEqual([]);
  });

  test.each([
    [2, [1], [1, 3]],
    [2, [2], [3]],
    [3, [2], [1, 2]],
  ])('is watched by all, and each watches the next, too: node %i, for %j', (node, nodes, watched) => {
    driver = operational(node, [1, 2, 3]);
    awaits(...nodes);
    expect(driver.commands('probe', driver.advance(look)).map((probe) => probe.node)).toEqual(watched);
    for (const lag of [1, 2]) answer(hang + lag, identity(watched[0]!));
    expect(failed()).toEqual([watched[0]]);
  });

  test('is nobody where this node is alone', () => {
    driver = new Driver(5).boot();
    awaits(5);
    expect(driver.commands('probe', driver.advance(4 * look))).toEqual([]);
  });

  test('is asked in its rhythm however often something comes', () => {
    let probes = 0;
    for (let time = 0; time < 4 * look; time += look / 5) {
      awaits(3);
      probes += driver.commands('probe', driver.advance(look / 5)).length;
    }
    expect(probes).toBe(4);
  });

  test('is not asked while it is quick', () => {
    awaits(1, 3);
    driver.advance(look - 1);
    awaits();
    expect(driver.commands('probe', driver.advance(look))).toEqual([]);
  });

  test('is left out when two answers in a row tell that it hangs, ever longer', () => {
    awaits(3);
    answer(hang + 1);
    expect(driver.state).toBe('operational');
    answer(hang + 2);
    expect(driver.state).toBe('gather');
    expect(failed()).toEqual([3]);
    expect(driver.reasons()).toEqual(['node 3 hangs while services wait']);
  });

  test.each([
    ['is behind, but not for long', [hang - 1, hang]],
    ['has got this far since', [hang, hang + 1]],
    ['has woken up, and tells how long it was gone', [hang + 500, hang + 500, hang + 500]],
    ['gets on', [hang + 1000, hang + 500, 0]],
  ])('stays if it %s', (_, lags) => {
    awaits(3);
    for (const lag of lags) answer(lag);
    expect(driver.state).toBe('operational');
  });

  test('is not taken for another one, nor for another life of its own', () => {
    awaits(3);
    for (const lag of [1, 2, 3]) answer(hang + lag, identity(1));
    expect(driver.state).toBe('operational');
    for (const lag of [1, 2, 3]) answer(hang + lag, identity(3, 2n));
    expect(driver.state).toBe('operational');
  });

  test('is forgotten with its ring: an answer that comes late changes nothing', () => {
    awaits(3);
    answer(hang + 1);
    driver.event({ type: 'tokenLoss', handle: 2 });
    answer(hang + 2);
    expect(driver.sent('join')).toEqual([]);
    expect(driver.membership.view.candidates).toHaveLength(3);
  });

  test('is watched also if that was told just before the ring was known to be installed', () => {
    driver.event({ type: 'tokenLoss', handle: 2 });
    driver.agree([1, 2, 3], { ringSeq: driver.membership.view.ring!.seq });
    const handle = finishCommit(driver, [1, 2, 3]);
    driver.event({ type: 'recovered', handle });
    awaits(3);
    driver.event({ type: 'installed', handle });
    expect(driver.state).toBe('operational');
    expect(driver.commands('probe', driver.advance(look)).map(({ node }) => node)).toEqual([3]);
  });

  test('is kept out for a while', () => {
    awaits(3);
    answer(hang + 1);
    answer(hang + 2);
    const heard = () =>
      driver
        .sent('join', driver.advance(TIMERS.join + TIMERS.joinJitter))
        .at(-1)!
        .body.heard.map(({ node }) => node);
    driver.from(3, { packet: 'mergeDetect', body: { ring: ring(3, 1000n), members: [3], heard: [2] } });
    expect(heard()).toEqual([1]);
    driver.now += quarantineMin;
    driver.from(3, { packet: 'mergeDetect', body: { ring: ring(3, 1000n), members: [3], heard: [2] } });
    expect(heard()).toContain(3);
  });
});

describe('a node that owes others its state', () => {
  const end = () => driver.advance(1000).find(({ type }) => type === 'selfEvict');

  test('leaves when nothing of it is ordered for too long, and tells the others', () => {
    awaits(2);
    driver.advance(owed - 1);
    expect(driver.state).toBe('operational');
    driver.advance(1);
    expect(driver.state).toBe('leaving');
    expect(driver.sent('leave')).toHaveLength(1);
    expect(end()).toEqual({ type: 'selfEvict', reason: 'owedState' });
  });

  test('stays as long as something of it comes, however slowly', () => {
    for (let part = 0; part < 10; part++) {
      awaits(2, 3);
      driver.advance(owed - 1);
    }
    expect(driver.state).toBe('operational');
  });

  test('stays when its part has come, or nothing was to come from it', () => {
    awaits(2);
    driver.advance(owed - 1);
    awaits(1);
    driver.advance(2 * owed);
    expect(driver.state).toBe('operational');
  });

  test('has time again in a new ring', () => {
    awaits(2);
    driver.advance(owed - 1);
    driver.event({ type: 'tokenLoss', handle: 2 });
    driver.advance(2);
    expect(driver.state).toBe('gather');
    awaits(2);
    driver.advance(2 * owed);
    expect(driver.state).not.toMatch(/^le/);
  });
});
