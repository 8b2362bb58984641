// Real machines, each with an agent that the user has started: `ais bench-agent`.

import { once } from 'node:events';
import { connect } from 'node:net';
import { readKeyFile } from '../../dist/config/authkey.js';
import { UsageError } from '../options.mjs';
import { microseconds } from '../programs/messages.mjs';
import { Channel } from './channel.mjs';
import { Program } from './program.mjs';

/** Questions for the time; the quickest answer is believed. */
const CLOCK_QUESTIONS = 40;

/** @implements {Hosts} @typedef {import('./local.mjs').Hosts} Hosts */
export class RemoteHosts {
  canCut = false;

  /** @param {readonly Agent[]} agents */
  constructor(agents) {
    this.agents = agents;
    this.count = agents.length;
    this.machine = [...new Set(agents.map(({ machine }) => machine))].join(' | ');
  }

  /** @param {ReadonlyArray<{ address: string, port: number }>} machines @param {string | undefined} keyFile */
  static async connect(machines, keyFile) {
    if (keyFile === undefined) throw new UsageError('--hosts needs --agent-key, the key file of the agents');
    const { key } = await readKeyFile(keyFile);
    const hosts = new RemoteHosts(await Promise.all(machines.map((machine) => Agent.connect(machine, key))));
    await hosts.synchronize();
    return hosts;
  }

  /** @param {number} host */
  address(host) {
    return this.#agent(host).address;
  }

  /** @param {number} host @param {import('./launch.mjs').Launch} launch */
  start(host, launch) {
    return this.#agent(host).start(launch);
  }

  /** µs that a host's clock is ahead of ours. @param {number} host */
  clock(host) {
    return this.#agent(host).ahead;
  }

  async synchronize() {
    await Promise.all(this.agents.map((agent) => agent.synchronize()));
  }

  isolate() {
    throw new UsageError('cables of real machines are not cut from here');
  }

  heal() {}

  /** @param {number} percent */
  lose(percent) {
    if (percent > 0) throw new UsageError('--loss is for hosts on this machine');
  }

  down() {
    for (const agent of this.agents) agent.channel.close();
  }

  /** @param {number} host */
  #agent(host) {
    const agent = this.agents[host - 1];
    if (agent === undefined) throw new Error(`there is no host ${host}`);
    return agent;
  }
}

class Agent {
  machine = '';
  ahead = 0;
  /** @type {Map<number, Program>} */
  #programs = new Map();
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  #lastId = 0;

  /** @param {{ address: string, port: number }} machine @param {Uint8Array} key */
  static async connect({ address, port }, key) {
    const socket = connect({ host: address, port });
    await once(socket, 'connect').catch((error) => {
      throw new UsageError(`no agent at ${address}:${port} (${error.message}): start 'ais bench-agent' there`);
    });
    const agent = new Agent(address, new Channel(socket, key, 'controller'));
    const hello = agent.#ask({ do: 'hello' }).catch(() => {
      throw new UsageError(`the agent at ${address}:${port} ends the conversation: another key, or another benchmark`);
    });
    ({ machine: agent.machine } = await hello);
    return agent;
  }

  /** @param {string} address @param {Channel} channel */
  constructor(address, channel) {
    this.address = address;
    this.channel = channel;
    channel.onMessage = (message) => this.#take(message);
    channel.onClose = (reason) => {
      for (const program of this.#programs.values()) program.ended();
      const gone = new UsageError(`the agent at ${address} has gone${reason ? `: ${reason.message}` : ''}`);
      for (const { reject } of this.#asked.values()) reject(gone);
    };
  }

  /** @param {import('./launch.mjs').Launch} launch */
  async start(launch) {
    const id = ++this.#lastId;
    const program = new Program({
      write: (line) => this.channel.send({ do: 'line', program: id, line }),
      signal: (signal) => this.channel.send({ do: 'signal', program: id, signal }),
      cpu: async () => (await this.#ask({ do: 'cpu', program: id })).cpu,
      pid: undefined,
    });
    this.#programs.set(id, program);
    await this.#ask({ do: 'start', program: id, launch });
    return program;
  }

  async synchronize() {
    let quickest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < CLOCK_QUESTIONS; i += 1) {
      const before = microseconds();
      const { at } = await this.#ask({ do: 'clock' });
      const after = microseconds();
      if (after - before >= quickest) continue;
      quickest = after - before;
      this.ahead = at - (before + after) / 2;
    }
  }

  /** @param {object} order @returns {Promise<any>} */
  #ask(order) {
    const ask = ++this.#lastId;
    this.channel.send({ ask, ...order });
    return new Promise((resolve, reject) => this.#asked.set(ask, { resolve, reject }));
  }

  /** @param {any} message */
  #take({ ask, program: id, line, exited, error, ...answer }) {
    const program = this.#programs.get(id);
    if (line !== undefined) program?.onLine(line);
    if (exited) {
      this.#programs.delete(id);
      program?.ended();
    }
    const asked = this.#asked.get(ask);
    this.#asked.delete(ask);
    if (error !== undefined) asked?.reject(new Error(error));
    else asked?.resolve(answer);
  }
}
