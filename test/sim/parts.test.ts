import { describe, expect, it } from 'vitest';
import { Disk } from '../../src/sim/disk.js';
import { EventQueue } from '../../src/sim/event-queue.js';
import { LocalClock } from '../../src/sim/local-clock.js';
import { checkContent, labelOf, makeContent } from '../../src/sim/message-content.js';
import { Random } from '../../src/sim/random.js';
import { DATAGRAM_CHARGE, ReceiveBuffer } from '../../src/sim/receive-buffer.js';
import { drawDelay, formatTime, MILLISECOND } from '../../src/sim/time.js';

describe('LocalClock', () => {
  it('translates back to the first instant that it shows, whatever its rate', () => {
    for (const rate of [0.9, 0.97, 1, 1.03, 1.1]) {
      const clock = new LocalClock({ origin: 123_456_789, rate, wallOrigin: 0 });
      for (const time of [0, 1, 7, 999_999_937, 86_400e9]) {
        const back = clock.trueTime(clock.local(time));
        expect(back).toBeLessThanOrEqual(time);
        expect(clock.local(back)).toBe(clock.local(time));
      }
    }
  });

  it('never shows a time that it was not asked for too early', () => {
    const clock = new LocalClock({ origin: 5, rate: 0.93, wallOrigin: 0 });
    for (let local = 5; local < 500; local++) expect(clock.local(clock.trueTime(local))).toBeGreaterThanOrEqual(local);
    expect(clock.trueTime(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('ReceiveBuffer', () => {
  const datagram = (size: number) => ({ from: 0, bytes: new Uint8Array(size) });

  it('drops what does not fit, counts it, and has room again after reading', () => {
    const buffer = new ReceiveBuffer(2 * (100 + DATAGRAM_CHARGE));
    expect([buffer.push(datagram(100)), buffer.push(datagram(100)), buffer.push(datagram(1))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(buffer.overflows).toBe(1);
    expect(buffer.shift()?.bytes.length).toBe(100);
    expect(buffer.push(datagram(100))).toBe(true);
  });

  it('takes one datagram of any size if it is empty', () => {
    expect(new ReceiveBuffer(10).push(datagram(5000))).toBe(true);
  });

  it('gives datagrams in the order in which they came, through many of them', () => {
    const buffer = new ReceiveBuffer(Number.POSITIVE_INFINITY);
    let read = 0;
    for (let i = 0; i < 5000; i++) {
      buffer.push({ from: i, bytes: new Uint8Array(1) });
      if (i % 3 !== 0) expect(buffer.shift()?.from).toBe(read++);
    }
    while (buffer.length > 0) expect(buffer.shift()?.from).toBe(read++);
    expect(read).toBe(5000);
    expect(buffer.shift()).toBeUndefined();
  });
});

describe('Disk', () => {
  const make = () => {
    const queue = new EventQueue();
    const delay = { median: MILLISECOND, p99: MILLISECOND, max: MILLISECOND };
    return { queue, disk: new Disk(queue, new Random(1), delay, { ringSeq: 0n, incarnation: 0n }) };
  };

  it('holds a write only once it is synced, and says so then', () => {
    const { queue, disk } = make();
    let done = 0;
    disk.write({ ringSeq: 7n }, () => done++);
    queue.run(MILLISECOND - 1);
    expect([disk.state.ringSeq, done]).toEqual([0n, 0]);
    queue.run(MILLISECOND);
    expect([disk.state.ringSeq, done]).toEqual([7n, 1]);
  });

  it('loses unsynced writes when the power goes, and calls nobody back', () => {
    const { queue, disk } = make();
    let done = 0;
    disk.write({ ringSeq: 7n }, () => done++);
    disk.crash(true);
    queue.run(1e9);
    expect([disk.state.ringSeq, done]).toEqual([0n, 0]);
  });

  it('keeps some prefix of the unsynced writes otherwise', () => {
    const seen = new Set<bigint>();
    for (let seed = 0; seed < 50; seed++) {
      const queue = new EventQueue();
      const delay = { median: 1, p99: 1, max: 1 };
      const disk = new Disk(queue, new Random(seed), delay, { ringSeq: 0n, incarnation: 0n });
      disk.write({ ringSeq: 1n }, () => {});
      disk.write({ ringSeq: 2n }, () => {});
      disk.crash(false);
      seen.add(disk.state.ringSeq);
    }
    expect([...seen].toSorted()).toEqual([0n, 1n, 2n]);
  });

  it('goes back one write when an old copy is restored', () => {
    const { disk } = make();
    disk.writeSync({ incarnation: 5n });
    disk.writeSync({ incarnation: 9n });
    disk.restoreOlder();
    expect(disk.state.incarnation).toBe(5n);
  });
});

describe('message contents', () => {
  it('tell whether they are whole', () => {
    for (const size of [9, 100, 70_000, 1 << 20]) {
      const content = makeContent({ sender: 3, counter: 77, size });
      expect(content.length).toBe(size);
      expect(checkContent(content)).toBeUndefined();
      expect(checkContent(content.subarray(0, size - 1))).toBeDefined();
    }
    const altered = makeContent({ sender: 3, counter: 77, size: 50 });
    altered[30]! ^= 1;
    expect(checkContent(altered)).toContain('altered');
  });

  it('differ for each message, and say who sent it', () => {
    const labels = [1, 2].flatMap((sender) =>
      [0, 1].map((counter) => labelOf(makeContent({ sender, counter, size: 20 }))),
    );
    expect(new Set(labels).size).toBe(4);
    expect(labels.map((label) => label >> 48n)).toEqual([1n, 1n, 2n, 2n]);
  });
});

describe('delays', () => {
  it('have the median and the tail that they were given, and no more than the maximum', () => {
    const random = new Random(9);
    const delay = { median: 100, p99: 10_000, max: 40_000 };
    const drawn = Array.from({ length: 20_000 }, () => drawDelay(random, delay)).sort((a, b) => a - b);
    expect(Math.abs(drawn[10_000]! - 100)).toBeLessThan(10);
    expect(Math.abs(drawn[19_800]! - 10_000)).toBeLessThan(2500);
    expect(drawn.at(-1)).toBeLessThanOrEqual(40_000);
  });

  it('are printed in a fixed width', () => {
    expect(formatTime(1_234_567_890)).toBe('  1.234567890');
    expect(formatTime(123_000_000_001)).toHaveLength(13);
  });
});
