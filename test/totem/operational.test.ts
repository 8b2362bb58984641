import { beforeEach, describe, expect, test } from 'vitest';
import { Driver, operational, TIMERS } from './driver.js';
import { identity, join, member, members, ring } from './values.js';

/** Node 1 in a ring with 2 and 3. */
let driver: Driver;

beforeEach(() => {
  driver = operational(1, [1, 2, 3]);
});

const handle = (): number => 2;
const myRing = () => driver.membership.view.ring ?? ring(0, 0n);
const failed = (): number[] =>
  driver
    .sent('join')
    .at(-1)
    ?.body.fail.map(({ node }) => node) ?? [];

describe('an operational ring', () => {
  test('is left when its token is lost: it is frozen, and a Join goes out at once', () => {
    driver.event({ type: 'tokenLoss', handle: handle() });
    expect(driver.state).toBe('gather');
    expect(driver.commands('freeze')).toMatchObject([{ handle: handle() }]);
    expect(driver.sent('join')).toMatchObject([{ node: 0, body: { proc: members(1, 2, 3), fail: [], old: myRing() } }]);
  });

  test('is not left for the token of another ring', () => {
    driver.event({ type: 'tokenLoss', handle: 1 });
    expect(driver.state).toBe('operational');
  });

  test('leaves out at once whom its host says to be gone', () => {
    driver.event({ type: 'unreachable', peer: identity(3) });
    expect(failed()).toEqual([3]);
  });

  test.each([identity(9), identity(3, 2n)])('does not care who else is gone', (peer) => {
    driver.event({ type: 'unreachable', peer });
    expect(driver.state).toBe('operational');
  });

  test('leaves out at once who leaves, if it means this ring', () => {
    driver.from(3, { packet: 'leave', body: { ring: ring(1, 4n) } });
    driver.from(4, { packet: 'leave', body: { ring: myRing() } });
    expect(driver.state).toBe('operational');
    driver.from(3, { packet: 'leave', body: { ring: myRing() } });
    expect(failed()).toEqual([3]);
  });

  test('takes no commit token', () => {
    driver.commitToken({ ...myRing(), seq: myRing().seq + 4n }, [1, 2, 3], 1);
    expect(driver.outputs).toEqual([]);
  });

  test('is left after a pause in which its token was lost, and not after a shorter one', () => {
    const paused = (withoutTokenMs: number) =>
      driver.event({
        type: 'paused',
        withoutStepNs: 900_000_000n,
        withoutTokenNs: BigInt(withoutTokenMs) * 1_000_000n,
      });
    paused(TIMERS.token - 1);
    expect(driver.state).toBe('operational');
    paused(TIMERS.token);
    expect(driver.state).toBe('gather');
  });

  test('of one node survives any pause', () => {
    const alone = new Driver(5).boot();
    alone.event({ type: 'paused', withoutStepNs: 10_000_000_000n, withoutTokenNs: 10_000_000_000n });
    expect(alone.state).toBe('operational');
  });

  test('is left for good when this application takes nothing', () => {
    driver.event({ type: 'slow', handle: 1 });
    expect(driver.state).toBe('operational');
    driver.event({ type: 'slow', handle: handle() });
    expect(driver.commands('freeze')).toHaveLength(1);
    expect(driver.sent('leave')).toHaveLength(1);
    expect(driver.advance(1000)).toContainEqual({ type: 'selfEvict', reason: 'slowConsumer' });
  });
});

describe('a Join of a member', () => {
  test('always ends the ring, whatever it says', () => {
    driver.from(2, { packet: 'join', body: join([2], { ringSeq: myRing().seq }) });
    expect(driver.state).toBe('gather');
  });

  test('from before the ring is stale', () => {
    driver.from(2, { packet: 'join', body: join([1, 2, 3], { ringSeq: myRing().seq - 1n }) });
    expect(driver.state).toBe('operational');
  });

  test('who fails me fails it', () => {
    driver.from(2, { packet: 'join', body: join([1, 2, 3], { ringSeq: myRing().seq, fail: members(1) }) });
    expect(failed()).toEqual([2]);
  });
});

describe('a member that restarted', () => {
  test('ends the ring with its first word, and its earlier life is out', () => {
    const body = { ring: ring(3, 4n), members: [3], heard: [] };
    driver.from(identity(3, 2n), { packet: 'mergeDetect', body });
    const [sent] = driver.sent('join');
    expect(sent?.body.proc).toEqual([member(1), member(2), member(3, 1n), member(3, 2n)]);
    expect(sent?.body.fail).toEqual([member(3, 1n)]);
  });

  test('is not stale for the low sequence of its Join', () => {
    const body = join([], { ringSeq: 4n, proc: [member(3, 2n)], heard: [] });
    driver.from(identity(3, 2n), { packet: 'join', body });
    expect(driver.state).toBe('gather');
    expect(driver.membership.view.candidates).toContainEqual(member(3, 2n));
  });
});

describe('a member that failed to receive', () => {
  test('is left out, and neither heard nor let in for a while', () => {
    driver.event({ type: 'failedToReceive', handle: handle(), culprit: 3 });
    expect(failed()).toEqual([3]);
    driver.agree([1, 2], { proc: members(1, 2, 3), fail: members(3), ringSeq: myRing().seq });
    const body = { ring: ring(3, 999n), members: [3], heard: [1, 2] };
    driver.from(3, { packet: 'mergeDetect', body });
    driver.now += TIMERS.quarantineMin - 1;
    driver.from(3, { packet: 'join', body: join([1, 2, 3], { ringSeq: myRing().seq }) });
    expect(driver.membership.view.candidates.map(({ node }) => node)).not.toContain(3);
  });

  test('of another ring, or unknown, changes nothing', () => {
    driver.event({ type: 'failedToReceive', handle: 1, culprit: 3 });
    driver.event({ type: 'failedToReceive', handle: handle(), culprit: 9 });
    expect(driver.state).toBe('operational');
  });
});

describe('announcements', () => {
  test('come from the representative, often at first and then in the rhythm of merge', () => {
    const sent = driver.sent('mergeDetect', driver.advance(4000));
    expect(sent[0]?.body).toEqual({ ring: myRing(), members: [1, 2, 3], heard: [] });
    const { merge, mergeJitter, join: first } = TIMERS;
    expect(sent.length).toBeGreaterThanOrEqual(Math.floor(4000 / (merge + mergeJitter)));
    expect(sent.length).toBeLessThanOrEqual(4000 / merge + Math.log2(merge / first) + 1);
  });

  test('come from no other member while nobody else is in reach', () => {
    const other = operational(2, [1, 2, 3]);
    expect(other.sent('mergeDetect', other.advance(4000))).toEqual([]);
  });

  test('of any member tell at once that somebody from outside is heard, and again until it is not', () => {
    const other = operational(2, [1, 2, 3]);
    other.advance(TIMERS.foreign);
    other.from(7, { packet: 'mergeDetect', body: { ring: ring(7, 8n), members: [7], heard: [] } });
    expect(other.sent('mergeDetect')).toMatchObject([{ body: { members: [1, 2, 3], heard: [7] } }]);
    expect(other.sent('mergeDetect', other.advance(TIMERS.foreign - 1)).length).toBeGreaterThan(3);
    expect(other.sent('mergeDetect', other.advance(1000))).toEqual([]);
  });

  test('are not answered one by one when many come in a moment', () => {
    driver.advance(TIMERS.foreign);
    const told = [7, 8, 9].flatMap((node) =>
      driver.sent(
        'mergeDetect',
        driver.from(node, { packet: 'mergeDetect', body: { ring: ring(node, 8n), members: [node], heard: [] } }),
      ),
    );
    expect(told).toHaveLength(1);
    expect(driver.sent('mergeDetect', driver.advance(TIMERS.joinGap))).toMatchObject([{ body: { heard: [7, 8, 9] } }]);
  });
});

describe('a process from outside', () => {
  const hears = (...heard: number[]) => ({ ring: ring(7, 8n), members: [7], heard });
  const memberHears = (node: number, ...heard: number[]): void => {
    driver.from(node, { packet: 'mergeDetect', body: { ring: myRing(), members: [1, 2, 3], heard } });
  };

  test('is let in when it and every member hear each other', () => {
    driver.from(7, { packet: 'mergeDetect', body: hears(1, 2, 3) });
    memberHears(2, 7);
    expect(driver.state).toBe('operational');
    memberHears(3, 7);
    expect(driver.state).toBe('gather');
    expect(driver.membership.view.candidates).toEqual(members(1, 2, 3, 7));
  });

  test('is not let in, however often it asks, when a member does not hear it', () => {
    memberHears(2, 7);
    for (let i = 0; i < 20; i++) {
      driver.advance(TIMERS.merge);
      driver.from(7, { packet: 'mergeDetect', body: hears(1, 2, 3) });
      driver.from(7, { packet: 'join', body: join([1, 7], { old: ring(7, 8n), heard: members(1, 2, 3) }) });
    }
    expect(driver.state).toBe('operational');
  });

  test('is not let in when it does not hear a member', () => {
    memberHears(2, 7);
    memberHears(3, 7);
    driver.from(7, { packet: 'mergeDetect', body: hears(1, 2) });
    expect(driver.state).toBe('operational');
  });

  test('is told that it is heard before the ring is left for it', () => {
    driver.advance(TIMERS.foreign);
    memberHears(2, 7);
    memberHears(3, 7);
    driver.from(7, { packet: 'mergeDetect', body: hears(1, 2, 3) });
    expect(driver.sent('mergeDetect')).toMatchObject([{ body: { heard: [7] } }]);
    expect(driver.sent('join')).toHaveLength(1);
  });

  test('that brings a larger clique is followed, away from members that do not hear it', () => {
    const far = { ring: ring(7, 8n), members: [7, 8, 9] };
    for (let passed = 0; passed < TIMERS.foreign; passed += TIMERS.merge) {
      for (const node of [7, 8, 9]) driver.from(node, { packet: 'mergeDetect', body: { ...far, heard: [1] } });
      expect(driver.state).toBe('operational');
      driver.advance(TIMERS.merge);
    }
    driver.from(7, { packet: 'mergeDetect', body: { ...far, heard: [1] } });
    expect(driver.state).toBe('gather');
  });

  test('does not get this node out of its ring for half of its own', () => {
    // 7 is heard, the rest of its ring is not: it would have to leave them.
    const alone = new Driver(1).boot();
    alone.from(7, { packet: 'mergeDetect', body: { ring: ring(7, 8n), members: [7, 8], heard: [1] } });
    expect(alone.state).toBe('operational');
    alone.from(8, { packet: 'mergeDetect', body: { ring: ring(7, 8n), members: [7, 8], heard: [1] } });
    expect(alone.state).toBe('gather');
  });

  test('that gathers is joined, and its sets are taken', () => {
    memberHears(2, 7);
    memberHears(3, 7);
    driver.from(7, { packet: 'mergeDetect', body: hears(1, 2, 3) });
    const again = operational(1, [1, 2, 3]);
    for (const node of [2, 3]) {
      const body = { ring: again.membership.view.ring ?? ring(0, 0n), members: [1, 2, 3], heard: [7] };
      again.from(node, { packet: 'mergeDetect', body });
    }
    again.from(7, { packet: 'join', body: join([1, 2, 3, 7, 8], { old: ring(7, 8n), fail: members(8) }) });
    expect(again.state).toBe('gather');
    expect(again.sent('join').at(-1)?.body.fail).toEqual(members(8));
  });

  test('that fails me is ignored', () => {
    memberHears(2, 7);
    memberHears(3, 7);
    driver.from(7, { packet: 'join', body: join([1, 2, 3, 7], { old: ring(7, 8n), fail: members(1) }) });
    expect(driver.state).toBe('operational');
  });

  test('with whom it came to nothing has to wait, ever longer, but not if it gathers by itself', () => {
    const alone = new Driver(1).boot();
    const trigger = () => alone.from(7, { packet: 'mergeDetect', body: hears(1) });
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const from = alone.now;
      while (alone.state === 'operational') {
        alone.now += 20;
        trigger();
      }
      pauses.push(alone.now - from);
      // It does not answer: this node is alone again.
      alone.advance(TIMERS.consensus + 1);
      alone.summarize();
      alone.summarize();
      const created = alone.membership.view.state;
      expect(created).toBe('recovery');
      alone.event({ type: 'recovered', handle: 2 + i });
      alone.event({ type: 'installed', handle: 2 + i });
    }
    expect(pauses[2]).toBeGreaterThan(1.5 * (pauses[1] as number));
    trigger();
    expect(alone.state).toBe('operational');
    alone.from(7, { packet: 'join', body: join([1, 7], { old: ring(7, 8n) }) });
    expect(alone.state).toBe('commit');
  });
});

describe('a member that announces another ring', () => {
  test('has left this one, if that ring is newer', () => {
    driver.from(2, { packet: 'mergeDetect', body: { ring: ring(2, 4n), members: [2], heard: [] } });
    expect(driver.state).toBe('operational');
    driver.from(2, { packet: 'mergeDetect', body: { ring: ring(2, myRing().seq + 4n), members: [2], heard: [] } });
    expect(driver.state).toBe('gather');
  });
});
