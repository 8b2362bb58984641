// Everything else that clients do: checkpoints that many write to, others that come and go, lists, iterations, membership. What it leaves
// behind has to be equal on all nodes.

import { setTimeout as delay } from 'node:timers/promises';
import { Opened } from './session.mjs';

const SHARED = ['shared', 'weak'];
const SECTIONS = 12;
const TEMPORARY = 6;

/** @param {'all-replicas' | 'active-replica'} update @param {number} retentionDuration */
function attributes(update, retentionDuration) {
  const sizes = { checkpointSize: 64_000, maxSections: 64, maxSectionSize: 1000, maxSectionIdSize: 8 };
  return { update, retentionDuration, ...sizes };
}

/** @template T @param {AsyncIterable<T>} items */
async function count(items) {
  let number = 0;
  for await (const _ of items) number += 1;
  return number;
}

export class Visitor {
  #session;
  #journal;
  #shared;

  /** @param {import('./session.mjs').Session} session @param {import('./journal.mjs').Journal} journal */
  constructor(session, journal) {
    this.#session = session;
    this.#journal = journal;
    this.#shared = SHARED.map((name, index) => {
      const create = attributes(index === 0 ? 'all-replicas' : 'active-replica', Number.POSITIVE_INFINITY);
      return new Opened(session, journal, name, (ais) => ais.ckpt.open(name, { create, read: true, write: true }));
    });
  }

  /** @param {import('../../dist/sim/random.js').Random} random */
  async turn(random) {
    await (random.chance(0.6) ? this.#share(random) : this.#visit(random));
  }

  /** @param {import('../../dist/sim/random.js').Random} random */
  async #share(random) {
    const checkpoint = random.pick(this.#shared);
    const section = `x${random.below(SECTIONS)}`;
    const data = Buffer.alloc(random.between(1, 900), random.below(256));
    const kind = random.below(10);
    if (kind < 6) {
      const ended = await checkpoint.call('overwrite', (each) => each.overwrite({ section, data }));
      if (ended?.error !== 'SA_AIS_ERR_NOT_EXIST') return;
      const expirationTime = random.chance(0.3) ? Date.now() + random.between(100, 5000) : Number.POSITIVE_INFINITY;
      await checkpoint.call('createSection', (each) => each.createSection({ id: section, data, expirationTime }));
    } else if (kind < 8) await checkpoint.call('read', (each) => each.read({ section }));
    else if (kind < 9) await checkpoint.call('deleteSection', (each) => each.deleteSection(section));
    else await checkpoint.call('sections', (each) => count(each.sections()));
  }

  /** @param {import('../../dist/sim/random.js').Random} random */
  async #visit(random) {
    const ais = await this.#session.get();
    const call = this.#journal.call.bind(this.#journal);
    const name = `temporary-${random.below(TEMPORARY)}`;
    const kind = random.below(6);
    if (kind === 0) await call('list', () => count(ais.ckpt.list()));
    else if (kind === 1) await call('evt.list', () => count(ais.evt.list()));
    else if (kind === 2) await call('current', () => ais.clm.current());
    else if (kind === 3) await call('unlink', () => ais.ckpt.unlink(name));
    else if (kind === 4) await this.#pass(ais, name, random);
    else {
      const { value: channel } = await call('evt.open', () => ais.evt.open(name, { create: true, publisher: true }));
      if (channel === undefined) return;
      await call('publish', () => channel.publish(Buffer.from(name), { retentionTime: 500 }));
      await call('evt.close', () => channel.close());
      if (random.chance(0.5)) await call('evt.unlink', () => ais.evt.unlink(name));
    }
  }

  /** @param {import('./session.mjs').Ais} ais @param {string} name @param {import('../../dist/sim/random.js').Random} random */
  async #pass(ais, name, random) {
    const call = this.#journal.call.bind(this.#journal);
    const create = attributes('all-replicas', 300);
    const open = () => ais.ckpt.open(name, { create, read: true, write: true });
    const { value: checkpoint } = await call('open', open);
    if (checkpoint === undefined) return;
    await call('createSection', () => checkpoint.createSection({ data: Buffer.from(name) }));
    await delay(random.below(300));
    await call('close', () => checkpoint.close());
  }
}
