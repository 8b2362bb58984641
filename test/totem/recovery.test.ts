import { beforeEach, describe, expect, test } from 'vitest';
import type { CommitEntry } from '../../src/totem/boundary.js';
import { toBitmap } from '../../src/totem/obligation.js';
import { commitTokenFor, type Driver, operational, TIMERS } from './driver.js';
import { control, identity, join, member, members, ring } from './values.js';

const NODES = [1, 2, 3];
const elsewhere = ring(8, 96n);

let driver: Driver;
let old: ReturnType<typeof ring>;
let next: ReturnType<typeof ring>;
let handle: number;

/** Another attempt at a ring of the same members; `change` makes the entries of the others. */
function recover(change: (entry: CommitEntry) => CommitEntry = (e) => e, summary = {}): void {
  next = ring(1, next.seq + 4n);
  const arrive = (rotation: number, of: (entry: CommitEntry) => CommitEntry): void => {
    const body = commitTokenFor(2, next, NODES, rotation, of);
    driver.event(control(identity(1), { packet: 'commitToken', body }));
  };
  const theirs = (e: CommitEntry): CommitEntry => change({ ...e, old });
  arrive(0, theirs);
  driver.summarize(summary);
  const mine = driver.sent('commitToken')[0]?.body.entries[1] as CommitEntry;
  arrive(1, (e) => (e.identity.node === 2 ? mine : theirs(e)));
  handle = driver.commands('createRing')[0]?.handle ?? 0;
}

/** Node 2 of a ring of three, in Recovery to the next. */
function recovering(change?: (entry: CommitEntry) => CommitEntry): void {
  driver = operational(2, NODES);
  old = driver.membership.view.ring as typeof old;
  next = old;
  driver.event({ type: 'tokenLoss', handle: 2 });
  recover(change);
}

const sent = (): CommitEntry => driver.sent('commitToken')[0]?.body.entries[1] as CommitEntry;

beforeEach(() => recovering());

describe('at entry of Recovery', () => {
  test('the ring is made before the old one is sealed, recovery begun and the token passed on', () => {
    const types = driver.outputs.flatMap((o) => (o.type === 'command' ? [o.command.type] : []));
    expect(types).toEqual(['createRing', 'seal', 'recoveryBegin', 'control']);
    expect(driver.sent('commitToken')).toMatchObject([{ node: 3, body: { tokenSeq: 4 } }]);
  });

  test('the ring takes the smallest window that was offered', () => {
    recovering((e) => ({ ...e, window: e.identity.node === 3 ? 12 : 99 }));
    expect(driver.commands('createRing')).toMatchObject([
      { ring: next, window: 12, acceleratedWindow: 12, members: [identity(1), identity(2), identity(3)] },
    ]);
  });

  test('everything above the lowest aru of the old ring is copied, whosever old ring it is', () => {
    recovering((e) => (e.identity.node === 3 ? { ...e, old: elsewhere, aru: 1n } : { ...e, aru: 4n }));
    expect(driver.commands('recoveryBegin')).toMatchObject([
      { handle, old: 2, lowAru: 4n, copy: true, oldRingOfMember: [0, 0, 1], oldRings: [old, elsewhere] },
    ]);
  });

  test('the token is repeated until the ring is recovered', () => {
    expect(driver.sent('commitToken', driver.advance(TIMERS.commitResend))).toHaveLength(1);
    driver.event({ type: 'recovered', handle });
    expect(driver.sent('commitToken', driver.advance(1000))).toEqual([]);
  });
});

describe('a recovered ring', () => {
  test('is installed with what its transitional set shares', () => {
    recovering((e) => (e.identity.node === 3 ? { ...e, old: elsewhere } : { ...e, highDelivered: 44n }));
    driver.event({ type: 'recovered', handle });
    expect(driver.commands('install')).toMatchObject([
      { handle, old: 2, highDelivered: 44n, deliverMembers: [1, 2], transitional: [1, 2] },
    ]);
    driver.event({ type: 'installed', handle });
    expect(driver.membership.view).toMatchObject({ state: 'operational', ring: next, candidates: [] });
  });

  test('is installed once, and only under its own handle', () => {
    driver.event({ type: 'recovered', handle: handle + 1 });
    expect(driver.outputs).toEqual([]);
    driver.event({ type: 'recovered', handle });
    driver.event({ type: 'recovered', handle });
    expect(driver.outputs).toEqual([]);
    driver.event({ type: 'installed', handle: 2 });
    expect(driver.state).toBe('recovery');
  });

  test('whose token was lost before the install is given up, though install was on its way', () => {
    driver.event({ type: 'recovered', handle });
    driver.event({ type: 'tokenLoss', handle });
    expect(driver.state).toBe('gather');
    driver.event({ type: 'refused', command: 9, reason: 2 });
    driver.event({ type: 'installed', handle });
    expect(driver.state).toBe('gather');
  });

  test('whose token was lost after the install is left again', () => {
    driver.event({ type: 'recovered', handle });
    driver.event({ type: 'installed', handle });
    driver.event({ type: 'tokenLoss', handle });
    expect(driver.sent('join')[0]?.body.old).toEqual(next);
  });

  test('waits with what others say until the install has its effect', () => {
    driver.event({ type: 'recovered', handle });
    driver.from(3, { packet: 'join', body: join(NODES, { ringSeq: next.seq }) });
    driver.event({ type: 'unreachable', peer: identity(3) });
    driver.event({ type: 'failedToReceive', handle, culprit: 3 });
    expect(driver.outputs).toEqual([]);
    driver.event({ type: 'installed', handle });
    expect(driver.reasons()).toEqual(['recovered', 'node 3 is unreachable']);
    expect(driver.sent('join')[0]?.body.fail).toEqual(members(3));
  });
});

describe('a recovery is given up', () => {
  test.each([
    ['the token is lost', () => driver.event({ type: 'tokenLoss', handle }), []],
    ['a member gathers again', () => driver.from(3, { packet: 'join', body: join(NODES, { ringSeq: next.seq }) }), []],
    ['a member is gone', () => driver.event({ type: 'unreachable', peer: identity(3) }), [3]],
    ['a member leaves', () => driver.from(3, { packet: 'leave', body: { ring: old } }), [3]],
    ['a member receives nothing', () => driver.event({ type: 'failedToReceive', handle, culprit: 3 }), [3]],
  ])('when %s: the ring is frozen, then destroyed', (_, happens, fail) => {
    happens();
    expect(driver.commands('freeze')[0]).toEqual({ type: 'freeze', handle });
    expect(driver.commands('destroy')).toEqual([{ type: 'destroy', handle }]);
    expect(driver.state).toBe('gather');
    expect(driver.sent('join')[0]?.body).toMatchObject({
      old,
      fail: members(...fail),
      rotationCount: fail.length ? 0 : 2,
    });
  });

  test.each([
    ['a Join from before', () => driver.from(3, { packet: 'join', body: join(NODES, { ringSeq: next.seq - 1n }) })],
    ['a stranger', () => driver.from(7, { packet: 'join', body: join([2, 7], { ringSeq: next.seq }) })],
    ['a stranger that is gone', () => driver.event({ type: 'unreachable', peer: identity(7) })],
    ['another ring', () => driver.event({ type: 'tokenLoss', handle: 2 })],
    ['an unknown culprit', () => driver.event({ type: 'failedToReceive', handle, culprit: 9 })],
    ['a copy of the commit token', () => driver.commitToken(next, NODES, 1)],
  ])('not for %s', (_, happens) => {
    happens();
    expect(driver.outputs).toEqual([]);
  });

  test('and never resumed: no handle is used twice', () => {
    const first = handle;
    driver.event({ type: 'tokenLoss', handle });
    recover();
    expect(handle).toBe(first + 1);
    driver.event({ type: 'recovered', handle: first });
    expect(driver.commands('install')).toEqual([]);
  });
});

describe('the obligation of a failed recovery', () => {
  /** Fails the present attempt; the core says whether everything was acknowledged. */
  function failAttempt(receivedFlag: boolean): void {
    driver.event({ type: 'tokenLoss', handle });
    driver.event({
      type: 'summary',
      handle,
      mode: 'frozen',
      receivedFlag,
      aru: 0n,
      high: 0n,
      highDelivered: 0n,
    });
  }

  test('is told in the next entry, with the members of that attempt', () => {
    recovering((e) => (e.identity.node === 3 ? { ...e, old: elsewhere } : e));
    failAttempt(true);
    next = ring(1, next.seq + 4n);
    driver.commitToken(next, NODES, 0);
    driver.summarize();
    expect(sent().receivedFlag).toBe(true);
    expect(sent().deliverMembers).toEqual(toBitmap([1, 2], NODES));
    expect(sent().old).toEqual(old);
  });

  test('is not there when not everything was acknowledged', () => {
    failAttempt(false);
    next = ring(1, next.seq + 4n);
    driver.commitToken(next, NODES, 0);
    driver.summarize();
    expect(sent()).toMatchObject({ receivedFlag: false, deliverMembers: new Uint8Array(16) });
  });

  test('is waited for: no entry is written before it is known', () => {
    driver.event({ type: 'tokenLoss', handle });
    driver.commitToken(ring(1, next.seq + 4n), NODES, 0);
    // The old ring has answered at entry of Gather, and again for the entry.
    const summary = { mode: 'sealed', aru: 9n, high: 9n, highDelivered: 9n } as const;
    for (let i = 0; i < 3; i++) driver.event({ type: 'summary', handle: 2, receivedFlag: false, ...summary });
    expect(driver.sent('commitToken')).toEqual([]);
    driver.event({ type: 'summary', handle, receivedFlag: true, ...summary });
    expect(sent().receivedFlag).toBe(true);
  });

  test('keeps deliver_memb and the highest delivered of its attempt, and copies nothing', () => {
    recovering((e) => ({ ...e, highDelivered: 50n }));
    failAttempt(true);
    recover((e) => ({ ...e, receivedFlag: true, deliverMembers: toBitmap(NODES, NODES), highDelivered: 3n }));
    expect(driver.commands('recoveryBegin')).toMatchObject([{ copy: false }]);
    driver.event({ type: 'recovered', handle });
    expect(driver.commands('install')).toMatchObject([{ highDelivered: 50n, deliverMembers: NODES }]);
  });

  test('is void when one of that attempt did not acknowledge', () => {
    failAttempt(true);
    recover((e) => ({ ...e, highDelivered: 3n }));
    expect(driver.commands('recoveryBegin')).toMatchObject([{ copy: true }]);
    failAttempt(false);
    next = ring(1, next.seq + 4n);
    driver.commitToken(next, NODES, 0);
    driver.summarize();
    expect(sent().receivedFlag).toBe(false);
  });

  test('parts those who are bound differently: each leaves out the other', () => {
    recovering((e) => (e.identity.node === 3 ? { ...e, old: elsewhere } : e));
    failAttempt(true);
    // 1 was in that attempt and acknowledged; 3 now comes from the same old ring and was in none.
    recover((e) => (e.identity.node === 1 ? { ...e, receivedFlag: true, deliverMembers: toBitmap([1, 2], NODES) } : e));
    expect(driver.state).toBe('gather');
    expect(driver.sent('join').at(-1)?.body.fail).toEqual([member(3)]);
  });

  test('ends when a ring is installed', () => {
    failAttempt(true);
    recover((e) => ({ ...e, receivedFlag: true, deliverMembers: toBitmap(NODES, NODES) }));
    driver.event({ type: 'recovered', handle });
    driver.event({ type: 'installed', handle });
    driver.event({ type: 'tokenLoss', handle });
    old = next;
    driver.commitToken(ring(1, next.seq + 4n), NODES, 0);
    driver.summarize();
    expect(sent()).toMatchObject({ receivedFlag: false, old: next });
  });
});

describe('the representative', () => {
  test('starts the token when the commit token has come back twice, once', () => {
    driver = operational(1, NODES);
    driver.event({ type: 'tokenLoss', handle: 2 });
    const { seq } = driver.membership.view.ring as typeof old;
    driver.agree(NODES, { ringSeq: seq });
    driver.summarize();
    const [first] = driver.sent('commitToken');
    const mine = first?.body.entries[0] as CommitEntry;
    const theirs = (e: CommitEntry): CommitEntry => (e.identity.node === 1 ? mine : { ...e, old: elsewhere });
    const made = first?.body.ring as typeof old;
    driver.commitToken(made, NODES, 1, theirs);
    expect(driver.state).toBe('recovery');
    expect(driver.commands('tokenStart')).toEqual([]);
    expect(driver.sent('commitToken')).toMatchObject([{ node: 2, body: { tokenSeq: 3 } }]);
    driver.commitToken(made, NODES, 2, theirs);
    expect(driver.commands('tokenStart')).toHaveLength(1);
    driver.commitToken(made, NODES, 2, theirs);
    expect(driver.outputs).toEqual([]);
    expect(driver.sent('commitToken', driver.advance(1000))).toEqual([]);
  });
});
