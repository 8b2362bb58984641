import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/sim/event-queue.js';
import { Random } from '../../src/sim/random.js';

describe('EventQueue', () => {
  it('runs events in the order of their times, and those of one time in the order of their planning', () => {
    const queue = new EventQueue();
    const random = new Random(1);
    const planned: [number, number][] = [];
    const ran: [number, number][] = [];
    for (let i = 0; i < 500; i++) {
      const time = random.below(40);
      planned.push([time, i]);
      queue.at(time, () => ran.push([queue.now, i]));
    }
    queue.run(100);
    expect(ran).toEqual(planned.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  });

  it('runs what is planned for now while it runs, after what was planned before', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.at(5, () => {
      ran.push('first');
      queue.at(1, () => ran.push('third'));
    });
    queue.at(5, () => ran.push('second'));
    queue.run(5);
    expect(ran).toEqual(['first', 'second', 'third']);
    expect(queue.now).toBe(5);
  });

  it('leaves what comes later for later, and its clock where it was asked to stop', () => {
    const queue = new EventQueue();
    let ran = 0;
    queue.after(10, () => ran++);
    queue.run(9);
    expect([ran, queue.now, queue.size]).toEqual([0, 9, 1]);
    queue.run(10);
    expect([ran, queue.now, queue.size]).toEqual([1, 10, 0]);
  });

  it('stops after the event that says so', () => {
    const queue = new EventQueue();
    let ran = 0;
    queue.at(1, () => {
      ran++;
      queue.stop();
    });
    queue.at(2, () => ran++);
    queue.run(10);
    expect([ran, queue.now]).toEqual([1, 1]);
    queue.run(10);
    expect([ran, queue.now]).toEqual([2, 10]);
  });

  it('refuses a time that is none, and to go round in circles for ever', () => {
    const queue = new EventQueue(100);
    expect(() => queue.at(Number.NaN, () => {})).toThrow(RangeError);
    const again = (): void => queue.after(0, again);
    again();
    expect(() => queue.run(1)).toThrow('more than 100 events');
  });
});
