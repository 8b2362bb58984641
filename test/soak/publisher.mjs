// Publishes events that stay, that go by themselves and that do not stay; clears the oldest; opens its channel again now and then.

import { Opened } from './session.mjs';

export const CHANNELS = 4;
/** Retained events of a client that stay. */
const STAYING_MAX = 60;
const SHORT_MS = 1500;

/**
 * @typedef {{ id: string, start: number, end: number }} Published acknowledged, to stay
 * @typedef {Published & { missedAt: number }} Missed
 */

/** @param {number} client */
export const channelOf = (client) => `events-${client % CHANNELS}`;

export class Publisher {
  /** @type {Published[]} they have to be there */
  staying = [];
  /** They were not there when they were to be cleared, and have to be at the end. @type {Published[]} */
  strays = [];
  received = 0;
  #channel;
  #client;
  #onId;
  #onLost;

  /**
   * @param {import('./session.mjs').Session} session @param {import('./journal.mjs').Journal} journal @param {number} client
   * @param {(id: bigint) => void} onId @param {(event: Missed) => void} onLost @param {(id: bigint) => void} onTwice
   */
  constructor(session, journal, client, onId, onLost, onTwice) {
    this.#client = client;
    this.#onId = onId;
    this.#onLost = onLost;
    const open = async (/** @type {import('./session.mjs').Ais} */ ais) => {
      const channel = await ais.evt.open(channelOf(client), { create: true, publisher: true, subscriber: true });
      const seen = new Set();
      await channel.subscribe([{ prefix: `${client % 2}` }], ({ eventId, lost }) => {
        this.received += 1;
        if (lost) return;
        if (seen.has(eventId)) onTwice(eventId);
        seen.add(eventId);
      });
      return channel;
    };
    this.#channel = new Opened(session, journal, 'events', open);
  }

  /** @param {import('../../dist/sim/random.js').Random} random */
  async turn(random) {
    if (random.chance(0.02)) {
      await this.#channel.call('close', (channel) => channel.close());
      this.#channel.forget();
      return;
    }
    if (this.staying.length >= STAYING_MAX) await this.#clear();
    const retentionTime = random.pick([0, SHORT_MS, Number.POSITIVE_INFINITY]);
    const patterns = [`${this.#client % 2} ${this.#client}`];
    const priority = random.pick(/** @type {const} */ ([0, 1, 2, 3]));
    const data = Buffer.alloc(random.between(0, 300), this.#client);
    const ended = await this.#channel.call('publish', (channel) =>
      channel.publish(data, { patterns, priority, retentionTime }),
    );
    if (ended?.value === undefined) return;
    this.#onId(ended.value);
    if (retentionTime !== Number.POSITIVE_INFINITY) return;
    this.staying.push({ id: String(ended.value), start: ended.start, end: ended.end });
  }

  async #clear() {
    const event = this.staying.shift();
    if (event === undefined) return;
    const ended = await this.#channel.call('clear', (channel) => channel.clearRetentionTime(BigInt(event.id)));
    if (ended?.error !== 'SA_AIS_ERR_NOT_EXIST') return;
    // It may be that only this part of the cluster does not have it.
    this.strays.push(event);
    this.#onLost({ ...event, missedAt: ended.start });
  }
}
