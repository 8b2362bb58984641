// One client of a benchmark, over its executive's socket. Orders come as JSON lines on standard input, answers go out the same way.

import { createInterface } from 'node:readline';
import { connect } from '../dist/index.js';

const [socketPath = ''] = process.argv.slice(2);
const ais = await connect({ socketPath });

/** Of CLOCK_MONOTONIC: the same for all processes of a machine. */
const seconds = () => Number(process.hrtime.bigint()) / 1e9;

/** @param {object} answer */
function say(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** @param {string} name @param {number} sections @param {number} size @param {'all-replicas' | 'active-replica'} update */
function open(name, sections, size, update) {
  const create = {
    update,
    checkpointSize: sections * size,
    retentionDuration: Number.POSITIVE_INFINITY,
    maxSections: sections,
    maxSectionSize: size,
    maxSectionIdSize: 16,
  };
  return ais.ckpt.open(name, { create, read: true, write: true });
}

let isWriting = false;
let received = 0;

/** @type {Record<string, (order: any) => Promise<object>>} */
const orders = {
  /** Writes to one section, so many at a time. */
  write: async ({ update, size, inFlight, seconds: duration }) => {
    const checkpoint = await open(`write ${update} ${size}`, 2, size, update);
    await checkpoint.createSection({ id: 'a' }).catch(() => {});
    const data = Buffer.alloc(size, 1);
    const began = seconds();
    const end = began + duration;
    let writes = 0;
    const write = async () => {
      for (; seconds() < end; writes += 1) await checkpoint.overwrite({ section: 'a', data });
    };
    await Promise.all(Array.from({ length: inFlight }, write));
    return { writes, took: seconds() - began };
  },
  /** Sections that a joiner will have to get. */
  fill: async ({ sections, size }) => {
    const checkpoint = await open('state', sections + 1, size, 'active-replica');
    const data = Buffer.alloc(size, 2);
    let next = 0;
    const create = async () => {
      while (next < sections) await checkpoint.createSection({ id: `${next++}`, data });
    };
    await Promise.all(Array.from({ length: 256 }, create));
    return { sections: (await checkpoint.status()).numberOfSections };
  },
  /** Writes until 'quiet', and counts. */
  keepWriting: async ({ size, inFlight }) => {
    const checkpoint = await open('busy', 2, size, 'active-replica');
    await checkpoint.createSection({ id: 'a' }).catch(() => {});
    const data = Buffer.alloc(size, 1);
    isWriting = true;
    const write = async () => {
      for (; isWriting; received += 1) await checkpoint.overwrite({ section: 'a', data });
    };
    for (let i = 0; i < inFlight; i += 1) void write();
    return {};
  },
  quiet: async () => {
    isWriting = false;
    return {};
  },
  sections: async () => {
    const checkpoint = await ais.ckpt.open('state', { read: true });
    return { sections: (await checkpoint.status()).numberOfSections };
  },
  subscribe: async () => {
    const channel = await ais.evt.open('bench', { create: true, subscriber: true });
    await channel.subscribe([], ({ lost }) => {
      received += lost ? 0 : 1;
    });
    return {};
  },
  publish: async ({ size, inFlight, seconds: duration }) => {
    const channel = await ais.evt.open('bench', { create: true, publisher: true });
    const data = Buffer.alloc(size, 3);
    const end = seconds() + duration;
    let published = 0;
    const publish = async () => {
      for (; seconds() < end; published += 1) await channel.publish(data);
    };
    await Promise.all(Array.from({ length: inFlight }, publish));
    return { published };
  },
  count: async () => ({ received, at: seconds() }),
};

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const answering = orders[order.do]?.(order) ?? Promise.resolve({});
  void answering.then((answer) => say({ id: order.id, ...answer }));
}
process.exit(0);
