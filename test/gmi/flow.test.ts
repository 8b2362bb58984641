import { expect, test } from 'vitest';
import { Flow } from '../../src/gmi/flow.js';

const RECOVERY = 0;
const MEDIUM = 2;
const LOW = 3;

test('A priority is open until its queue refuses, whatever the others do', () => {
  const flow = new Flow();
  expect(flow.isOpen(MEDIUM)).toBe(true);
  flow.refuse(MEDIUM);
  expect(flow.isOpen(MEDIUM)).toBe(false);
  expect(flow.isOpen(LOW)).toBe(true);
  flow.room(1 << LOW);
  expect(flow.isOpen(MEDIUM)).toBe(false);
  flow.room(1 << MEDIUM);
  expect(flow.isOpen(MEDIUM)).toBe(true);
});

test('Who waits is served in order, and nobody passes by while somebody waits', () => {
  const flow = new Flow();
  const served: string[] = [];
  flow.refuse(MEDIUM);
  for (const name of ['first', 'second']) {
    flow.wait(MEDIUM, () => {
      expect(flow.isOpen(MEDIUM)).toBe(true);
      served.push(name);
      return true;
    });
  }
  expect(flow.isOpen(MEDIUM)).toBe(false);
  flow.room(1 << MEDIUM);
  expect(served).toEqual(['first', 'second']);
  flow.wait(MEDIUM, () => true);
  expect(flow.isRefused(MEDIUM)).toBe(false);
  expect(flow.isOpen(MEDIUM)).toBe(false);
  flow.room(1 << MEDIUM);
  expect(flow.isOpen(MEDIUM)).toBe(true);
});

test('One that is refused again keeps its place, and those behind it are not called', () => {
  const flow = new Flow();
  const calls: string[] = [];
  let isRefusing = true;
  flow.wait(MEDIUM, () => {
    calls.push('large');
    if (isRefusing) flow.refuse(MEDIUM);
    return !isRefusing;
  });
  flow.wait(MEDIUM, () => {
    calls.push('small');
    return true;
  });
  flow.room(1 << MEDIUM);
  expect(calls).toEqual(['large']);
  isRefusing = false;
  flow.room(1 << MEDIUM);
  expect(calls).toEqual(['large', 'large', 'small']);
});

test('One that had its turn and is refused for its next message goes behind the others', () => {
  const flow = new Flow();
  const calls: string[] = [];
  const again = () => {
    calls.push('a2');
    return true;
  };
  flow.wait(MEDIUM, () => {
    calls.push('a1');
    flow.refuse(MEDIUM);
    flow.wait(MEDIUM, again);
    return true;
  });
  flow.wait(MEDIUM, () => {
    calls.push('b');
    return true;
  });
  flow.room(1 << MEDIUM);
  expect(calls).toEqual(['a1']);
  flow.room(1 << MEDIUM);
  expect(calls).toEqual(['a1', 'b', 'a2']);
});

test('An attempt that throws leaves the queue as it is: nobody is let in ahead of it', () => {
  const flow = new Flow();
  let isFailing = true;
  let served = 0;
  flow.wait(MEDIUM, () => {
    if (isFailing) throw new TypeError('bug');
    served++;
    return true;
  });
  expect(() => flow.room(1 << MEDIUM)).toThrow(TypeError);
  expect(flow.isOpen(MEDIUM)).toBe(false);
  isFailing = false;
  flow.room(1 << MEDIUM);
  expect([served, flow.isOpen(MEDIUM)]).toEqual([1, true]);
});

test('Who gives up waiting is not called, and lets the others through', () => {
  const flow = new Flow();
  const never = () => {
    throw new Error('called');
  };
  flow.wait(MEDIUM, never);
  flow.cancel(MEDIUM, never);
  flow.cancel(MEDIUM, never);
  expect(flow.isOpen(MEDIUM)).toBe(true);
  flow.room(1 << MEDIUM);
});

test('Once it is closed nobody is let in but synchronisation, whatever room there is', () => {
  const flow = new Flow();
  const served: string[] = [];
  flow.refuse(MEDIUM);
  flow.wait(MEDIUM, () => served.push('message') > 0);
  flow.refuse(RECOVERY);
  flow.wait(RECOVERY, () => served.push('state') > 0);
  flow.close();
  flow.room(0b1111);
  expect(served).toEqual(['state']);
  expect([RECOVERY, MEDIUM, LOW].map((priority) => flow.isOpen(priority))).toEqual([true, false, false]);
});
