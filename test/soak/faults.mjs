// The faults of a soak, drawn from a seed: at most one of the network and one of a process at a time, each of them healed again.

import { setTimeout as delay } from 'node:timers/promises';

/** Time for a killed node to be part of the cluster again, before another process is harmed. */
const REJOIN_MS = 5000;
/** After so many faults the cluster is left alone until it is whole, and a second longer. */
const FAULTS_BETWEEN_RESTS = 10;
const REST_MS = 6000;
/** Percent of datagrams, where some are lost. */
const LOSS = [1, 5, 20];

export class Faults {
  /** @type {Record<string, number>} how many of each kind there were */
  counts = {};
  #daemons;
  #random;
  #options;
  #say;
  #isOver = false;
  #isNetworkHarmed = false;
  #isProcessHarmed = false;
  /** @type {Set<Promise<void>>} */
  #under = new Set();

  /**
   * @param {import('./daemons.mjs').Daemons} daemons
   * @param {import('../../dist/sim/random.js').Random} random
   * @param {Pick<import('./options.mjs').SoakOptions, 'faultEvery' | 'keep'>} options
   * @param {(what: string) => void} say
   */
  constructor(daemons, random, options, say) {
    this.#daemons = daemons;
    this.#random = random;
    this.#options = options;
    this.#say = say;
  }

  /** @param {number} until */
  async run(until) {
    for (let count = 1; Date.now() < until; count += 1) {
      await delay(1000 * this.#options.faultEvery);
      this.#draw();
      if (count % FAULTS_BETWEEN_RESTS !== 0) continue;
      await Promise.all(this.#under);
      if (await this.#daemons.together(Math.min(REST_MS, Math.max(0, until - Date.now())))) await delay(1000);
    }
    this.#isOver = true;
    await Promise.all(this.#under);
  }

  #draw() {
    const kinds = ['kill', 'kill', 'pause', 'cable', 'partition', 'loss'];
    const kind = this.#random.pick(kinds);
    const node = this.#random.pick(this.#daemons.all);
    const lasts = 1000 * Math.min(3, this.#options.faultEvery * this.#random.uniform(0.2, 2.5));
    const isOfProcess = kind === 'kill' || kind === 'pause';
    if (isOfProcess ? this.#isProcessHarmed : this.#isNetworkHarmed) return;
    if (isOfProcess && this.#daemons.life(node) === undefined) return;
    const running = isOfProcess ? this.#harmProcess(kind, node, lasts) : this.#harmNetwork(kind, node, lasts);
    this.#under.add(running);
    void running.finally(() => this.#under.delete(running));
  }

  /** @param {string} kind @param {string} [detail] */
  #note(kind, detail = '') {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.#say(`${kind} ${detail}`);
  }

  /** @param {string} kind @param {number} node @param {number} lasts */
  async #harmNetwork(kind, node, lasts) {
    const { testbed, all } = this.#daemons;
    this.#isNetworkHarmed = true;
    if (kind === 'cable') {
      this.#note(kind, `of ${node} for ${Math.round(lasts)} ms`);
      testbed.isolate(node);
    } else if (kind === 'partition') {
      const parts = [all.slice(0, Math.ceil(all.length / 2)), all.slice(Math.ceil(all.length / 2))];
      const [one = [], two = []] = this.#random.chance(0.5) ? parts : [all.slice(0, 1), all.slice(1)];
      this.#note(kind, `${one.join()}|${two.join()} for ${Math.round(lasts)} ms`);
      testbed.cut(one, two);
    } else {
      const percent = this.#random.pick(LOSS);
      this.#note(kind, `of ${percent} % for ${Math.round(lasts)} ms`);
      testbed.lose(percent);
    }
    await this.#wait(lasts);
    testbed.heal();
    testbed.lose(0);
    this.#isNetworkHarmed = false;
  }

  /** @param {string} kind @param {number} node @param {number} lasts */
  async #harmProcess(kind, node, lasts) {
    this.#isProcessHarmed = true;
    await this.#daemons.ask();
    if (kind === 'pause') {
      this.#note(kind, `of ${node} for ${Math.round(lasts)} ms`);
      this.#daemons.pause(node, true);
      await this.#wait(lasts);
      this.#daemons.pause(node, false);
    } else if (this.#mayDie(node)) {
      this.#note(kind, `${node}, down for ${Math.round(lasts / 2)} ms`);
      await this.#daemons.kill(node);
      await this.#wait(lasts / 2);
      this.#daemons.start(node);
      const end = Date.now() + REJOIN_MS;
      while (!this.#isOver && Date.now() < end && !this.#daemons.life(node)?.wasSynchronized) await delay(50);
    }
    this.#isProcessHarmed = false;
  }

  /**
   * What was acknowledged survives as long as one member lives that has it: the last one is not killed.
   * @param {number} node
   */
  #mayDie(node) {
    if (node === this.#options.keep) return false;
    if (!this.#daemons.life(node)?.wasSynchronized) return true;
    const { statuses, all } = this.#daemons;
    const status = statuses.get(node);
    return all.some((other) => {
      const its = statuses.get(other);
      if (other === node || status === undefined || its === undefined) return false;
      return status.synchronized && its.synchronized && its.configuration.id === status.configuration.id;
    });
  }

  /** @param {number} ms */
  async #wait(ms) {
    const end = Date.now() + ms;
    while (!this.#isOver && Date.now() < end) await delay(Math.min(20, Math.max(1, end - Date.now())));
  }
}
