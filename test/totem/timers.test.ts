import { describe, expect, test } from 'vitest';
import { engineTimers, makeTimers, TimerError, type TimerName } from '../../src/totem/timers.js';

describe('the table of timers', () => {
  test.each([
    [1, 210, 140],
    [3, 230, 160],
    [8, 280, 210],
    [128, 1480, 1410],
  ])('gives %i nodes on a local network %i ms for a token and %i for agreement', (nodes, token, consensus) => {
    const timers = makeTimers({ nodes });
    expect(timers).toMatchObject({ token, consensus, join: 25, merge: 200 });
    expect(timers.hold).toBeCloseTo(0.15 * token);
    expect(timers.failToReceive).toBe(Math.max(1000, 2 * token));
  });

  test.each(['lan', 'slow', 'fast'] as const)('holds for every number of nodes with the profile %s', (profile) => {
    for (let nodes = 1; nodes <= 128; nodes++) expect(() => makeTimers({ nodes, profile })).not.toThrow();
  });

  test('leaves out who is silent within 120 ms with the fast profile', () => {
    const { token, consensus } = makeTimers({ nodes: 8, profile: 'fast' });
    expect(token + consensus).toBeLessThan(120);
  });

  test('has the proportions of a slow network in the other profile', () => {
    expect(makeTimers({ nodes: 16, profile: 'slow' })).toMatchObject({ token: 12_100, consensus: 14_520, join: 50 });
  });

  test('waits for a loop that hangs as long as totem 6.3 says, and for one that runs longer than others may take to be found out', () => {
    expect(makeTimers({ nodes: 8 })).toMatchObject({ hang: 5000, look: 500, owed: 30_000 });
    expect(makeTimers({ nodes: 128 })).toMatchObject({ hang: 14_800, owed: 30_000 });
    expect(makeTimers({ nodes: 8, profile: 'slow' })).toMatchObject({ hang: 69_000, owed: 138_000 });
  });

  test('lets what follows from a timer follow when it is set', () => {
    const timers = makeTimers({ nodes: 3, set: { token: 1000 } });
    expect(timers).toMatchObject({ token: 1000, hold: 150, idleRetransmit: 300, pause: 500, failToReceive: 2000 });
    expect(timers.commit).toBe(1030);
  });

  test.each<[TimerName, number, string]>([
    ['hold', 40, 'hold (40) must be at most half of the repetition of an idle token (34.5)'],
    ['consensus', 129, 'consensus (129) must be at least 4 x join + 30 (130)'],
    ['idleRetransmit', 100, 'more than twice before it counts as lost (token 230)'],
    ['retransmitMin', 47, 'retransmitMin (47) must not exceed retransmitMax (46)'],
    ['silence', 230, 'silence (230) must be below token (230)'],
    ['pause', 231, 'pause (231) must not exceed token (230)'],
    ['failToReceive', 459, 'failToReceive (459) must be at least 2 x token (460)'],
    ['commitResend', 100, 'commit (260) must be at least 4 x commitResend (400)'],
    ['merge', 20, 'merge (20) must be at least join (25)'],
    ['join', Number.NaN, 'join (NaN) must be a time in milliseconds'],
    ['join', -1, 'join (-1) must be a time in milliseconds'],
  ])('refuses %s of %s and says what it must be', (name, value, text) => {
    expect(() => makeTimers({ nodes: 3, set: { [name]: value } })).toThrow(text);
  });

  test('names every relation that does not hold', () => {
    try {
      makeTimers({ nodes: 3, set: { merge: 20, pause: 500 } });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TimerError);
      expect((error as TimerError).problems).toHaveLength(2);
    }
  });

  test.each([0, 129, 2.5])('refuses %s nodes', (nodes) => {
    expect(() => makeTimers({ nodes })).toThrow('must be 1 to 128');
  });

  test('gives the core its share in whole nanoseconds', () => {
    const engine = engineTimers(makeTimers({ nodes: 3 }));
    expect(engine).toEqual({
      tokenLoss: 230e6,
      hold: 34.5e6,
      idleRetransmit: 69e6,
      retransmitMin: 4e5,
      retransmitMax: 46e6,
      failToReceive: 1000e6,
      slowConsumer: 15_000e6,
      pause: 115e6,
      silence: 40e6,
    });
  });
});
