// The hosts of a benchmark: a testbed with an executive on each host, as processes of their own.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Testbed } from './testbed.mjs';

const program = join(dirname(fileURLToPath(import.meta.url)), 'evs-host.mjs');

/**
 * @typedef {{ received: number, receivedBytes: number, disorders: number, sent: number, at: number, cpu: NodeJS.CpuUsage }} Count
 * @typedef {{ process: import('node:child_process').ChildProcess, members: number[], changedAt: number, changes: number,
 *   counts: Array<(count: Count) => void> }} Host
 */

/** Of CLOCK_MONOTONIC, as the hosts tell it. */
export const seconds = () => Number(process.hrtime.bigint()) / 1e9;

export class Cluster {
  /** @type {Map<number, Host>} */
  #hosts = new Map();
  #folder = mkdtempSync(join(tmpdir(), 'openais-bench-'));

  /** @param {import('./testbed.mjs').TestbedOptions & { totem?: object }} options */
  constructor({ totem = {}, ...options }) {
    this.testbed = new Testbed({ name: 'bench', ...options });
    this.totem = totem;
    this.all = Array.from({ length: options.hosts }, (_, index) => index + 1);
    writeFileSync(join(this.#folder, 'key'), randomBytes(128), { mode: 0o400 });
  }

  /** @param {number} node */
  start(node) {
    const config = {
      totem: {
        nodeid: node,
        keyfile: join(this.#folder, 'key'),
        interface: [{ bindnetaddr: this.testbed.address(node), mcastaddr: '239.192.7.7', mcastport: 5405 }],
        ...this.totem,
      },
      nodelist: { node: this.all.map((nodeid) => ({ nodeid, ring0_addr: this.testbed.address(nodeid) })) },
      ipc: { socket: this.socket(node) },
      state: { dir: join(this.#folder, `state-${node}`) },
    };
    const child = this.testbed.spawn(node, [process.execPath, program, JSON.stringify(config)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    /** @type {Host} */
    const host = { process: child, members: [], changedAt: 0, changes: 0, counts: [] };
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) }).on('line', (line) => {
      const answer = JSON.parse(line);
      if (answer.received !== undefined) host.counts.shift()?.(answer);
      if (answer.configuration === undefined || answer.kind !== 'regular') return;
      host.members = answer.configuration;
      host.changedAt = answer.at;
      host.changes += 1;
    });
    this.#hosts.set(node, host);
  }

  /** @param {number} node the Unix socket of its executive */
  socket(node) {
    return join(this.#folder, `${node}.sock`);
  }

  /** @param {number} node */
  host(node) {
    const host = this.#hosts.get(node);
    if (host === undefined) throw new Error(`host ${node} runs nothing`);
    return host;
  }

  /** @param {number} node @param {object} order */
  order(node, order) {
    this.host(node).process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** @returns {Promise<Count[]>} of all hosts */
  counts() {
    return Promise.all(
      this.all.map((node) => {
        this.order(node, { do: 'count' });
        return new Promise((/** @type {(count: Count) => void} */ resolve) => this.host(node).counts.push(resolve));
      }),
    );
  }

  /**
   * Until each of `nodes` is in a regular configuration of just these.
   * @param {readonly number[]} nodes
   * @returns {Promise<number>} when the last one was, in seconds()
   */
  async together(nodes, limitMs = 30_000) {
    const end = Date.now() + limitMs;
    while (nodes.some((node) => this.host(node).members.join() !== nodes.join())) {
      if (Date.now() > end) throw new Error(`not together within ${limitMs} ms`);
      await delay(2);
    }
    return Math.max(...nodes.map((node) => this.host(node).changedAt));
  }

  /** @param {number} node */
  async kill(node) {
    const { process: child } = this.host(node);
    const at = seconds();
    child.kill('SIGKILL');
    await once(child, 'exit');
    this.#hosts.delete(node);
    return at;
  }

  down() {
    for (const { process: child } of this.#hosts.values()) child.kill('SIGKILL');
    this.testbed.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
