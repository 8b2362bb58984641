import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/native/commands.js';
import { createRingCore, PENDING, type RingCore, walkSends } from '../../src/native/ring-core.js';
import type { DeliveredConfiguration, RingId } from '../../src/totem/boundary.js';
import type { Message } from './support/core-side.js';
import { Cores, coreOptions, identityOf } from './support/cores.js';

const bootRing = (node: number): RingId => ({ representative: node, nonce: 0x100 + node, seq: 4n });
const none: RingId = { representative: 0, nonce: 0, seq: 0n };
const text = (value: string) => Uint8Array.from(Buffer.from(value));

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

function cores(count: number, changes: Parameters<typeof coreOptions>[0] = {}): Cores {
  const options = Array.from({ length: count }, (_, index) => coreOptions({ ...changes, self: identityOf(index + 1) }));
  const made = new Cores(options);
  opened.push(made);
  return made;
}

function core(changes: Parameters<typeof coreOptions>[0] = {}): RingCore {
  const made = createRingCore(coreOptions(changes), 0);
  opened.push(made);
  return made;
}

/** Every node boots into a ring of itself, with handle 1. */
function boot(all: Cores): void {
  for (const [index] of all.nodes.entries()) {
    const node = index + 1;
    const members = [identityOf(node)];
    all.command(node, {
      type: 'createRing',
      handle: 1,
      ring: bootRing(node),
      window: 64,
      acceleratedWindow: 0,
      members,
    });
    const nobody = { highDelivered: 0n, deliverMembers: [], transitional: [] };
    all.command(node, { type: 'install', handle: 1, old: 0, ...nobody });
  }
}

/** From rings of one to one ring of all, with handle 2, as membership would do it. */
function merge(all: Cores): RingId {
  const nodes = all.nodes.map((_, index) => index + 1);
  const ring = { representative: 1, nonce: 0xabcdef, seq: 8n };
  for (const node of nodes) {
    const body = { ring: bootRing(node), members: [node], heard: [] };
    all.command(node, { type: 'control', node: 0, packet: 'mergeDetect', body });
  }
  all.advance(20);
  all.commandAll({ type: 'freeze', handle: 1 });
  const members = nodes.map(identityOf);
  all.commandAll({ type: 'createRing', handle: 2, ring, window: 64, acceleratedWindow: 0, members });
  all.commandAll({ type: 'seal', handle: 1 });
  const oldRings = nodes.map(bootRing);
  const oldRingOfMember = nodes.map((_, index) => index);
  all.commandAll({ type: 'recoveryBegin', handle: 2, old: 1, lowAru: 0n, copy: false, oldRingOfMember, oldRings });
  all.command(1, { type: 'tokenStart', handle: 2 });
  all.advance(5);
  for (const node of nodes) {
    const own = { highDelivered: 0n, deliverMembers: [node], transitional: [node] };
    all.command(node, { type: 'install', handle: 2, old: 1, ...own });
  }
  all.advance(5);
  return ring;
}

const messagesOf = (delivered: readonly (Message | DeliveredConfiguration)[]) =>
  delivered.filter((each): each is Message => 'bytes' in each);

describe('RingCore', () => {
  it('is a ring of one after boot, and delivers to itself what it sends', () => {
    const all = cores(1);
    boot(all);
    const [{ core, delivered, events }] = all.nodes as [Cores['nodes'][0]];
    expect(events).toEqual([{ type: 'installed', handle: 1 }]);
    expect(core.submit(3, 1, 9n, null, text('deposit 100'))).toBe(true);
    core.submitted(all.now);
    all.settle();
    const seq = messagesOf(delivered)[0]!.seq;
    expect(delivered).toEqual([
      { kind: 'regular', ring: bootRing(1), old: none, members: [identityOf(1)] },
      { sender: 1, priority: 3, flags: 3, ordinal: 0, seq, bytes: text('deposit 100') },
    ]);
    expect(events).toContainEqual({ type: 'placed', ticket: 9n, seq });
  });

  it.each(['none', 'aes256gcm', 'chacha20poly1305'] as const)(
    'forms a ring of three that delivers in one order everywhere (%s)',
    (cipher) => {
      const key = new Uint8Array(128).fill(7);
      const protection = cipher === 'none' ? { cipher } : { cipher, key, clusterName: 'bank' };
      const all = cores(3, { protection });
      boot(all);
      const ring = merge(all);
      for (let i = 0; i < 50; i++) {
        for (const [index, { core }] of all.nodes.entries()) {
          const message = text(`${index + 1}.${i} ${'x'.repeat(40 * i)}`);
          expect(core.submit(1 + (i % 3), i % 2, 0n, null, message)).toBe(true);
          core.submitted(all.now);
        }
        all.settle();
      }
      all.advance(100);
      const [first, ...others] = all.nodes.map(({ delivered }) =>
        messagesOf(delivered).map(({ sender, seq, ordinal, bytes }) => `${sender} ${seq} ${ordinal} ${bytes}`),
      );
      expect(first).toHaveLength(150);
      for (const other of others) expect(other).toEqual(first);
      for (const { delivered } of all.nodes) {
        const changes = delivered.filter((each) => 'kind' in each);
        expect(changes.map(({ kind }) => kind)).toEqual(['regular', 'transitional', 'regular']);
        expect(changes.at(-1)).toMatchObject({ ring, members: [1, 2, 3].map(identityOf) });
      }
      expect(all.nodes[0]!.core.stats()).toMatchObject({ messagesOriginated: 50, messagesDelivered: 150 });
    },
  );

  it('does the same again for the same input, byte by byte', () => {
    const run = () => {
      const all = cores(2);
      boot(all);
      merge(all);
      for (const { core } of all.nodes) core.submit(3, 0, 0n, null, text('once more'));
      all.advance(50);
      return all.nodes.map(({ delivered, trace, core }) => ({ delivered, trace, stats: core.stats() }));
    };
    expect(run()).toEqual(run());
  });

  it('takes nothing of a cluster with another key or another name, and says why', () => {
    const key = new Uint8Array(128).fill(0x5a);
    const strangers = [
      { cipher: 'aes256gcm', key: new Uint8Array(128), clusterName: 'bank' },
      { cipher: 'aes256gcm', key, clusterName: 'bank2' },
      { cipher: 'chacha20poly1305', key, clusterName: 'bank' },
    ] as const;
    for (const protection of strangers) {
      const all = new Cores([coreOptions(), coreOptions({ self: identityOf(2), protection })]);
      opened.push(all);
      boot(all);
      const body = { ring: bootRing(2), members: [2], heard: [] };
      all.command(2, { type: 'control', node: 0, packet: 'mergeDetect', body });
      expect(all.nodes[0]!.core.stats().dropped).toMatchObject({ notAuthentic: 1 });
      expect(all.nodes[0]!.events.map(({ type }) => type)).toEqual(['installed']);
    }
  });

  it('leaves the bytes of a datagram as they are', () => {
    const [sender, receiver] = [core({ self: identityOf(2) }), core()];
    sender.command(0, encodeCommand({ type: 'control', node: 0, packet: 'leave', body: { ring: bootRing(2) } }));
    const sends = sender.takeSends()!;
    const before = sends.slice();
    let count = 0;
    walkSends(sends, (socket, multicast, _port, links, datagram) => {
      expect({ socket, multicast, links }).toEqual({ socket: 0, multicast: true, links: 1 });
      receiver.receive(0, socket, 0, 2, datagram);
      count++;
    });
    expect(count).toBe(1);
    expect(sends).toEqual(before);
    expect(receiver.stats().packetsReceived).toBe(1);
  });

  it('originates a message in the ring that it is meant for, or not at all', () => {
    const all = cores(1);
    boot(all);
    const { core, events, delivered } = all.nodes[0]!;
    const id = (ring: RingId) => {
      const bytes = new Uint8Array(16);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, ring.representative, true);
      view.setUint32(4, ring.nonce, true);
      view.setBigUint64(8, ring.seq, true);
      return bytes;
    };
    core.submit(3, 0, 1n, id(bootRing(2)), text('elsewhere'));
    core.submit(3, 0, 2n, id(bootRing(1)), text('here'));
    core.submitted(all.now);
    all.settle();
    expect(messagesOf(delivered).map(({ bytes }) => bytes)).toEqual([text('here')]);
    expect(events).toContainEqual({ type: 'placed', ticket: 1n, seq: 0n });
  });

  it('gives deliveries in portions, but at least one', () => {
    const all = cores(1, { trace: false });
    boot(all);
    const { core } = all.nodes[0]!;
    for (let i = 0; i < 10; i++) core.submit(3, 0, 0n, null, new Uint8Array(100));
    core.submitted(all.now);
    core.deliver(all.now);
    const size = 8 + 16 + 104;
    expect(core.takeDeliveries(0)).toHaveLength(size);
    expect(core.takeDeliveries(3 * size + 8)).toHaveLength(3 * size);
    expect(core.takeDeliveries(2 ** 40)).toHaveLength(6 * size);
    expect(core.takeDeliveries(2 ** 40)).toBeNull();
    expect(core.takeTrace()).toBeNull();
  });

  it('accepts until a queue is full, and tells when there is room again', () => {
    const all = cores(1, { submitBytes: 4096 });
    boot(all);
    const { core, events } = all.nodes[0]!;
    let accepted = 0;
    while (core.submit(2, 0, 0n, null, new Uint8Array(1000))) accepted++;
    expect(accepted).toBe(3);
    expect(core.submit(3, 0, 0n, null, text('another priority'))).toBe(true);
    core.submitted(all.now);
    all.settle();
    expect(events).toContainEqual({ type: 'room', mask: 0b0100 });
    expect(core.submit(2, 0, 0n, null, new Uint8Array(1000))).toBe(true);
  });

  it('says in one number what there is to take', () => {
    const idle = core({ trace: false });
    expect(idle.pending()).toBe(0);
    expect(idle.deadline()).toBe(Number.POSITIVE_INFINITY);
    const none = [idle.takeSends(), idle.takeEvents(), idle.takeDeliveries(100), idle.takeTrace()];
    expect(none).toEqual([null, null, null, null]);
    idle.command(0, encodeCommand({ type: 'freeze', handle: 1 }));
    expect(idle.pending()).toBe(PENDING.events);
    idle.command(0, encodeCommand({ type: 'control', node: 0, packet: 'leave', body: { ring: bootRing(1) } }));
    expect(idle.pending()).toBe(PENDING.events | PENDING.sends);
  });
});

describe('RingCore, misused', () => {
  it('names each argument that is wrong', () => {
    const it = core();
    const bytes = new Uint8Array(8);
    const wrong: [() => unknown, string][] = [
      [() => it.tick(-1), 'RingCore.tick: now must be an integer from 0 to 9007199254740991'],
      [() => it.tick(0.5), 'RingCore.tick: now'],
      [() => it.tick(Number.NaN), 'RingCore.tick: now'],
      [() => it.tick('1' as never), 'RingCore.tick: now'],
      [() => (it.tick as () => void)(), 'RingCore.tick: now'],
      [() => it.receive(0, 2, 0, 0, bytes), 'RingCore.receive: socket must be an integer from 0 to 1'],
      [() => it.receive(0, 0, 1, 0, bytes), 'RingCore.receive: link must be an integer from 0 to 0'],
      [() => it.receive(0, 0, 0, 65_536, bytes), 'RingCore.receive: fromPort'],
      [() => it.receive(0, 0, 0, 0, [1] as never), 'RingCore.receive: bytes must be a Uint8Array'],
      [() => it.receive(0, 0, 0, 0, new Uint8Array(65_508)), 'RingCore.receive: bytes'],
      [() => it.receive(0, 0, 0, 0, new Int8Array(8) as never), 'RingCore.receive: bytes'],
      [() => it.command(0, new Uint8Array(7)), 'RingCore.command: bytes'],
      [() => it.submitted(-1), 'RingCore.submitted: now'],
      [() => it.refused(0, -1), 'RingCore.refused: port'],
      [() => it.deliver(-1), 'RingCore.deliver: now'],
      [() => it.submit(4, 0, 0n, null, bytes), 'RingCore.submit: priority must be an integer from 0 to 3'],
      [() => it.submit(0, 2, 0n, null, bytes), 'RingCore.submit: flags'],
      [() => it.submit(0, 0, 0 as never, null, bytes), 'RingCore.submit: ticket must be a bigint'],
      [() => it.submit(0, 0, 2n ** 64n, null, bytes), 'RingCore.submit: ticket'],
      [() => it.submit(0, 0, -1n, null, bytes), 'RingCore.submit: ticket'],
      [() => it.submit(0, 0, 0n, bytes, bytes), 'RingCore.submit: onlyIn'],
      [() => it.submit(0, 0, 0n, undefined as never, bytes), 'RingCore.submit: onlyIn'],
      [() => it.submit(0, 0, 0n, null, new Uint8Array(0)), 'RingCore.submit: bytes'],
      [() => it.submit(0, 0, 0n, null, new Uint8Array(1 << 17)), 'RingCore.submit: bytes'],
      [() => it.takeDeliveries(-1), 'RingCore.takeDeliveries: maxBytes'],
    ];
    for (const [action, message] of wrong) {
      expect(action, message).toThrow(TypeError);
      expect(action).toThrow(message);
    }
  });

  it('names each option that is wrong', () => {
    const { timers } = coreOptions();
    const wrong: [object, string][] = [
      [{ self: 5 }, 'self must be an object'],
      [{ self: { node: 0, incarnation: 1n, salt: 1n } }, 'node must be an integer from 1 to 4294967295'],
      [{ self: { node: 1, incarnation: 1, salt: 1n } }, 'incarnation must be a bigint'],
      [{ links: 9 }, 'links must be an integer from 1 to 8'],
      [{ datagramSize: 547 }, 'datagramSize must be an integer from 548 to 65507'],
      [{ timers: { ...timers, hold: undefined } }, 'hold must be an integer'],
      [{ storePackets: 1000 }, 'storePackets must be a power of two'],
      [{ eventBytes: 70_000 }, 'eventBytes must be a power of two'],
      [{ deliveryBytes: 2048 }, 'deliveryBytes must be an integer from 4096'],
      [{ randomSeed: new BigUint64Array(3) }, 'randomSeed must be a BigUint64Array of 4'],
      [{ randomSeed: new BigInt64Array(4) }, 'randomSeed must be a BigUint64Array of 4'],
      [{ firstCounter: 0n }, 'firstCounter must be at least 1n'],
      [{ firstSeq: 0n }, 'firstSeq must be at least 1n'],
      [{ trace: 1 }, 'trace must be a boolean'],
      [{ protection: undefined }, 'protection must be an object'],
      [{ protection: { cipher: 'rot13' } }, "cipher must be 'none', 'aes256gcm' or 'chacha20poly1305'"],
      [
        { protection: { cipher: 'aes256gcm', key: new Uint8Array(16), clusterName: '' } },
        'key must be a Uint8Array of 128 to 128 bytes',
      ],
      [
        { protection: { cipher: 'aes256gcm', key: new Uint8Array(128), clusterName: 'ä'.repeat(128) } },
        'clusterName must be a string of at most 255 bytes',
      ],
    ];
    for (const [changes, message] of wrong) {
      const action = () => createRingCore(coreOptions(changes), 0);
      expect(action, message).toThrow(TypeError);
      expect(action).toThrow(`RingCore: ${message}`);
    }
  });

  it('lets an error of a getter through', () => {
    const options = Object.defineProperty(coreOptions(), 'links', {
      get() {
        throw new RangeError('mine');
      },
    });
    expect(() => createRingCore(options, 0)).toThrow(new RangeError('mine'));
  });

  it('refuses another `this`, and a call without new', () => {
    const it = core();
    const strangers = [{}, Object.create(Object.getPrototypeOf(it)), null, 5, new Uint8Array(8)];
    for (const stranger of strangers) expect(() => it.tick.call(stranger as never, 0)).toThrow(TypeError);
    const make = it.constructor as unknown as (...args: unknown[]) => unknown;
    expect(() => make(coreOptions(), 0)).toThrow('this must be made by `new RingCore(options, now)`');
    expect(() => Reflect.apply(make, it, [coreOptions(), 0])).toThrow(TypeError);
  });

  it('refuses everything after close, and may be closed again', () => {
    const it = core();
    it.close();
    it.close();
    expect(() => it.tick(0)).toThrow('RingCore.tick: this must be a RingCore that was not closed');
    expect(() => it.stats()).toThrow(TypeError);
  });

  it('takes no bytes from a detached buffer', () => {
    const it = core();
    const bytes = new Uint8Array(100);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(() => it.submit(0, 0, 0n, null, bytes)).toThrow('RingCore.submit: bytes');
    it.receive(0, 0, 0, 0, bytes);
    expect(it.stats().dropped).toMatchObject({ tooShort: 1 });
  });

  it('survives as many as garbage collection leaves behind, in several threads at once', async () => {
    const addon = fileURLToPath(new URL('../../build/Release/openais.node', import.meta.url));
    const { protection: _, ...plain } = coreOptions();
    const code = `
      const { workerData } = require('node:worker_threads');
      const { RingCore } = require(workerData.addon);
      for (let i = 0; i < 200; i++) new RingCore(workerData.options, 0).tick(1);
    `;
    const options = { ...plain, deliveryBytes: 1 << 14, submitBytes: 1 << 12, protection: { cipher: 'none' } };
    const ended = [1, 2].map(
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData: { addon, options } });
          worker.on('error', reject);
          worker.on('exit', resolve);
        }),
    );
    expect(await Promise.all(ended)).toEqual([0, 0]);
  });
});
