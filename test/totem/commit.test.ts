import { beforeEach, describe, expect, test } from 'vitest';
import type { CommitEntry } from '../../src/totem/boundary.js';
import { commitTokenFor, type Driver, operational, TIMERS } from './driver.js';
import { control, identity, join, members, ring } from './values.js';

/** Node 2 of three that lost their token and agreed again, in Commit to ring (1, next). */
let driver: Driver;
let old: ReturnType<typeof ring>;
const next = () => ring(1, old.seq + 4n);

function committed(more: { receivedFlag?: boolean; aru?: bigint; highDelivered?: bigint } = {}): void {
  driver = operational(2, [1, 2, 3]);
  old = driver.membership.view.ring as typeof old;
  driver.event({ type: 'tokenLoss', handle: 2 });
  arrive(0);
  driver.summarize(more);
}

/** The token of rotation 0 or 1; its other members come from the same old ring. */
function arrive(rotation: number, change: (entry: CommitEntry) => CommitEntry = (e) => e, to = next()): void {
  const body = commitTokenFor(2, to, [1, 2, 3], rotation, (e) => change({ ...e, old }));
  driver.event(control(identity(1), { packet: 'commitToken', body }));
}

const mine = (): CommitEntry => driver.sent('commitToken')[0]?.body.entries[1] as CommitEntry;

beforeEach(() => committed());

describe('a commit token', () => {
  test('waits for a summary of the old ring, and gets an entry of what it holds', () => {
    committed({ aru: 77n, highDelivered: 70n });
    expect(mine()).toMatchObject({
      identity: identity(2),
      filled: true,
      receivedFlag: false,
      old,
      aru: 77n,
      highDelivered: 70n,
      window: 50,
      acceleratedWindow: 20,
      deliverMembers: new Uint8Array(16),
    });
  });

  test('goes to the next member, with the entries of those before', () => {
    expect(driver.sent('commitToken')).toMatchObject([{ node: 3, body: { ring: next(), tokenSeq: 1 } }]);
    expect(driver.sent('commitToken')[0]?.body.entries.map((e) => e.filled)).toEqual([true, true, false]);
  });

  test('is repeated until it comes back, ever more slowly', () => {
    const times: number[] = [];
    for (let passed = 0; passed < 200; passed++) {
      if (driver.sent('commitToken', driver.advance(1)).length > 0) times.push(passed + 1);
    }
    expect(times).toEqual([10, 30, 70, 110, 150, 190]);
  });

  test('that comes twice is answered once', () => {
    arrive(0);
    expect(driver.outputs).toEqual([]);
  });

  test('that comes back with all entries leads to Recovery', () => {
    const own = mine();
    arrive(1, (e) => (e.identity.node === 2 ? own : e));
    expect(driver.state).toBe('recovery');
  });

  test('is refused when it comes back with another entry of mine', () => {
    const own = mine();
    arrive(1, (e) => (e.identity.node === 2 ? { ...own, aru: 99n } : e));
    expect(driver.state).toBe('commit');
  });

  test('is refused when a stranger claims to come from my old ring', () => {
    driver = operational(2, [1, 2]);
    old = driver.membership.view.ring as typeof old;
    driver.event({ type: 'tokenLoss', handle: 2 });
    driver.agree([1, 2, 3], { ringSeq: old.seq });
    arrive(0);
    driver.summarize();
    const own = mine();
    arrive(1, (e) => (e.identity.node === 2 ? own : e));
    expect(driver.state).toBe('commit');
    const elsewhere = ring(3, 4n);
    arrive(1, (e) => (e.identity.node === 2 ? own : { ...e, old: e.identity.node === 3 ? elsewhere : old }));
    expect(driver.state).toBe('recovery');
  });

  test('of a newer attempt of the same members takes the place of this one', () => {
    const newer = { ...next(), seq: next().seq + 4n };
    arrive(0, undefined, newer);
    driver.summarize();
    expect(driver.sent('commitToken')).toMatchObject([{ body: { ring: newer, tokenSeq: 1 } }]);
    arrive(0, undefined, next());
    expect(driver.outputs).toEqual([]);
  });

  test('that does not come back in time is lost', () => {
    driver.advance(TIMERS.commit);
    expect(driver.state).toBe('gather');
    expect(driver.sent('join')[0]?.body).toMatchObject({ rotationCount: 1, ringSeq: next().seq });
  });
});

describe('the disk', () => {
  test('has the sequence before anything that names it leaves', () => {
    driver = operational(2, [1, 2, 3]);
    old = driver.membership.view.ring as typeof old;
    driver.event({ type: 'tokenLoss', handle: 2 });
    const far = ring(1, old.seq + 50_000n);
    arrive(0, undefined, far);
    expect(driver.outputs).toContainEqual({ type: 'persist', ringSeq: far.seq + 1024n });
    driver.summarize();
    expect(driver.sent('commitToken')).toEqual([]);
    driver.step({ type: 'persisted', ringSeq: far.seq + 1024n });
    expect(driver.sent('commitToken')).toMatchObject([{ body: { ring: far } }]);
  });

  test('is waited for by the representative, too', () => {
    driver = operational(1, [1, 2, 3]);
    old = driver.membership.view.ring as typeof old;
    driver.event({ type: 'tokenLoss', handle: 2 });
    const told = old.seq + 50_000n;
    driver.agree([1, 2, 3], { ringSeq: told });
    const mark = driver.outputs.find((output) => output.type === 'persist');
    expect(driver.state).toBe('commit');
    driver.summarize();
    expect(driver.sent('commitToken')).toEqual([]);
    driver.step({ type: 'persisted', ringSeq: mark?.type === 'persist' ? mark.ringSeq : 0n });
    expect(driver.sent('commitToken')).toMatchObject([{ body: { ring: { seq: told + 4n } } }]);
  });
});

describe('in Commit', () => {
  test('no Join is sent', () => {
    expect(driver.sent('join', driver.advance(TIMERS.commit - 1))).toEqual([]);
  });

  test.each([
    ['who knows the ring and gathers again', () => join([1, 2, 3], { ringSeq: next().seq })],
    ['who agreed on other members since', () => join([1, 2, 3, 4], { ringSeq: old.seq })],
  ])('a Join of a member %s ends it', (_, body) => {
    driver.from(3, { packet: 'join', body: body() });
    expect(driver.state).toBe('gather');
    expect(driver.reasons()).toEqual(['node 3 gave up the ring']);
  });

  test.each([
    ['a Join from before', 3, () => join([1, 2, 3], { ringSeq: old.seq })],
    ['a Join of a stranger', 7, () => join([1, 2, 3, 7], { ringSeq: next().seq })],
  ])('%s is ignored', (_, sender, body) => {
    driver.from(sender, { packet: 'join', body: body() });
    expect(driver.outputs).toEqual([]);
  });

  test.each([
    ['unreachable', () => driver.event({ type: 'unreachable', peer: identity(3) })],
    ['leaving', () => driver.from(3, { packet: 'leave', body: { ring: old } })],
  ])('a member that is %s ends it', (_, happens) => {
    happens();
    expect(driver.sent('join')[0]?.body.fail).toEqual(members(3));
  });

  test.each([
    ['unreachable', () => driver.event({ type: 'unreachable', peer: identity(7) })],
    ['leaving', () => driver.from(7, { packet: 'leave', body: { ring: old } })],
    ['announcing', () => driver.from(7, { packet: 'mergeDetect', body: { ring: old, members: [7], heard: [2] } })],
  ])('a stranger that is %s changes nothing', (_, happens) => {
    happens();
    expect(driver.outputs).toEqual([]);
  });

  test('a pause ends it', () => {
    driver.event({ type: 'paused', withoutStepNs: 1_000_000n, withoutTokenNs: 0n });
    expect(driver.state).toBe('commit');
    driver.event({ type: 'paused', withoutStepNs: 900_000_000n, withoutTokenNs: 0n });
    expect(driver.state).toBe('gather');
  });
});
