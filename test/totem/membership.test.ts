import { describe, expect, test } from 'vitest';
import { Driver, operational, TIMERS } from './driver.js';
import { control, identity, join, ring } from './values.js';

describe('boot', () => {
  test('makes a ring of this node alone once its sequence is on the disk', () => {
    const driver = new Driver(3, { ringSeq: 5000n });
    expect(driver.step({ type: 'boot' })).toEqual([{ type: 'persist', ringSeq: 6028n }]);
    expect(driver.state).toBe('boot');
    const outputs = driver.step({ type: 'persisted', ringSeq: 6028n });
    const [create] = driver.commands('createRing', outputs);
    expect(create).toMatchObject({ handle: 1, ring: { representative: 3, seq: 5004n }, members: [identity(3)] });
    expect(driver.commands('install')).toMatchObject([{ handle: 1, old: 0, transitional: [] }]);
  });

  test('ends in Operational, announces itself at once and does not form itself again', () => {
    const driver = new Driver(3).boot();
    expect(driver.state).toBe('operational');
    expect(driver.sent('mergeDetect')).toMatchObject([{ node: 0, body: { members: [3], heard: [] } }]);
    driver.advance(5000);
    expect(driver.commands('createRing')).toEqual([]);
    expect(driver.membership.view).toMatchObject({ state: 'operational', members: [identity(3)], candidates: [] });
  });

  test('ignores the word that another ring was installed', () => {
    const driver = new Driver(3);
    driver.step({ type: 'boot' });
    driver.event({ type: 'installed', handle: 9 });
    expect(driver.state).toBe('boot');
  });

  test('gives the same outputs for the same inputs, and another nonce for another seed', () => {
    const nonce = (seed: bigint): number | undefined => new Driver(1, { seed }).boot().membership.view.ring?.nonce;
    expect(nonce(1n)).toBe(nonce(1n));
    expect(nonce(1n)).not.toBe(nonce(2n));
  });
});

describe('a late tick', () => {
  test('waits for what others sent meanwhile, once', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.event({ type: 'tokenLoss', handle: 2 });
    expect(driver.state).toBe('gather');
    // Stopped for a second: the time of agreement has passed, but nothing was read.
    driver.now += 1000;
    driver.step({ type: 'tick' });
    expect(driver.membership.view.candidates).toHaveLength(3);
    driver.advance(TIMERS.join - 1);
    expect(driver.membership.view.candidates).toHaveLength(3);
    driver.advance(TIMERS.consensus + 1);
    expect(driver.membership.view.candidates).toEqual([{ node: 1, incarnation: 1n }]);
  });

  test('fires when the one before was late already: a loop that is always late goes on', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.event({ type: 'tokenLoss', handle: 2 });
    for (let i = 0; i < 4; i++) {
      driver.now = driver.membership.deadline() + 500;
      driver.step({ type: 'tick' });
    }
    expect(driver.membership.view.candidates).toEqual([{ node: 1, incarnation: 1n }]);
  });
});

describe('time', () => {
  test('that falls is taken as standing still', () => {
    const driver = new Driver(1).boot();
    const before = driver.membership.deadline();
    driver.now -= 500;
    driver.step({ type: 'tick' });
    expect(driver.membership.deadline()).toBe(before);
  });
});

describe('packets of an earlier life', () => {
  test('are dropped when a later one is known', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.from(identity(7, 5n), { packet: 'mergeDetect', body: { ring: ring(7, 4n), members: [7], heard: [] } });
    const body = { ring: ring(7, 4n), members: [7], heard: [1, 2, 3] };
    driver.from(identity(7, 4n), { packet: 'mergeDetect', body });
    expect(driver.outputs).toEqual([]);
  });
});

describe('a process that speaks another version', () => {
  const foreign = { ring: ring(7, 8n), members: [7], heard: [1] };

  test.each([
    ['newer', { versionMin: 2, versionMax: 3 }],
    ['older', { versionMin: 0, versionMax: 0 }],
  ])('alone, a %s one, is as if unheard from its first Join on', (_, versions) => {
    const driver = new Driver(1).boot();
    driver.from(7, { packet: 'join', body: join([1, 7], { old: foreign.ring, ...versions }) });
    driver.from(7, { packet: 'mergeDetect', body: foreign });
    driver.advance(60_000);
    driver.from(7, { packet: 'mergeDetect', body: foreign });
    expect(driver.state).toBe('operational');
  });

  test('besides mine is let in', () => {
    const driver = new Driver(1).boot();
    driver.from(7, { packet: 'join', body: join([1, 7], { old: foreign.ring, versionMin: 0, versionMax: 9 }) });
    expect(driver.state).not.toBe('operational');
  });

  test('is not waited for by those who gather, though its ring thread answers', () => {
    const driver = new Driver(1).boot();
    driver.from(7, { packet: 'mergeDetect', body: foreign });
    expect(driver.state).toBe('gather');
    const body = join([1, 7], { old: foreign.ring, versionMin: 2, versionMax: 2 });
    for (let passed = 0; passed < TIMERS.consensus; passed += TIMERS.join) {
      driver.from(7, { packet: 'join', body });
      driver.event({ type: 'pong', peer: identity(7), lagMs: 0, roundTripUs: 9 });
      driver.advance(TIMERS.join);
    }
    expect(driver.membership.view.candidates).toHaveLength(1);
  });
});

describe('another process that knows a later life of this node', () => {
  test('ends this one, naming the incarnation to exceed', () => {
    const driver = operational(1, [1, 2, 3]);
    driver.event({ type: 'stale', peer: identity(2), highest: 77n });
    expect(driver.state).toBe('leaving');
    driver.event({ type: 'stale', peer: identity(3), highest: 77n });
    const outputs = driver.advance(1000);
    expect(outputs).toContainEqual({ type: 'selfEvict', reason: 'staleIncarnation', highest: 77n });
    expect(outputs.filter((output) => output.type === 'left')).toEqual([]);
    expect(driver.state).toBe('left');
  });
});

describe('the end', () => {
  test('takes no more input', () => {
    const driver = new Driver(1);
    driver.step({ type: 'leave' });
    expect(driver.outputs).toContainEqual({ type: 'left' });
    expect(driver.state).toBe('left');
    driver.step({ type: 'leave' });
    driver.event(control(identity(2), { packet: 'join', body: join([1, 2]) }));
    driver.event({ type: 'stale', peer: identity(2), highest: 77n });
    driver.step({ type: 'tick' });
    expect(driver.outputs).toEqual([]);
    expect(driver.membership.deadline()).toBe(Number.POSITIVE_INFINITY);
  });
});
