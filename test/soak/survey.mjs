// What the nodes have at the end, each asked by a client of its own.

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../dist/index.js';
import { CHANNELS } from './publisher.mjs';

const LIMIT_MS = 10_000;

/**
 * @typedef {{ node: number, sections: Map<string, Map<string, Buffer>>, events: Map<string, Set<string>> }} Survey by name of the
 *   checkpoint and id of the section; by name of the channel
 */

/** @param {number} node @param {string} socketPath @returns {Promise<Survey>} */
export async function survey(node, socketPath) {
  const ais = await connect({ socketPath, defaultTimeout: LIMIT_MS, timeout: LIMIT_MS });
  try {
    return { node, sections: await readSections(ais), events: await readEvents(ais) };
  } finally {
    await ais.close();
  }
}

/** @param {import('../../dist/index.js').Ais} ais */
async function readSections(ais) {
  const all = new Map();
  for await (const { name } of ais.ckpt.list()) {
    // They end by themselves, perhaps just now.
    if (name.startsWith('temporary')) continue;
    const checkpoint = await ais.ckpt.open(name, { read: true });
    const sections = new Map();
    for await (const { id } of checkpoint.sections()) {
      const data = await checkpoint.read({ section: id }).catch((error) => {
        if (error.code !== 'SA_AIS_ERR_NOT_EXIST') throw error;
      });
      if (data !== undefined) sections.set(id.toString('latin1'), data);
    }
    await checkpoint.close();
    all.set(name, sections);
  }
  return all;
}

/** @param {import('../../dist/index.js').Ais} ais */
async function readEvents(ais) {
  const all = new Map();
  for (let index = 0; index < CHANNELS; index += 1) {
    const name = `events-${index}`;
    const channel = await ais.evt.open(name, { create: true, subscriber: true });
    const ids = new Set();
    await channel.subscribe([], ({ eventId }) => ids.add(String(eventId)));
    const expected = await retainedIn(ais, name);
    for (let waited = 0; ids.size < expected && waited < LIMIT_MS; waited += 10) await delay(10);
    await channel.close();
    all.set(name, ids);
  }
  return all;
}

/** @param {import('../../dist/index.js').Ais} ais @param {string} name */
async function retainedIn(ais, name) {
  for await (const channel of ais.evt.list())
    if (channel.name === name && !channel.unlinked) return channel.retainedEvents;
  return 0;
}
