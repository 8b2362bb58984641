import { describe, expect, it } from 'vitest';
import { QUIET_LINK } from '../../src/sim/defaults.js';
import { EventQueue } from '../../src/sim/event-queue.js';
import { type LinkQuality, Network } from '../../src/sim/network.js';
import { Random } from '../../src/sim/random.js';

type Answer = 'arrived' | 'overflow' | 'refused' | 'nobody';

function makeNetwork(nodes = 3, quality: Partial<LinkQuality> = {}, bandwidth = 1e9) {
  const queue = new EventQueue();
  const fixed = { median: 1000, p99: 1000, max: 1000 };
  const options = {
    nodes,
    quality: { ...QUIET_LINK, delay: fixed, ...quality },
    bandwidth,
    unicastOnly: false,
    loopback: false,
  };
  const network = new Network(queue, new Random(1), options);
  const arrived: { to: number; from: number; first: number; at: number }[] = [];
  const refusals: [number, number][] = [];
  const answers: Answer[] = Array<Answer>(nodes).fill('arrived');
  for (let node = 0; node < nodes; node++) {
    network.attach(node, {
      arrive: (_socket, from, bytes) => {
        arrived.push({ to: node, from, first: bytes[0]!, at: queue.now });
        return answers[node]!;
      },
      refused: (other) => refusals.push([node, other]),
    });
  }
  const send = (from: number, to: number, first = 0, size = 10): void => {
    const bytes = new Uint8Array(size);
    bytes[0] = first;
    network.send(from, { socket: 'data', to, bytes }, queue.now);
  };
  const run = (): typeof arrived => {
    queue.run(queue.now + 1e9);
    return arrived.splice(0);
  };
  return { queue, network, send, run, refusals, answers };
}

describe('Network', () => {
  it('brings a multicast to all others, and a unicast to one', () => {
    const { send, run } = makeNetwork();
    send(1, -1);
    expect(run().map(({ to }) => to)).toEqual([0, 2]);
    send(1, 2);
    expect(run().map(({ to }) => to)).toEqual([2]);
  });

  it('keeps the order of a link, also when delays vary', () => {
    const { send, run } = makeNetwork(2, { delay: { median: 100_000, p99: 5_000_000, max: 10_000_000 } });
    for (let i = 0; i < 100; i++) send(0, 1, i);
    expect(run().map(({ first }) => first)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('lets held up datagrams be overtaken', () => {
    const { send, run } = makeNetwork(2, { reorder: 0.5, reorderDelay: 1_000_000 });
    for (let i = 0; i < 100; i++) send(0, 1, i);
    const order = run().map(({ first }) => first);
    expect(order).toHaveLength(100);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  });

  it('loses as many as it is told, each receiver for itself', () => {
    const { send, run } = makeNetwork(3, { loss: 0.3 });
    for (let i = 0; i < 1000; i++) send(0, -1);
    const arrived = run();
    const toEach = [1, 2].map((node) => arrived.filter(({ to }) => to === node).length);
    for (const count of toEach) expect(Math.abs(count - 700)).toBeLessThan(60);
    expect(toEach[0]).not.toBe(toEach[1]);
  });

  it('makes copies that come later', () => {
    const { send, run } = makeNetwork(2, { duplicate: 1, copies: 3, reorderDelay: 1_000_000 });
    send(0, 1);
    expect(run()).toHaveLength(4);
  });

  it('cuts one direction, and partitions, until it is healed', () => {
    const { network, send, run } = makeNetwork();
    network.cut(0, 1);
    network.partition([0, 0, 1]);
    send(0, -1);
    send(1, -1);
    expect(run().map(({ from, to }) => [from, to])).toEqual([[1, 0]]);
    expect([network.reaches(0, 1), network.reaches(1, 0), network.reaches(1, 2)]).toEqual([false, true, false]);
    network.heal();
    send(0, -1);
    expect(run()).toHaveLength(2);
  });

  it('drops what is larger than the path takes, and no other', () => {
    const { network, send, run } = makeNetwork(2);
    network.setQuality(0, 1, { pathMtu: 500 });
    send(0, 1, 1, 501);
    send(0, 1, 2, 500);
    expect(run().map(({ first }) => first)).toEqual([2]);
    network.resetQuality();
    send(0, 1, 3, 501);
    expect(run()).toHaveLength(1);
  });

  it('takes as long as the wire needs', () => {
    const { send, run } = makeNetwork(2, {}, 1e6);
    send(0, 1, 0, 934);
    send(0, 1, 0, 934);
    // 1000 bytes on the wire at a megabit take 8 ms.
    expect(run().map(({ at }) => at)).toEqual([8_001_000, 16_001_000]);
  });

  it('tells the sender of a unicast that nobody listens, if the answer finds its way', () => {
    const { network, send, run, refusals, answers } = makeNetwork();
    answers[1] = 'refused';
    send(0, -1);
    run();
    expect(refusals).toEqual([]);
    send(0, 1);
    run();
    expect(refusals).toEqual([[0, 1]]);
    network.cut(1, 0);
    send(0, 1);
    run();
    expect(refusals).toHaveLength(1);
    answers[1] = 'nobody';
    network.heal();
    send(0, 1);
    run();
    expect(refusals).toHaveLength(1);
  });

  it('withholds and records datagrams, and releases them in their order', () => {
    const { network, send, run } = makeNetwork(2);
    network.tap(0, 1, true);
    send(0, 1, 1);
    send(0, 1, 2);
    expect(run()).toEqual([]);
    network.release(0, 1);
    expect(run().map(({ first }) => first)).toEqual([1, 2]);
    network.tap(0, 1, false);
    send(0, 1, 3);
    expect(run()).toHaveLength(1);
    expect(network.release(0, 1)).toBe(1);
    expect(run().map(({ first }) => first)).toEqual([3]);
    send(0, 1, 4);
    expect(run()).toHaveLength(1);
  });

  it('damages datagrams without touching what others get', () => {
    const { queue, network, run } = makeNetwork(3);
    network.setQuality(0, 1, { corrupt: 1 });
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
    const before = bytes.slice();
    for (let i = 0; i < 20; i++) network.send(0, { socket: 'token', to: -1, bytes }, queue.now);
    expect(run()).toHaveLength(40);
    expect(bytes).toEqual(before);
  });
});
