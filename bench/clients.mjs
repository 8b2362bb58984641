// Client processes of a benchmark, each on the host of its executive.

import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), 'client.mjs');

export class Client {
  /** @type {Map<number, (answer: any) => void>} */
  #answers = new Map();
  #lastId = 0;
  /** @type {import('node:child_process').ChildProcess} */
  #process;

  /** @param {import('./cluster.mjs').Cluster} cluster @param {number} node */
  static async start(cluster, node) {
    const client = new Client(cluster, node);
    await once(client.#process.stdout ?? process.stdin, 'data');
    return client;
  }

  /** @param {import('./cluster.mjs').Cluster} cluster @param {number} node */
  constructor(cluster, node) {
    this.#process = cluster.testbed.spawn(node, [process.execPath, program, cluster.socket(node)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const output = /** @type {import('node:stream').Readable} */ (this.#process.stdout);
    createInterface({ input: output }).on('line', (line) => {
      const answer = JSON.parse(line);
      this.#answers.get(answer.id)?.(answer);
      this.#answers.delete(answer.id);
    });
  }

  /** @param {object} order @returns {Promise<any>} what the client answers */
  order(order) {
    const id = ++this.#lastId;
    this.#process.stdin?.write(`${JSON.stringify({ id, ...order })}\n`);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  end() {
    this.#process.kill('SIGKILL');
  }
}
