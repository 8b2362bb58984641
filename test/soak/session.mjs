// A client's connection to its executive, made again whenever that died, and what it has open, opened again whenever it was lost.

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../dist/index.js';

const RETRY_MS = 100;
/** After these the object is open no more. */
const CLOSED = ['SA_AIS_ERR_BAD_HANDLE', 'SA_AIS_ERR_LIBRARY'];

/** @typedef {import('../../dist/index.js').Ais} Ais */

export class Session {
  connections = 0;
  #socketPath;
  #journal;
  /** @type {Promise<Ais> | undefined} */
  #ais;

  /** @param {string} socketPath @param {import('./journal.mjs').Journal} journal */
  constructor(socketPath, journal) {
    this.#socketPath = socketPath;
    this.#journal = journal;
  }

  /** @returns {Promise<Ais>} one that lives, as far as is known */
  get() {
    this.#ais ??= this.#connect();
    return this.#ais;
  }

  async #connect() {
    for (;;) {
      const { value: ais } = await this.#journal.call('connect', () => connect({ socketPath: this.#socketPath }));
      if (ais !== undefined) {
        this.connections += 1;
        void ais.closed.then(() => {
          this.#ais = undefined;
        });
        return ais;
      }
      await delay(RETRY_MS);
    }
  }

  async close() {
    await (await this.#ais)?.close().catch(() => {});
  }
}

/**
 * Something that is opened through a session.
 * @template T
 */
export class Opened {
  #session;
  #journal;
  #what;
  #open;
  /** @type {T | undefined} */
  #object;

  /**
   * @param {Session} session @param {import('./journal.mjs').Journal} journal
   * @param {string} what @param {(ais: Ais) => Promise<T>} open
   */
  constructor(session, journal, what, open) {
    this.#session = session;
    this.#journal = journal;
    this.#what = what;
    this.#open = open;
  }

  /** A call to it; undefined: it could not be opened. @template V @param {string} what @param {(object: T) => Promise<V>} make */
  async call(what, make) {
    if (this.#object === undefined) {
      const ais = await this.#session.get();
      this.#object = (await this.#journal.call(`${this.#what}.open`, () => this.#open(ais))).value;
    }
    const object = this.#object;
    if (object === undefined) {
      await delay(RETRY_MS);
      return undefined;
    }
    const ended = await this.#journal.call(`${this.#what}.${what}`, () => make(object));
    if (ended.error !== undefined && CLOSED.includes(ended.error) && this.#object === object) this.#object = undefined;
    return ended;
  }

  /** The next call opens it again. */
  forget() {
    this.#object = undefined;
  }
}
