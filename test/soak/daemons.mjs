// The executives of a soak: aisexec as it is installed, one on each host of a testbed, its state directory kept over restarts.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Testbed } from '../../bench/testbed.mjs';
import { fetchStatus } from '../../dist/ipc/status.js';

const aisexec = join(import.meta.dirname, '../../dist/cli/aisexec.js');
/** An executive that does not answer for so long is not there, or stopped. */
const STATUS_MS = 500;

/**
 * @typedef {import('../../dist/observe/status.js').Status} Status
 * @typedef {{ process: import('node:child_process').ChildProcess, isPaused: boolean, wasSynchronized: boolean, startedAt: number }} Life
 */

export class Daemons {
  /** @type {Map<number, Life>} */
  #lives = new Map();
  /** What each said last; none: it does not answer. @type {Map<number, Status>} */
  statuses = new Map();
  /** What ended without being killed. @type {string[]} */
  deaths = [];
  /** Nodes of these, to be started again. @type {number[]} */
  ended = [];
  starts = 0;

  /** @param {{ nodes: number, quorum: boolean, folder: string }} options */
  constructor({ nodes, quorum, folder }) {
    this.folder = folder;
    this.all = Array.from({ length: nodes }, (_, index) => index + 1);
    this.testbed = new Testbed({ name: 'soak', hosts: nodes });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'authkey'), randomBytes(128), { mode: 0o400 });
    for (const node of this.all) writeFileSync(this.#conf(node), this.#config(node, quorum));
  }

  /** @param {number} node */
  start(node) {
    const errors = openSync(join(this.folder, `node-${node}.err`), 'a');
    const child = this.testbed.spawn(node, [process.execPath, aisexec, '-c', this.#conf(node)], {
      stdio: ['ignore', errors, errors],
    });
    /** @type {Life} */
    const life = { process: child, isPaused: false, wasSynchronized: false, startedAt: Date.now() };
    this.#lives.set(node, life);
    this.starts += 1;
    child.once('exit', (status, signal) => {
      if (this.#lives.get(node) !== life) return;
      this.#lives.delete(node);
      this.ended.push(node);
      this.deaths.push(`executive ${node} ended by itself: status ${status}, signal ${signal}`);
    });
  }

  /** @param {number} node */
  async kill(node) {
    const life = this.#lives.get(node);
    if (life === undefined) return;
    this.#lives.delete(node);
    this.statuses.delete(node);
    life.process.kill('SIGKILL');
    if (life.process.exitCode === null && life.process.signalCode === null) await once(life.process, 'exit');
  }

  /** @param {number} node @param {boolean} isPaused */
  pause(node, isPaused) {
    const life = this.#lives.get(node);
    if (life === undefined) return;
    life.isPaused = isPaused;
    if (isPaused) this.statuses.delete(node);
    life.process.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  /** @param {number} node */
  life(node) {
    return this.#lives.get(node);
  }

  /** @param {number} node */
  socket(node) {
    return join(this.folder, `node-${node}.sock`);
  }

  /** @param {number} node */
  log(node) {
    return join(this.folder, `node-${node}.log`);
  }

  /** Asks all of them. */
  async ask() {
    await Promise.all(
      this.all.map(async (node) => {
        const life = this.#lives.get(node);
        const status = await fetchStatus(this.socket(node), STATUS_MS).catch(() => undefined);
        if (status === undefined || life === undefined || this.#lives.get(node) !== life) {
          this.statuses.delete(node);
          return;
        }
        life.wasSynchronized ||= status.synchronized;
        this.statuses.set(node, status);
      }),
    );
  }

  /** Whether all are one configuration, synchronized, as they said last. */
  get isWhole() {
    return this.all.every((node) => {
      const status = this.statuses.get(node);
      return status?.synchronized && status.configuration.members.join() === this.all.join();
    });
  }

  /** @param {number} limitMs @returns {Promise<boolean>} whether they came together */
  async together(limitMs) {
    const end = Date.now() + limitMs;
    for (;;) {
      await this.ask();
      if (this.isWhole) return true;
      if (Date.now() > end) return false;
      await delay(50);
    }
  }

  down() {
    for (const { process: child } of this.#lives.values()) child.kill('SIGKILL');
    this.#lives.clear();
    this.testbed.down();
  }

  /** @param {number} node */
  #conf(node) {
    return join(this.folder, `openais-${node}.conf`);
  }

  /** @param {number} node @param {boolean} quorum */
  #config(node, quorum) {
    const nodes = this.all.map((id) => `  node {\n    nodeid: ${id}\n    ring0_addr: ${this.testbed.address(id)}\n  }`);
    return `totem {
  cluster_name: soak
  nodeid: ${node}
  keyfile: authkey
  interface {
    bindnetaddr: ${this.testbed.address(node)}
    mcastport: 5405
  }
}
nodelist {
${nodes.join('\n')}
}
${quorum ? `quorum {\n  expected_votes: ${this.all.length}\n}\n` : ''}ipc {
  socket: node-${node}.sock
}
state {
  dir: state-${node}
}
logging {
  to_stderr: no
  logfile: node-${node}.log
  format: json
}
`;
  }
}
