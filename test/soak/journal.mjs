// The calls of one client: when each started, when and how it ended. All go to a file; what is pending for too long is told.

import { appendFileSync, renameSync, statSync } from 'node:fs';

/** No call takes longer, whatever happens to the executives: faults are shorter, and a cluster is whole again after them. */
export const CALL_MAX_MS = 30_000;
/** Of the file; one older one is kept. */
const FILE_MAX = 16 << 20;

/** @typedef {{ start: number, end: number, error?: string, outcome?: string }} Ended */

export class Journal {
  calls = 0;
  longest = 0;
  /** @type {Record<string, number>} by operation and code */
  errors = {};
  #file;
  #lastId = 0;
  /** @type {Map<number, { what: string, start: number, isTold: boolean }>} */
  #pending = new Map();
  /** @type {string[]} */
  #lines = [];

  /** @param {string} file @param {(what: string) => void} onLate */
  constructor(file, onLate) {
    this.#file = file;
    setInterval(() => {
      this.flush();
      for (const call of this.#pending.values()) {
        if (call.isTold || Date.now() - call.start < CALL_MAX_MS) continue;
        call.isTold = true;
        onLate(`${call.what} has not ended within ${CALL_MAX_MS} ms`);
      }
    }, 1000).unref();
  }

  /** What has not ended. */
  get pending() {
    return [...this.#pending.values()].map(({ what, start }) => `${what}, for ${Date.now() - start} ms`);
  }

  /**
   * A call; never rejects.
   * @template T
   * @param {string} what @param {() => Promise<T>} make
   * @returns {Promise<Ended & { value?: T }>}
   */
  async call(what, make) {
    const id = ++this.#lastId;
    const start = Date.now();
    this.#pending.set(id, { what, start, isTold: false });
    this.calls += 1;
    /** @type {Ended & { value?: T }} */
    let ended;
    try {
      const value = await make();
      ended = { start, end: Date.now(), value };
    } catch (caught) {
      const error = /** @type {{ code?: string, outcome?: string }} */ (caught);
      ended = { start, end: Date.now(), error: error.code ?? String(caught), outcome: error.outcome ?? 'none' };
      const key = `${what} ${ended.error}`;
      this.errors[key] = (this.errors[key] ?? 0) + 1;
    }
    this.#pending.delete(id);
    this.longest = Math.max(this.longest, ended.end - start);
    this.#lines.push(`${start} ${ended.end - start} ${what} ${ended.error ?? 'OK'} ${ended.outcome ?? ''}`.trimEnd());
    return ended;
  }

  /** A line beside the calls. @param {string} line */
  note(line) {
    this.#lines.push(`${Date.now()} ${line}`);
  }

  flush() {
    if (this.#lines.length === 0) return;
    appendFileSync(this.#file, `${this.#lines.splice(0).join('\n')}\n`);
    if (statSync(this.#file).size > FILE_MAX) renameSync(this.#file, `${this.#file}.1`);
  }
}
