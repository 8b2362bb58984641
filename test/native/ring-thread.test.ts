import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/native/commands.js';
import { type RingThreadOptions, RingThreadPort } from '../../src/native/ring-thread.js';
import { readTraceFile } from '../../src/native/trace-file.js';
import { packed } from '../gmi/support/packed.js';
import { identityOf } from './support/cores.js';
import { type Changes, LOW, RingNode, RingNodes, threadOptions } from './support/ring-threads.js';

const rings: RingNodes[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const ring of rings.splice(0)) await ring.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function booted(count: number, changes: Changes = {}): Promise<RingNodes> {
  const ring = new RingNodes(count, changes);
  rings.push(ring);
  await ring.boot();
  return ring;
}

async function merged(count: number, changes: Changes = {}): Promise<RingNodes> {
  const ring = await booted(count, changes);
  await ring.merge();
  return ring;
}

function numbered(count: number, size = 16): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(index);
    return bytes;
  });
}

describe('a ring of one', () => {
  it('delivers 100,000 messages to itself, each once and in order', async () => {
    const [node] = (await booted(1)).nodes;
    let inOrder = 0;
    node!.onMessage = ({ memory, start }) => {
      if (memory.readUInt32LE(start) === inOrder) inOrder++;
      return true;
    };
    const payloads = numbered(100_000);
    await node!.submitAll(payloads);
    await node!.until(() => node!.messages === payloads.length, 'all messages');
    expect(inOrder).toBe(payloads.length);
    expect(node!.configurations.map(({ kind, members }) => [kind, members.map((member) => member.node)])).toEqual([
      ['regular', [1]],
    ]);
    const { io, messagesDelivered } = node!.port.stats();
    expect(messagesDelivered).toBe(payloads.length);
    expect(io.wakes).toBeLessThan(payloads.length / 10);
  });

  it('refuses what has no room, and says when there is room again', async () => {
    const [node] = (await booted(1, { submitBytes: 1 << 14 })).nodes;
    node!.port.plug(0);
    let taken = 0;
    while (node!.port.submit(LOW, 0, 0n, undefined, new Uint8Array(1000))) taken++;
    expect(taken).toBeGreaterThan(8);
    expect(node!.eventsOf('room')).toEqual([]);
    node!.port.plug(0xf);
    await node!.until(() => node!.eventsOf('room').length > 0, 'room');
    expect(node!.eventsOf('room')[0]).toEqual({ type: 'room', mask: 1 << LOW });
    await node!.until(() => node!.messages === taken, 'what was taken');
  });

  it('stops reading where the application takes no more, goes on from there, and hears events meanwhile', async () => {
    const [node] = (await booted(1)).nodes;
    node!.onMessage = () => node!.messages % 3 !== 0;
    await node!.submitAll(numbered(10));
    await node!.until(() => node!.messages === 3, 'the first three');
    node!.port.command({ type: 'freeze', handle: 99 });
    await node!.until(() => node!.eventsOf('refused').length === 1, 'an event');
    expect(node!.messages).toBe(3);
    node!.port.resume();
    await node!.until(() => node!.messages === 6, 'three more');
    // Resumed while it still reads: that counts.
    node!.onMessage = () => {
      node!.port.resume();
      return false;
    };
    node!.port.resume();
    await node!.until(() => node!.messages === 10, 'the rest');
  });

  it('places a message in the ring that it is for, and in no other', async () => {
    const [node] = (await booted(1)).nodes;
    const ring = node!.configurations[0]!.ring;
    expect(node!.port.submit(LOW, 0, 5n, { ...ring, nonce: 1 }, Buffer.from('elsewhere'))).toBe(true);
    expect(node!.port.submit(LOW, 1, 6n, ring, Buffer.from('here'))).toBe(true);
    await node!.until(() => node!.eventsOf('placed').length === 2, 'both to be placed');
    expect(node!.eventsOf('placed').map(({ ticket, seq }) => [ticket, seq > 0n])).toEqual([
      [5n, false],
      [6n, true],
    ]);
    expect(node!.messages).toBe(1);
  });

  it('takes a message of a mebibyte, and composes many of a header and a payload', async () => {
    const [node] = (await booted(1, { submitBytes: 1 << 22, deliveryBytes: 1 << 23 })).nodes;
    const seen: string[] = [];
    node!.onMessage = ({ memory, start, end }) => {
      seen.push(end - start > 100 ? `${end - start} bytes` : memory.toString('latin1', start, end));
      return true;
    };
    expect(node!.port.submit(LOW, 0, 0n, undefined, new Uint8Array(1 << 20))).toBe(true);
    const payloads = packed('skipped', 'one', '', 'two');
    const from = packed('skipped').length;
    expect(node!.port.submitPacked(LOW, 0, Buffer.from('to:'), payloads, from, payloads.length)).toBe(payloads.length);
    await node!.until(() => node!.messages === 4, 'all');
    expect(seen).toEqual([`${1 << 20} bytes`, 'to:one', 'to:', 'to:two']);
  });
});

describe.each(['udp', 'udpu'] as const)('a ring of three over %s', (transport) => {
  it.each([true, false])('delivers the same messages in the same order everywhere (offload: %s)', async (offload) => {
    const ring = await merged(3, { transport, offload });
    const perNode = 5_000;
    await Promise.all(ring.nodes.map((node) => node.submitAll(numbered(perNode, 100))));
    await ring.all((node) => node.messages === 3 * perNode, 'all messages');
    const [first] = ring.nodes;
    for (const node of ring.nodes) {
      expect([...node.counts.values()]).toEqual([perNode, perNode, perNode]);
      expect(node.digest).toBe(first!.digest);
      expect(node.configurations.map(({ kind }) => kind)).toEqual(['regular', 'transitional', 'regular']);
    }
    const { io } = first!.port.stats();
    if (!offload) expect(io.datagramsSegmented).toBe(0);
    else if (first!.port.info.gso) expect(io.datagramsSegmented).toBeGreaterThan(0);
    expect(io.datagramsUnsent).toBe(0);
  });

  it('notices at once that a process is gone', async () => {
    const ring = await merged(3, { transport });
    const began = performance.now();
    await ring.nodes[2]!.port.stop();
    const [first, second] = ring.nodes;
    await Promise.any(
      [first, second].map((node) => node!.until(() => node!.eventsOf('unreachable').length > 0, 'a refusal')),
    );
    expect(performance.now() - began).toBeLessThan(200);
    const lost = [...first!.eventsOf('unreachable'), ...second!.eventsOf('unreachable')];
    expect(lost.map(({ peer }) => peer.node)).toContain(3);
  });
});

describe('a ring thread', () => {
  it('says what the system granted', async () => {
    const [node] = (await booted(1, { realtime: true })).nodes;
    const { info } = node!.port;
    expect(info.windowOffer).toBeGreaterThanOrEqual(16);
    expect(info.windowOffer).toBeLessThanOrEqual(256);
    expect(info.windowOffer).toBe(node!.port.windowOffer);
    expect(info.receiveBuffer).toBeGreaterThan(100_000);
    expect(['realTime', 'nice', 'plain']).toContain(info.scheduling);
    expect(info.localEndpoints).toEqual([expect.stringMatching(/^127\.0\.3\.1:\d+$/)]);
    const plain = (await booted(1, { realtime: false, offload: false })).nodes[0]!.port.info;
    expect(plain.scheduling).not.toBe('realTime');
    expect([plain.memoryLocked, plain.gso, plain.gro]).toEqual([false, false, false]);
  });

  it('records what it does, for a reader that need not wait for its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-'));
    folders.push(folder);
    const tracePath = join(folder, 'trace');
    const [node] = (await booted(1, { tracePath, traceBytes: 1 << 20 })).nodes;
    await node!.submitAll(numbered(10));
    await node!.until(() => node!.messages === 10, 'all');
    const kinds = readTraceFile(tracePath).map(({ kind }) => kind);
    expect(kinds.slice(0, 2)).toEqual(['start', 'configuration']);
    expect(kinds.filter((kind) => kind === 'send')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'deliver')).toHaveLength(10);
  });

  it('refuses a trace with a hole, and a file that is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-'));
    folders.push(folder);
    const tracePath = join(folder, 'trace');
    const [node] = (await booted(1, { tracePath, traceBytes: 64 * 6 })).nodes;
    await node!.submitAll(numbered(10));
    await node!.until(() => node!.messages === 10, 'all');
    expect(() => readTraceFile(tracePath)).toThrow(/too small: \d+ records/);
    expect(() => readTraceFile(import.meta.filename)).toThrow('is no trace');
  });

  it('is silent from stop() on, which may be called again and needs no ring', async () => {
    const ring = await merged(2);
    const [first, second] = ring.nodes;
    await second!.submitAll(numbered(100));
    const stopped = first!.port.stop();
    const { messages, events } = first!;
    const heard = events.length;
    await Promise.all([stopped, first!.port.stop()]);
    first!.port.command({ type: 'drain' });
    first!.port.resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([first!.messages, first!.events.length]).toEqual([messages, heard]);
    expect(first!.port.stats().io.passes).toBeGreaterThan(0);
  });

  it('sends what was commanded before it was stopped', async () => {
    const ring = await merged(2);
    const body = { ring: { representative: 1, nonce: 0xabcdef, seq: 8n } };
    ring.nodes[0]!.port.command({ type: 'control', node: 0, packet: 'leave', body });
    await ring.nodes[0]!.port.stop();
    const left = () => ring.nodes[1]!.eventsOf('control').filter(({ packet }) => packet === 'leave');
    await ring.nodes[1]!.until(() => left().length === 1, 'the leave');
    expect(left()[0]!.sender.node).toBe(1);
  });

  it('says which socket it could not have', async () => {
    const ring = await booted(1, { transport: 'udpu' });
    const endpoint = ring.nodes[0]!.port.info.localEndpoints[0]!;
    const port = Number(endpoint.split(':')[1]) + 1;
    const silent = { event: () => {}, deliveries: ring.nodes[0]! };
    const start = (changes: Changes) => RingThreadPort.start(threadOptions(1, 1, port, changes), silent);
    expect(() => start({ transport: 'udpu' })).toThrow(
      expect.objectContaining({ code: 'SA_AIS_ERR_INIT', message: expect.stringContaining(endpoint) }),
    );
    const { sockets } = threadOptions(1, 1, port);
    const link = sockets.links[0]!;
    const badGroup = { ...sockets, links: [{ ...link, port: port + 4, group: '10.0.0.1' }] };
    expect(() => start({ sockets: badGroup })).toThrow(/10\.0\.0\.1:\d+ is no IPv4 multicast group/);
    const tracePath = join(tmpdir(), 'openais-missing', 'trace');
    expect(() => new RingNode(threadOptions(9, 1, port, { tracePath, traceBytes: 1024 }))).toThrow(tracePath);
  });

  it.each([
    ['transport', { transport: 'tcp' }],
    ['links', { links: [] }],
    ['links', { links: 'lo' }],
    ['address', { links: [{ address: 'localhost', port: 5405, group: '239.1.1.1', ttl: 1 }] }],
    ['port', { links: [{ address: '127.0.0.1', port: 1, group: '239.1.1.1', ttl: 1 }] }],
    ['ttl', { links: [{ address: '127.0.0.1', port: 5405, group: '239.1.1.1', ttl: 256 }] }],
    ['offload', { offload: 'yes' }],
    ['nodes', { transport: 'udpu', nodes: undefined }],
    ['addresses', { transport: 'udpu', nodes: [{ node: 2, addresses: [] }] }],
    ['addresses', { transport: 'udpu', nodes: [{ node: 2, addresses: ['127.0.0.1', '127.0.0.2'] }] }],
    ['node', { transport: 'udpu', nodes: [{ node: 0, addresses: ['127.0.0.1'] }] }],
  ])('names %s where it is wrong', (name, wrong) => {
    const options = threadOptions(1, 1, 5405);
    const sockets = { ...options.sockets, ...wrong } as typeof options.sockets;
    expect(() => new RingNode({ ...options, sockets })).toThrow(new RegExp(`RingThread: ${name} must be`));
  });
});

/**
 * In an environment of its own, with the addon alone. For `code`, `start(index, onWake)` boots a ring of one with those
 * options.
 */
function inWorker(code: string, options: readonly RingThreadOptions[]): Worker {
  const frames = [
    encodeCommand({
      type: 'createRing',
      handle: 1,
      ring: { representative: 1, nonce: 1, seq: 4n },
      window: 64,
      acceleratedWindow: 0,
      members: [identityOf(1)],
    }),
    encodeCommand({ type: 'install', handle: 1, old: 0, highDelivered: 0n, deliverMembers: [], transitional: [] }),
  ];
  const addon = fileURLToPath(new URL('../../build/Release/openais.node', import.meta.url));
  const prelude = `
    const { workerData, parentPort } = require('node:worker_threads');
    const { RingThread } = require(workerData.addon);
    const start = (index, onWake) => {
      const thread = new RingThread(workerData.options[index], onWake);
      thread.sleep(3);
      for (const frame of workerData.frames) thread.command(frame);
      return thread;
    };
  `;
  return new Worker(prelude + code, { eval: true, workerData: { addon, options, frames } });
}

const exitOf = (worker: Worker) => once(worker, 'exit').then(([code]) => code as number);

/** Threads of this process that are rings. */
function ringThreads(): number {
  const names = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/comm`, 'utf8'));
  return names.filter((name) => name.startsWith('openais-ring')).length;
}

describe('the end of an environment', () => {
  const [first, second] = [25_001, 25_005].map((port) => threadOptions(1, 1, port, { transport: 'udpu' }));
  const pair = [first!, second!];

  it('ends rings that nobody stopped, with the environment in the middle of reading', async () => {
    const before = ringThreads();
    const worker = inWorker(`for (const index of [0, 1]) start(index, () => parentPort.postMessage('woken'));`, pair);
    await once(worker, 'message');
    expect(ringThreads()).toBe(before + 2);
    await worker.terminate();
    expect(ringThreads()).toBe(before);
  });

  it('keeps an environment alive while its ring runs, and lets it end after stop()', async () => {
    const worker = inWorker(
      `const thread = start(0, (hasEnded) => {
         parentPort.postMessage(hasEnded ? 'ended' : 'woken');
         if (!hasEnded) thread.stop();
       });`,
      pair,
    );
    const heard: unknown[] = [];
    worker.on('message', (message) => heard.push(message));
    expect(await exitOf(worker)).toBe(0);
    expect(heard).toEqual(['woken', 'ended']);
  });

  it('leaves memory that JavaScript still holds', async () => {
    const worker = inWorker(
      `const thread = start(0, (hasEnded) => {
         if (hasEnded) {
           const { events, deliveries } = memory;
           parentPort.postMessage([events.byteLength, deliveries.byteLength, new Uint8Array(events)[4]]);
         }
       });
       const memory = thread.memory();
       setTimeout(() => thread.stop(), 20);`,
      pair,
    );
    const exit = exitOf(worker);
    const installed = 25;
    expect(await once(worker, 'message')).toEqual([[1 << 16, 1 << 22, installed]]);
    expect(await exit).toBe(0);
  });

  it('reports what a handler throws as any other error of the loop', async () => {
    const worker = inWorker(
      `const thread = start(0, () => { thread.stop(); throw new Error('of a handler'); });`,
      pair,
    );
    const [error] = (await once(worker, 'error')) as [Error];
    expect(error.message).toBe('of a handler');
  });

  it('takes only what is a ring thread for one', async () => {
    const worker = inWorker(
      `const thread = start(0, () => {});
       const wrong = [];
       const attempt = (what) => {
         try { what(); wrong.push('nothing'); } catch (error) { wrong.push(error.message); }
       };
       attempt(() => RingThread(workerData.options[0], () => {}));
       attempt(() => RingThread.prototype.stop.call({}));
       attempt(() => new RingThread(workerData.options[1]));
       attempt(() => thread.command(new Uint8Array(8)));
       attempt(() => thread.command(new Uint8Array([9, 0, 0, 0, 1, 0, 0, 0])));
       attempt(() => thread.cursors(new Float64Array(3)));
       attempt(() => thread.releaseEvents(1 << 20));
       attempt(() => thread.releaseDeliveries(4));
       attempt(() => thread.sleep(0));
       attempt(() => thread.submit(4, 0, 0n, null, new Uint8Array(1)));
       attempt(() => thread.submit(3, 0, 0n, null, new Uint8Array(0)));
       const cutOff = new Uint8Array([1, 0, 0, 0, 7, 2, 0, 0, 0, 7]);
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(1), cutOff, 0, 10));
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(1), cutOff, 0, 7));
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(0), new Uint8Array(4), 0, 4));
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(1), cutOff, 6, 5));
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(1), cutOff, 0, 11));
       attempt(() => thread.submitPacked(3, 0, new Uint8Array(1), {}, 0, 0));
       parentPort.postMessage(wrong);
       thread.stop();`,
      pair,
    );
    const exit = exitOf(worker);
    const [wrong] = (await once(worker, 'message')) as [string[]];
    expect(wrong.map((message) => / (\w+) must be/.exec(message)?.[1] ?? message)).toEqual([
      ...['this', 'Illegal invocation', 'onWake', 'frame', 'frame', 'out', 'tail', 'tail', 'what'],
      ...['priority', 'bytes', 'memory', 'memory', 'memory', 'start', 'end', 'memory'],
    ]);
    expect(await exit).toBe(0);
  });
});
