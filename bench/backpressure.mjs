// The workload 'backpressure': three hosts; one client sends as fast as it can, clients of the other two check what they read, and a third
// one reads now and then: it asks for nothing, runs in a loop, is stopped. Once with messages of EVS, once with events of EVT. Nothing may be
// lost, doubled or out of order, and no process may take more memory than its bounds make.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CONNECTION_WINDOW, SESSION_WINDOW } from '../dist/ipc/evs-frames.js';
import { BODY_MAX, OUTBOX_MAX, REQUEST_WINDOW } from '../dist/ipc/link.js';
import { Testbed } from './testbed.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const HOSTS = [1, 2, 3];
/** Milliseconds that the client which is to be dropped stands still: more than STALLED_LIMIT_MS, and than OUTBOX_MAX lasts. */
const DROPPED_AFTER_MS = 14_000;
const PATIENCE_MS = 30_000;
/** Milliseconds that it may stand still without being dropped: below 10 s of a full queue; until OUTBOX_MAX of events has come. */
const PAUSE_MS = { evs: 5000, evt: 1000 };

const TOKEN_MS = 10_000;

const MEBIBYTE = 1 << 20;
/** Memory of the ring thread: deliveries 8 MiB, four send queues of 4 MiB, 8192 packets of 1500 bytes, events 1 MiB. */
const RING_BYTES = 37 * MEBIBYTE;
/** Bytes of a session's queue in a client: the default of queueBytes. */
const QUEUE_BYTES = 16 * MEBIBYTE;
/** What V8 has of garbage that it did not yet collect: three semi-spaces of 16 MiB, and as much memory of buffers. */
const GARBAGE_BYTES = 96 * MEBIBYTE;

/** By what a process may grow beyond what it had when it was ready. A chunk of frames is at least half full. */
const BOUNDS = {
  evs: {
    executive: RING_BYTES + 2 * (2 * REQUEST_WINDOW + BODY_MAX + CONNECTION_WINDOW) + GARBAGE_BYTES,
    client: REQUEST_WINDOW + 2 * SESSION_WINDOW + 2 * QUEUE_BYTES + GARBAGE_BYTES,
  },
  evt: {
    executive: RING_BYTES + 2 * (2 * REQUEST_WINDOW + BODY_MAX + OUTBOX_MAX) + GARBAGE_BYTES,
    client: 2 * REQUEST_WINDOW + GARBAGE_BYTES,
  },
};

/** A process on a host, what it said last, and the most memory that it had. */
class Process {
  /** @type {Record<string, any>} */
  last = {};
  base = 0;
  most = 0;
  #child;

  /** @param {string} name @param {'executive' | 'client'} part @param {import('node:child_process').ChildProcess} child */
  constructor(name, part, child) {
    this.name = name;
    this.part = part;
    this.#child = child;
    const output = /** @type {import('node:stream').Readable} */ (child.stdout);
    createInterface({ input: output }).on('line', (line) => Object.assign(this.last, JSON.parse(line)));
  }

  sample() {
    const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    this.most = Math.max(this.most, 1024 * Number(line?.[1] ?? 0));
    if (this.base === 0) this.base = this.most;
  }

  /** @param {object} order */
  order(order) {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child.kill(signal);
  }
}

/** @param {() => boolean} isSo @param {string} what */
async function until(isSo, what) {
  for (const end = Date.now() + PATIENCE_MS; !isSo(); await delay(20))
    assert(Date.now() < end, `${what} within ${PATIENCE_MS} ms`);
}

class Run {
  /** @type {Process[]} */
  processes = [];
  #directory = mkdtempSync(join(tmpdir(), 'openais-bench-'));
  #testbed = new Testbed({ name: 'press', hosts: HOSTS.length });

  async start() {
    writeFileSync(join(this.#directory, 'key'), randomBytes(128), { mode: 0o400 });
    const executives = HOSTS.map((node) =>
      this.#spawn(`executive ${node}`, 'executive', node, [
        'backpressure-executive.mjs',
        JSON.stringify(this.#config(node)),
      ]),
    );
    await until(() => executives.every(({ last }) => last.members?.length === HOSTS.length), 'the hosts are together');
  }

  /** @param {number} node */
  #config(node) {
    const address = this.#testbed.address(node);
    return {
      totem: {
        nodeid: node,
        // A machine that is busy with all of them must not part them: who is parted misses what the others had.
        token: TOKEN_MS,
        keyfile: join(this.#directory, 'key'),
        interface: [{ bindnetaddr: address, mcastaddr: '239.192.7.8', mcastport: 5405 }],
      },
      ipc: { socket: this.#socket(node) },
      state: { dir: join(this.#directory, `state-${node}`) },
    };
  }

  /** @param {number} node */
  #socket(node) {
    return join(this.#directory, `${node}.sock`);
  }

  /** @param {string} name @param {number} node @param {'evs' | 'evt'} kind @param {'send' | 'read'} role @param {number} size */
  async client(name, node, kind, role, size) {
    const client = this.#spawn(name, 'client', node, [
      'backpressure-client.mjs',
      this.#socket(node),
      kind,
      role,
      `${size}`,
    ]);
    await until(() => client.last.received !== undefined, `${name} is there`);
    return client;
  }

  /** @param {string} name @param {'executive' | 'client'} part @param {number} node @param {string[]} command */
  #spawn(name, part, node, [program = '', ...args]) {
    const stdio = /** @type {const} */ (['pipe', 'pipe', 'inherit']);
    const child = this.#testbed.spawn(node, [process.execPath, join(folder, program), ...args], { stdio: [...stdio] });
    const process_ = new Process(name, part, child);
    this.processes.push(process_);
    return process_;
  }

  down() {
    for (const each of this.processes) each.signal('SIGKILL');
    this.#testbed.down();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What the third client does instead of reading. @type {Record<string, (client: Process, ms: number) => void>} */
const WAYS = {
  'asks for nothing': (client, ms) => client.order({ do: 'pause', ms }),
  'runs in a loop': (client, ms) => client.order({ do: 'spin', ms }),
  'is stopped': (client, ms) => {
    client.signal('SIGSTOP');
    setTimeout(() => client.signal('SIGCONT'), ms);
  },
};

/** @param {'evs' | 'evt'} kind @param {number} seconds @param {number} size */
export async function pass(kind, seconds, size) {
  const run = new Run();
  try {
    await run.start();
    const readers = [
      await run.client('reader 2', 2, kind, 'read', size),
      await run.client('reader 3', 3, kind, 'read', size),
    ];
    const slow = await run.client('slow reader 3', 3, kind, 'read', size);
    const sender = await run.client('sender 1', 1, kind, 'send', size);
    const sampler = setInterval(() => run.processes.forEach((each) => void each.sample()), 1000);
    for (const each of run.processes) each.sample();
    sender.order({ do: 'send' });
    // An event that is not taken from the queue of its channel may be lost: that is not what is looked at here.
    const ways = Object.keys(WAYS).filter((way) => kind === 'evs' || way !== 'asks for nothing');
    const isLong = seconds >= 40;
    const slice = (seconds * 1000 - (isLong ? DROPPED_AFTER_MS + 4000 : 0)) / ways.length;
    for (const way of ways) {
      await delay(slice / 2);
      WAYS[way]?.(slow, Math.min(PAUSE_MS[kind], slice / 3));
      await delay(slice / 2);
    }
    if (isLong) {
      assert.equal(slow.last.ended, undefined, 'the slow reader was dropped too early');
      WAYS['is stopped']?.(slow, DROPPED_AFTER_MS);
      await delay(DROPPED_AFTER_MS + 4000);
    }
    sender.order({ do: 'stop' });
    await until(() => sender.last.done, 'the sender is done');
    const { sent } = sender.last;
    const all = isLong && slow.last.ended !== undefined ? readers : [...readers, slow];
    await until(() => all.every(({ last }) => last.received === sent), `all ${sent} are read`);
    clearInterval(sampler);
    for (const { name, last } of readers) assert(last.configurations <= 1, `${name} was parted from the others`);
    for (const { name, last } of [...readers, slow])
      assert.equal(last.disorders, 0, `${name} misses some, or has them twice`);
    const mebibytes = run.processes.map(({ name, part, base, most }) => {
      const bound = base + BOUNDS[kind][part];
      assert(most <= bound, `${name} had ${most} bytes, more than ${bound}`);
      return [name, { most: Math.round(most / MEBIBYTE), bound: Math.round(bound / MEBIBYTE) }];
    });
    return {
      sent,
      read: readers.map(({ last }) => last.received),
      slow: { read: slow.last.received, ended: slow.last.ended },
      mebibytes: Object.fromEntries(mebibytes),
    };
  } finally {
    run.down();
  }
}

/** @param {number} seconds of each pass @param {number} size */
export async function backpressure(seconds, size) {
  return { evs: await pass('evs', seconds, size), evt: await pass('evt', seconds, size) };
}
