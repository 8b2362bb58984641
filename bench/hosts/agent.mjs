// `ais bench-agent`: starts executives and clients on this machine for a benchmark that another one controls. Nothing but these two programs,
// their files in a folder of its own, one controller at a time; when the controller goes, everything ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineName } from '../machine.mjs';
import { microseconds } from '../programs/messages.mjs';
import { Channel } from './channel.mjs';
import { startChild } from './child.mjs';
import { commandOf } from './launch.mjs';

const programs = ['executive', 'embedded', 'client'];

/**
 * @param {{ host: string, port: number, key: Uint8Array, say: (text: string) => void }} options
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} when it listens
 */
export async function startAgent({ host, port, key, say }) {
  /** @type {Work | undefined} */
  let current;
  const server = createServer((socket) => {
    const from = socket.remoteAddress;
    if (current !== undefined) {
      say(`${from} is refused: another benchmark is here`);
      socket.destroy();
      return;
    }
    const work = new Work(new Channel(socket, key, 'agent'), (reason) => {
      current = undefined;
      say(`${from} has gone${reason ? `: ${reason.message}` : ''}`);
    });
    current = work;
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(undefined)));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.close();
      await current?.end();
    },
  };
}

/** What one controller has started. */
class Work {
  /** @type {Map<number, import('./program.mjs').Program>} */
  #programs = new Map();
  #folder = mkdtempSync(join(tmpdir(), 'openais-agent-'));
  /** @type {Promise<void> | undefined} */
  #ending;

  /** @param {Channel} channel @param {(reason: Error | undefined) => void} ended */
  constructor(channel, ended) {
    this.channel = channel;
    channel.onMessage = (order) => this.obey(order);
    channel.onClose = (reason) => void this.end().then(() => ended(reason));
  }

  /** @param {any} order */
  obey(order) {
    const program = this.#programs.get(order.program);
    if (order.do === 'hello') this.#answer(order, { machine: machineName() });
    if (order.do === 'clock') this.#answer(order, { at: microseconds() });
    if (order.do === 'start') this.#start(order);
    if (order.do === 'line') program?.reach.write(order.line);
    if (order.do === 'signal') program?.reach.signal(order.signal);
    if (order.do === 'cpu') void program?.cpu().then((cpu) => this.#answer(order, { cpu }));
  }

  end() {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end() {
    this.channel.close();
    await Promise.all([...this.#programs.values()].map((program) => program.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {{ ask: number, program: number, launch: import('./launch.mjs').Launch }} order */
  #start({ ask, program: id, launch }) {
    if (!programs.includes(launch.program)) {
      this.#answer({ ask }, { error: `no program '${launch.program}'` });
      return;
    }
    const program = startChild(commandOf(join(this.#folder, 'host'), launch));
    program.onLine = (line) => this.channel.send({ program: id, line });
    void program.exited.then(() => {
      this.#programs.delete(id);
      this.channel.send({ program: id, exited: true });
    });
    this.#programs.set(id, program);
    this.#answer({ ask }, {});
  }

  /** @param {{ ask: number }} order @param {object} answer */
  #answer({ ask }, answer) {
    this.channel.send({ ask, ...answer });
  }
}
