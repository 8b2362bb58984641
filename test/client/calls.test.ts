import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AisError } from '../../src/ais-error.js';
import { Aborts } from '../../src/client/aborts.js';
import { type Call, Calls, MAX_WAITING_CALLS, type Patience, type Wait } from '../../src/client/calls.js';
import { Deadlines } from '../../src/client/deadlines.js';

/** What calls wait for: open or not; when it opens, who waits is called in order. */
class Gate {
  isOpen = true;
  readonly attempts: (() => boolean)[] = [];
  readonly wait: Wait = (attempt) => {
    this.attempts.push(attempt);
    return () => {
      const index = this.attempts.indexOf(attempt);
      if (index >= 0) this.attempts.splice(index, 1);
    };
  };

  open(): void {
    this.isOpen = true;
    for (let attempt = this.attempts[0]; attempt?.(); attempt = this.attempts[0]) this.attempts.shift();
  }
}

const patient: Patience = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' };
let calls: Calls;
let gate: Gate;
let other: Gate;
let done: string[];
const owner = {};

beforeEach(() => {
  calls = new Calls(new Deadlines(), new Aborts());
  gate = new Gate();
  other = new Gate();
  done = [];
});

function run(name: string, patience: Partial<Patience> = {}, at = gate): Promise<string> {
  const start = (call: Call<string>) => {
    if (!at.isOpen) return at.wait;
    done.push(name);
    call.resolve(name);
    return undefined;
  };
  return calls.run({ operation: name, patience: { ...patient, ...patience }, owner, start });
}

/** Takes effect at once, and is answered when the test says so. */
function runOpen(name: string, patience: Partial<Patience> = {}, hasEffect = true): [Promise<string>, Call<string>] {
  let open!: Call<string>;
  const start = (call: Call<string>) => {
    open = call;
    return undefined;
  };
  const promise = calls.run({ operation: name, patience: { ...patient, ...patience }, owner, start, hasEffect });
  return [promise, open];
}

describe('Order', () => {
  test('Calls that need no waiting take effect at once', async () => {
    expect(await run('a')).toBe('a');
    expect(calls.isBlocked).toBe(false);
  });

  test('While a call waits, those behind it wait too, even if they could go', async () => {
    gate.isOpen = false;
    const both = [run('first'), run('second', {}, other)];
    expect(calls.isBlocked).toBe(true);
    expect(done).toEqual([]);
    gate.open();
    expect(await Promise.all(both)).toEqual(['first', 'second']);
    expect(done).toEqual(['first', 'second']);
  });

  test('When the next call waits for something else, its turn there counts', () => {
    gate.isOpen = false;
    other.isOpen = false;
    void run('first');
    void run('second', {}, other);
    void run('third');
    gate.open();
    expect(done).toEqual(['first']);
    expect(gate.attempts).toEqual([]);
    other.open();
    expect(done).toEqual(['first', 'second', 'third']);
  });

  test('A first call that is refused again keeps its place', () => {
    gate.isOpen = false;
    void run('first');
    expect(gate.attempts).toHaveLength(1);
    expect(gate.attempts[0]!()).toBe(false);
    expect(gate.attempts).toHaveLength(1);
  });
});

describe('Giving up', () => {
  test('A call that times out while it waits had no effect and is skipped', async () => {
    gate.isOpen = false;
    const late = run('late', { timeout: 10 });
    const next = run('next');
    await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'none', operation: 'late' });
    gate.open();
    expect(await next).toBe('next');
    expect(done).toEqual(['next']);
  });

  test('A first call that gives up lets the next go at once if it can', async () => {
    gate.isOpen = false;
    const controller = new AbortController();
    const first = run('first', { signal: controller.signal });
    const second = run('second', {}, other);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(await second).toBe('second');
    expect(gate.attempts).toEqual([]);
  });

  test('With a time-out of 0 a call that needs no waiting succeeds, and any other fails', async () => {
    expect(await run('a', { timeout: 0 })).toBe('a');
    gate.isOpen = false;
    await expect(run('b', { timeout: 0 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'none' });
    await expect(runOpen('c', { timeout: 0 })[0]).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
    expect(calls.isBlocked).toBe(false);
  });

  test("With tryAgain 'throw' a call does not wait, neither for room nor behind another", async () => {
    gate.isOpen = false;
    const impatient = { tryAgain: 'throw' } as const;
    await expect(run('a', impatient)).rejects.toMatchObject({
      code: 'SA_AIS_ERR_TRY_AGAIN',
      number: 6,
      outcome: 'none',
    });
    const first = run('first');
    await expect(run('b', impatient, other)).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
    gate.open();
    await first;
    expect(done).toEqual(['first']);
  });

  test('What became of a call that took effect before its time-out is unknown', async () => {
    const [late, call] = runOpen('late', { timeout: 5 });
    await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'unknown' });
    call.resolve('too late');
  });

  test('An abort rejects with the reason of the signal, at every stage', async () => {
    const reason = { why: 'because' };
    const before = AbortSignal.abort(reason);
    await expect(run('a', { signal: before })).rejects.toBe(reason);
    expect(done).toEqual([]);
    const controller = new AbortController();
    gate.isOpen = false;
    const waiting = run('b', { signal: controller.signal });
    const [open] = [runOpen('c', { signal: controller.signal })[0]];
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(open).rejects.toBe(reason);
  });

  test('A signal has one listener, however many calls it may abort', async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 100; i++) {
      const [promise, call] = runOpen('call', { signal });
      call.resolve('x');
      await promise;
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});

describe('Limits and the end', () => {
  test('Waiting calls have a bound', async () => {
    gate.isOpen = false;
    for (let i = 0; i < MAX_WAITING_CALLS; i++) void run('x');
    await expect(run('one more')).rejects.toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
  });

  test('Calls of one owner can be ended without those of others, and none takes effect because another ends', async () => {
    const [open] = runOpen('open');
    gate.isOpen = false;
    const mine = run('mine');
    const next = run('next', {}, other);
    const theirs = calls.run({
      operation: 'theirs',
      patience: patient,
      owner: {},
      start: (call: Call<string>) => {
        if (!gate.isOpen) return gate.wait;
        call.resolve('theirs');
        return undefined;
      },
    });
    calls.rejectAll((call) => new Error(`${call.settings.operation} ${call.outcome}`), owner);
    await expect(mine).rejects.toThrow('mine none');
    await expect(next).rejects.toThrow('next none');
    await expect(open).rejects.toThrow('open unknown');
    expect(done).toEqual([]);
    gate.open();
    expect(await theirs).toBe('theirs');
  });

  test('Errors have code, number and operation, and say what happened', async () => {
    gate.isOpen = false;
    const error: AisError = await run('evs.mcast', { timeout: 1 }).then(
      () => Promise.reject(new Error('no error')),
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: 'AisError', code: 'SA_AIS_ERR_TIMEOUT', number: 5, operation: 'evs.mcast' });
    expect(error.message).toBe('evs.mcast: not done within 1 ms [SA_AIS_ERR_TIMEOUT]');
  });
});

test('Ten thousands of calls that end together are not given an attempt each', async () => {
  gate.isOpen = false;
  let attempts = 0;
  const controller = new AbortController();
  const start = () => {
    attempts++;
    return gate.wait;
  };
  const all = Array.from({ length: 20_000 }, (_, i) =>
    calls.run({ operation: `${i}`, patience: { ...patient, signal: controller.signal }, owner, start }),
  );
  const last = run('last');
  controller.abort('enough');
  const ends = await Promise.allSettled(all);
  expect(ends.every((end) => end.status === 'rejected' && end.reason === 'enough')).toBe(true);
  expect(attempts).toBe(1);
  expect(calls.isBlocked).toBe(true);
  gate.open();
  expect(await last).toBe('last');
  expect(calls.isBlocked).toBe(false);
});
