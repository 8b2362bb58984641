import { beforeEach, describe, expect, test } from 'vitest';
import type { JoinBody } from '../../src/totem/boundary.js';
import { commitTokenFor, Driver, operational, TIMERS } from './driver.js';
import { control, identity, join, member, members, ring } from './values.js';

/** A node that shared a ring with the others and has lost its token. */
let driver: Driver;
let seq: bigint;

function gathering(node: number, nodes: number[] = [1, 2, 3]): void {
  driver = operational(node, nodes);
  seq = driver.membership.view.ring?.seq ?? 0n;
  driver.advance(10);
  driver.event({ type: 'tokenLoss', handle: 2 });
}

beforeEach(() => gathering(1));

const says = (node: number, nodes: number[], more: Partial<JoinBody> = {}): void => {
  driver.from(node, { packet: 'join', body: join(nodes, { ringSeq: seq, ...more }) });
};
const candidates = (): number[] => driver.membership.view.candidates.map(({ node }) => node);

/** Outputs until then, with Joins of these nodes coming in their rhythm. */
function passWithJoins(ms: number, nodes: number[], body: JoinBody): void {
  for (let passed = 0; passed < ms; passed += TIMERS.join) {
    driver.advance(TIMERS.join);
    for (const node of nodes) driver.from(node, { packet: 'join', body });
  }
}

describe('a Join', () => {
  test('is repeated in its rhythm, never two at the same time', () => {
    const times: number[] = [];
    for (let i = 0; i < 150; i++) {
      if (driver.sent('join', driver.advance(1)).length > 0) times.push(driver.now);
    }
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps.length).toBeGreaterThan(2);
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(TIMERS.join - 1);
      expect(gap).toBeLessThanOrEqual(TIMERS.join + TIMERS.joinJitter + 1);
    }
  });

  test('is sent at once when the sets change, and tells the new ones', () => {
    driver.advance(TIMERS.joinGap);
    says(2, [1, 2, 3, 4]);
    expect(driver.sent('join')).toMatchObject([{ body: { proc: members(1, 2, 3, 4) } }]);
  });

  test('is sent at once when all are heard, and says so', () => {
    driver.advance(TIMERS.joinGap);
    says(2, [1, 2, 3], { heard: [] });
    expect(driver.sent('join')).toEqual([]);
    says(3, [1, 2, 3], { heard: [] });
    expect(driver.sent('join')).toMatchObject([{ body: { heard: members(2, 3) } }]);
  });

  test('says that somebody is heard only if it was in this round, and lately', () => {
    says(2, [1, 2, 3], { heard: [] });
    expect(driver.sent('join', driver.advance(TIMERS.join + TIMERS.joinJitter))[0]?.body.heard).toEqual(members(2));
    // The sets change, so the time of agreement begins anew; no word of 2 since.
    passWithJoins(TIMERS.consensus, [3], join([1, 2, 3, 4], { ringSeq: seq, heard: [] }));
    const last = driver.sent('join', driver.advance(TIMERS.join + TIMERS.joinJitter)).at(-1);
    expect(last?.body.heard).toEqual(members(3));
  });

  test('tells no sequence that is not on the disk', () => {
    const known = driver.sent('join', driver.advance(40))[0]?.body.ringSeq ?? 0n;
    says(2, [1, 2, 3, 4], { ringSeq: known + 1_000_000n });
    const before = driver.outputs.find((output) => output.type === 'persist');
    const told = driver.sent('join', driver.advance(60)).at(-1)?.body.ringSeq ?? 0n;
    expect(told).toBeLessThan(known + 2048n);
    expect(before).toMatchObject({ ringSeq: known + 1_000_000n + 1024n });
    driver.step({ type: 'persisted', ringSeq: known + 1_000_000n + 1024n });
    expect(driver.sent('join', driver.advance(60)).at(-1)?.body.ringSeq).toBe(known + 1_000_000n);
  });
});

describe('consensus', () => {
  test('makes the lowest node commit, with a sequence above all that were told', () => {
    says(2, [1, 2, 3], { ringSeq: seq + 50n });
    says(3, [1, 2, 3]);
    expect(driver.state).toBe('commit');
    driver.summarize();
    const [token] = driver.sent('commitToken');
    expect(token).toMatchObject({ node: 2, body: { tokenSeq: 0 } });
    expect(token?.body.ring).toMatchObject({ representative: 1, seq: seq + 54n });
    expect(token?.body.entries.map((entry) => entry.filled)).toEqual([true, false, false]);
  });

  test('makes the others wait for the commit token', () => {
    gathering(2);
    says(1, [1, 2, 3]);
    says(3, [1, 2, 3]);
    expect(driver.state).toBe('gather');
    expect(driver.reasons(driver.advance(TIMERS.commit))).toContain('no commit token came');
  });

  test('is none while one does not say that it hears all', () => {
    says(2, [1, 2, 3]);
    says(3, [1, 2, 3], { heard: members(1) });
    expect(driver.state).toBe('gather');
    says(3, [1, 2, 3], { heard: members(1, 2) });
    expect(driver.state).toBe('commit');
  });

  test('of one is a ring of one', () => {
    driver.advance(TIMERS.consensus);
    expect(driver.state).toBe('commit');
    driver.summarize();
    expect(driver.state).toBe('recovery');
    expect(driver.commands('tokenStart')).toHaveLength(1);
  });
});

describe('a node that does not agree in time', () => {
  test('is left out if it is silent', () => {
    passWithJoins(TIMERS.consensus - TIMERS.join, [2], join([1, 2, 3], { ringSeq: seq }));
    expect(candidates()).toEqual([1, 2, 3]);
    passWithJoins(2 * TIMERS.join, [2], join([1, 2, 3], { ringSeq: seq }));
    expect(candidates()).toEqual([1, 2]);
  });

  test('is probed first', () => {
    driver.advance(TIMERS.consensus / 2 - 1);
    says(2, [1, 2, 3]);
    const [probe] = driver.commands('probe', driver.advance(1));
    expect(probe).toMatchObject({ node: 3, count: 4 });
    const ms = Number(probe?.intervalNs) / 1e6;
    expect(4 * ms).toBeLessThan(TIMERS.consensus / 2);
  });

  test('is waited for while its ring thread answers and its loop is not far behind, but not for ever', () => {
    const from = driver.now;
    while (candidates().includes(3)) {
      driver.advance(TIMERS.join);
      says(2, [1, 2, 3]);
      driver.event({ type: 'pong', peer: identity(3), lagMs: 900, roundTripUs: 100 });
    }
    expect(driver.now - from).toBeGreaterThanOrEqual(TIMERS.patience);
    expect(driver.now - from).toBeLessThan(TIMERS.patience + 2 * TIMERS.consensus);
  });

  test('is left out when its loop is too far behind', () => {
    for (let passed = 0; passed <= TIMERS.consensus; passed += TIMERS.join) {
      driver.advance(TIMERS.join);
      says(2, [1, 2, 3]);
      driver.event({ type: 'pong', peer: identity(3), lagMs: TIMERS.lagMax + 1, roundTripUs: 100 });
    }
    expect(candidates()).toEqual([1, 2]);
  });

  test('is left out when it has a ring that runs', () => {
    for (let passed = 0; passed <= TIMERS.consensus; passed += TIMERS.join) {
      driver.advance(TIMERS.join);
      says(2, [1, 2, 3]);
      driver.event({ type: 'pong', peer: identity(3), lagMs: 0, roundTripUs: 100 });
      driver.from(3, { packet: 'mergeDetect', body: { ring: ring(3, seq + 4n), members: [3], heard: [1] } });
    }
    expect(candidates()).toEqual([1, 2]);
  });

  test('is left out when it speaks and still does not agree', () => {
    // An outsider that fails one of my ring: neither takes the other's view.
    says(4, [1, 2, 3, 4], { fail: members(3), old: ring(4, 8n) });
    for (let passed = 0; passed <= TIMERS.consensus; passed += TIMERS.join) {
      driver.advance(TIMERS.join);
      for (const node of [2, 3]) says(node, [1, 2, 3, 4]);
      says(4, [1, 2, 3, 4], { fail: members(3), old: ring(4, 8n) });
      driver.event({ type: 'pong', peer: identity(4), lagMs: 0, roundTripUs: 100 });
    }
    expect(candidates()).toEqual([1, 2, 3]);
  });
});

describe('members that do not hear each other', () => {
  test('are parted when they had the time to: the clique of this node stays', () => {
    const torn = (): void => {
      says(2, [1, 2, 3], { heard: members(1) });
      says(3, [1, 2, 3], { heard: members(1) });
    };
    for (let passed = 0; passed < TIMERS.consensus; passed += TIMERS.join) {
      driver.advance(TIMERS.join);
      torn();
    }
    driver.advance(TIMERS.join);
    expect(candidates()).toEqual([1, 2]);
  });
});

describe('a node that another hears but this one does not', () => {
  /** As node 3, which hears 2 alone; 2 hears 1 and 3. */
  function apart(heardBy2: number[]): void {
    gathering(3);
    for (let passed = 0; passed <= TIMERS.consensus; passed += TIMERS.join) {
      driver.advance(TIMERS.join);
      says(2, [1, 2, 3], { heard: members(...heardBy2) });
    }
  }

  test('is not simply gone: this one goes alone when it is outside of the best clique', () => {
    apart([1, 3]);
    expect(candidates()).toEqual([3]);
  });

  test('is gone when nobody hears it', () => {
    apart([3]);
    expect(candidates()).toEqual([2, 3]);
  });
});

describe('the rotation rule', () => {
  /** Agrees, and no ring comes of it. */
  function failAttempt(counts: Record<number, number>): void {
    for (const node of [1, 3]) says(node, [1, 2, 3], { rotationCount: counts[node] ?? 0 });
    driver.advance(TIMERS.commit);
  }

  test('fails the member that forwarded least when the same sets have led to no ring twice', () => {
    gathering(2);
    failAttempt({});
    failAttempt({});
    expect(candidates()).toEqual([1, 2, 3]);
    for (const node of [1, 3]) says(node, [1, 2, 3], { rotationCount: node === 1 ? 1 : 0 });
    // This node did not forward either, and comes first.
    expect(candidates()).toEqual([2]);
  });

  test('fails another when it was another', () => {
    for (let i = 0; i < 2; i++) {
      for (const node of [2, 3]) says(node, [1, 2, 3], { rotationCount: node === 2 ? 1 : 0 });
      driver.summarize();
      driver.advance(TIMERS.commit);
    }
    for (const node of [2, 3]) says(node, [1, 2, 3], { rotationCount: node === 2 ? 1 : 0 });
    expect(candidates()).toEqual([1, 2]);
  });
});

describe('in Gather', () => {
  test.each([
    ['is unreachable', () => driver.event({ type: 'unreachable', peer: identity(3) })],
    ['leaves', () => driver.from(3, { packet: 'leave', body: { ring: ring(1, seq) } })],
  ])('a candidate that %s is out', (_, happens) => {
    happens();
    expect(candidates()).toEqual([1, 2]);
    happens();
    expect(candidates()).toEqual([1, 2]);
  });

  test('an announcement of a running ring changes no set', () => {
    driver.from(7, { packet: 'mergeDetect', body: { ring: ring(7, 8n), members: [7], heard: [1, 2, 3] } });
    expect(candidates()).toEqual([1, 2, 3]);
  });

  test('a pause makes a new round: what came before says nothing of now', () => {
    says(2, [1, 2, 3], { heard: [] });
    driver.event({ type: 'paused', withoutStepNs: 229_000_000n, withoutTokenNs: 0n });
    expect(driver.outputs).toEqual([]);
    driver.now += 1;
    driver.event({ type: 'paused', withoutStepNs: 230_000_000n, withoutTokenNs: 0n });
    expect(driver.reasons()).toEqual(['this process was stopped']);
    expect(driver.sent('join')[0]?.body.heard).toEqual([]);
  });

  test('a Join of a candidate in quarantine does not bring it back', () => {
    driver = operational(1, [1, 2, 3]);
    seq = driver.membership.view.ring?.seq ?? 0n;
    driver.event({ type: 'failedToReceive', handle: 2, culprit: 3 });
    says(2, [1, 2, 3, 4]);
    expect(candidates()).toEqual([1, 2, 4]);
  });
});

describe('a commit token', () => {
  const accepted = (body = commitTokenFor(2, ring(1, seq + 4n), [1, 2, 3], 0), sender = 1): boolean => {
    driver.event(control(identity(sender), { packet: 'commitToken', body }));
    return driver.state === 'commit';
  };

  beforeEach(() => gathering(2));

  test('is taken without own consensus, if it lists those whom I propose', () => {
    expect(accepted()).toBe(true);
  });

  test('is not taken for other members', () => {
    expect(accepted(commitTokenFor(2, ring(1, seq + 4n), [1, 2], 0))).toBe(false);
    const restarted = commitTokenFor(2, ring(1, seq + 4n), [1, 2, 3], 0, (entry) => entry);
    const entries = restarted.entries.map((entry, i) => (i === 2 ? { ...entry, identity: identity(3, 2n) } : entry));
    expect(accepted({ ...restarted, entries })).toBe(false);
  });

  test('is not taken when its sequence is not above what I told', () => {
    expect(accepted(commitTokenFor(2, ring(1, seq), [1, 2, 3], 0))).toBe(false);
  });

  test('is not taken in its second rotation', () => {
    expect(accepted(commitTokenFor(2, ring(1, seq + 4n), [1, 2, 3], 1))).toBe(false);
  });

  test('is not taken with a sequence that no ring can have', () => {
    expect(accepted(commitTokenFor(2, ring(1, (1n << 63n) + 4n), [1, 2, 3], 0))).toBe(false);
  });
});

describe('a process that restarted while others gathered', () => {
  test('takes the place of its earlier life', () => {
    says(2, [], { proc: [member(1), member(2), member(3), member(3, 2n)], heard: [] });
    expect(driver.membership.view.candidates).toEqual([member(1), member(2), member(3, 2n)]);
  });
});

describe('many nodes', () => {
  test('do not answer a change all at the same time', () => {
    const delays = new Set<number>();
    for (let seed = 1n; seed <= 20n; seed++) {
      const one = new Driver(1, { seed, timers: { ...TIMERS, joinSpread: 8 } }).boot();
      one.from(7, { packet: 'mergeDetect', body: { ring: ring(7, 8n), members: [7], heard: [1] } });
      const from = one.now;
      const sent = one.advance(10);
      expect(one.sent('join', sent).length).toBeLessThanOrEqual(1);
      delays.add(one.membership.deadline() - from);
    }
    expect(delays.size).toBeGreaterThan(10);
  });
});
