// Hosts as network namespaces of this machine, joined by a switch.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testbed } from '../testbed.mjs';
import { startChild } from './child.mjs';
import { commandOf } from './launch.mjs';

/**
 * The hosts of a benchmark, number 1 to `count`: here, or machines with an agent.
 * @typedef {object} Hosts
 * @property {number} count
 * @property {(host: number) => string} address
 * @property {(host: number, launch: import('./launch.mjs').Launch) => Promise<import('./program.mjs').Program>} start
 * @property {(host: number) => number} clock µs that its clock is ahead of ours
 * @property {() => Promise<void>} synchronize asks for the clocks anew
 * @property {boolean} canCut
 * @property {(host: number) => void} isolate pulls its cable
 * @property {() => void} heal
 * @property {(percent: number) => void} lose datagrams at random
 * @property {() => void} down
 */

/** @implements {Hosts} */
export class LocalHosts {
  canCut = true;
  /** Files of all hosts. */
  folder = mkdtempSync(join(tmpdir(), 'openais-bench-'));

  /** @param {{ nodes: number, link: import('../limits.mjs').Link, mtu: number }} options */
  constructor({ nodes, link, mtu }) {
    this.count = nodes;
    this.testbed = new Testbed({ name: 'bench', hosts: nodes, link, mtu });
  }

  /** @param {number} host */
  address(host) {
    return this.testbed.address(host);
  }

  /** @param {number} host @param {import('./launch.mjs').Launch} launch */
  async start(host, launch) {
    return this.run(host, commandOf(join(this.folder, `${host}`), launch));
  }

  /** Any command. @param {number} host @param {readonly string[]} command @param {string} [errors] file for its standard error */
  run(host, command, errors) {
    return startChild(this.testbed.command(host, command), errors);
  }

  /** One clock for all. */
  clock() {
    return 0;
  }

  async synchronize() {}

  /** @param {number} host */
  isolate(host) {
    this.testbed.isolate(host);
  }

  heal() {
    this.testbed.heal();
  }

  /** @param {number} percent */
  lose(percent) {
    this.testbed.lose(percent);
  }

  down() {
    this.testbed.down();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
