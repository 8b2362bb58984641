// Checkpoints as a benchmark uses them: writers, a state to be transferred, and a reader who checks what was written.

import { Histogram } from '../statistics.mjs';

const seconds = () => performance.now() / 1000;

/**
 * Sections '0', '1', …
 * @param {import('../../dist/index.js').Checkpoint} checkpoint
 * @param {number} sections
 * @param {Buffer} data of each
 */
async function fill(checkpoint, sections, data) {
  let next = 0;
  const create = async () => {
    while (next < sections) await checkpoint.createSection({ id: `${next++}`, data });
  };
  await Promise.all(Array.from({ length: 256 }, create));
}

/**
 * @param {import('../../dist/index.js').Ais} ais
 * @returns {Record<string, import('./client.mjs').Order>}
 */
export function ckptOrders(ais) {
  let isWriting = false;
  let received = 0;

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

  return {
    /** Writes to one section after the other, so many at a time. */
    write: async ({ update, size, sections, inFlight, seconds: duration }) => {
      const checkpoint = await open(`write ${update} ${size}`, sections + 1, size, update);
      const { numberOfSections } = await checkpoint.status();
      if (numberOfSections < sections) await fill(checkpoint, sections, Buffer.alloc(0));
      const began = seconds();
      const end = began + duration;
      let writes = 0;
      let asked = 0;
      const latencies = new Histogram();
      const write = async () => {
        // Calls take effect in their order: the last one is what readers find.
        const data = Buffer.alloc(size, 1);
        for (let at = seconds(); at < end; writes += 1) {
          data.writeUInt32LE(++asked, 0);
          await checkpoint.overwrite({ section: `${asked % sections}`, data });
          const done = seconds();
          latencies.add((done - at) * 1e6);
          at = done;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, write));
      return { writes, took: seconds() - began, last: asked, latency: latencies.summary() };
    },
    /** What the section holds that was written last: as read at this node. */
    read: async ({ update, size, sections, last }) => {
      const checkpoint = await open(`write ${update} ${size}`, sections + 1, size, update);
      const data = await checkpoint.read({ section: `${last % sections}` });
      const rest = Buffer.alloc(Math.max(0, size - 4), 1);
      return { last: data.readUInt32LE(0), isIntact: data.subarray(4).equals(rest) };
    },
    /** Sections that a joiner will have to get. */
    fill: async ({ sections, size }) => {
      const checkpoint = await open('state', sections + 1, size, 'active-replica');
      await fill(checkpoint, sections, Buffer.alloc(size, 2));
      return { sections: (await checkpoint.status()).numberOfSections };
    },
    /** Writes until 'stopWriting', and counts. */
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
    stopWriting: () => {
      isWriting = false;
      return {};
    },
    written: () => ({ received, at: seconds() }),
    sections: async () => {
      const checkpoint = await ais.ckpt.open('state', { read: true });
      return { sections: (await checkpoint.status()).numberOfSections };
    },
  };
}
