// The client processes of a soak, spread over the hosts, and what they say.

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { CALL_MAX_MS } from './journal.mjs';

const program = join(import.meta.dirname, 'client.mjs');
/** Beyond what a client gives its calls to end. */
const GRACE_MS = 5000;

/**
 * @typedef {import('./writer.mjs').Regression} Regression
 * @typedef {import('./writer.mjs').Outstanding} Outstanding
 * @typedef {import('./publisher.mjs').Published} Published
 * @typedef {{ calls: number, writes: number, longest: number }} Counts
 * @typedef {{ counts: Counts, errors: Record<string, number>, pending: string[], outstanding: Outstanding[], staying: Published[],
 *   received: number, connections: number }} Done
 * @typedef {{ client: number, node: number, process: import('node:child_process').ChildProcess, counts: Counts,
 *   regressions: Regression[], lostEvents: import('./publisher.mjs').Missed[], done?: Done }} Client
 */

export class Clients {
  /** @type {Client[]} */
  all = [];
  /** @type {string[]} */
  violations = [];

  /** @param {import('./daemons.mjs').Daemons} daemons @param {{ clients: number, seed: number }} options */
  constructor(daemons, { clients, seed }) {
    for (let number = 0; number < clients; number += 1) {
      const node = daemons.all[number % daemons.all.length] ?? 1;
      const args = [daemons.socket(node), `${number}`, `${seed}`, daemons.folder];
      const child = daemons.testbed.spawn(node, [process.execPath, program, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const counts = { calls: 0, writes: 0, longest: 0 };
      /** @type {Client} */
      const client = { client: number, node, process: child, counts, regressions: [], lostEvents: [] };
      const input = /** @type {import('node:stream').Readable} */ (child.stdout);
      createInterface({ input }).on('line', (line) => this.#heard(client, JSON.parse(line)));
      child.once('exit', (status, signal) => {
        if (client.done === undefined)
          this.violations.push(`client ${number} ended by itself: status ${status}, signal ${signal}`);
      });
      this.all.push(client);
    }
  }

  /** Of all of them together. @returns {Counts} */
  get counts() {
    const counts = this.all.map((client) => client.counts);
    return {
      calls: counts.reduce((sum, { calls }) => sum + calls, 0),
      writes: counts.reduce((sum, { writes }) => sum + writes, 0),
      longest: Math.max(0, ...counts.map(({ longest }) => longest)),
    };
  }

  /** Resolves when all have said what they have done, or have had time enough. */
  async stop() {
    for (const { process: child } of this.all) child.stdin?.write('stop\n');
    const end = Date.now() + CALL_MAX_MS + GRACE_MS;
    while (Date.now() < end && this.all.some(({ done }) => done === undefined)) await delay(20);
    for (const { client, done } of this.all)
      if (done === undefined) this.violations.push(`client ${client} does not come to its end`);
  }

  down() {
    for (const { process: child } of this.all) child.kill('SIGKILL');
  }

  /** @param {Client} client @param {any} said */
  #heard(client, { violation, regression, lostEvent, counts, done }) {
    if (violation !== undefined) this.violations.push(`client ${client.client}: ${violation}`);
    if (regression !== undefined) client.regressions.push(regression);
    if (lostEvent !== undefined) client.lostEvents.push(lostEvent);
    if (counts !== undefined) client.counts = counts;
    if (done === undefined) return;
    client.done = done;
    client.counts = done.counts;
  }
}
