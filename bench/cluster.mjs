// A group communication system on the hosts of a benchmark: on each host its daemon and a client that sends, receives and tells the
// configurations that it is given. Ours here; bench/peers has the others.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {import('./hosts/program.mjs').Program} Program
 * @typedef {{ daemon: Program | undefined, client: Program, members: number[], changedAt: number, changes: number }} Node
 * @typedef {{ received: number, misordered: number, corrupt: number, at: number, latency: { buckets: number[], max: number } }} Report
 * @typedef {{ reports: Report[], cpu: Record<string, number>, retransmits: number }} Sample by node; µs by process kind
 */

/** Of CLOCK_MONOTONIC, as all programs on this machine tell it. */
export const seconds = () => Number(process.hrtime.bigint()) / 1e9;

/** What every system has in common. */
export class Cluster {
  /** @type {Map<number, Node>} */
  nodes = new Map();

  /** @param {import('./hosts/local.mjs').Hosts} hosts */
  constructor(hosts) {
    this.hosts = hosts;
    this.all = Array.from({ length: hosts.count }, (_, index) => index + 1);
  }

  /** Starts the daemon and the client of a host. @param {number} _node @returns {Promise<void>} */
  start(_node) {
    throw new Error('a system says how it starts');
  }

  /** Packets and tokens that all daemons have sent again. @returns {Promise<number>} */
  retransmits() {
    return Promise.resolve(0);
  }

  async up() {
    for (const node of this.all) await this.start(node);
    await this.together(this.all);
    await Promise.all(this.all.map((node) => this.node(node).client.ready));
  }

  /** @param {number} number @param {Program | undefined} daemon @param {Program} client */
  started(number, daemon, client) {
    /** @type {Node} */
    const node = { daemon, client, members: [], changedAt: 0, changes: 0 };
    client.onNews = ({ configuration, kind, at }) => {
      if (configuration === undefined || kind !== 'regular') return;
      node.members = configuration;
      node.changedAt = at - this.hosts.clock(number) / 1e6;
      node.changes += 1;
    };
    this.nodes.set(number, node);
  }

  /** @param {number} number */
  node(number) {
    const node = this.nodes.get(number);
    if (node === undefined) throw new Error(`host ${number} runs nothing`);
    return node;
  }

  /** @param {number} node @param {object} order @returns {Promise<any>} what its client answers */
  ask(node, order) {
    return this.node(node).client.ask(order);
  }

  /** @param {object} order */
  askAll(order) {
    return Promise.all(this.all.map((node) => this.ask(node, order)));
  }

  /** @returns {Promise<Sample>} */
  async sample() {
    const [reports, cpu, retransmits] = await Promise.all([
      this.askAll({ do: 'report' }),
      this.cpu(),
      this.retransmits(),
    ]);
    return { reports, cpu, retransmits };
  }

  /** µs of user and system time, of all processes of a kind. @returns {Promise<Record<string, number>>} */
  async cpu() {
    /** @param {Array<Program | undefined>} programs */
    const sum = async (programs) => {
      const each = await Promise.all(programs.map((program) => program?.cpu() ?? 0));
      return each.reduce((a, b) => a + b, 0);
    };
    const nodes = [...this.nodes.values()];
    const [executive, client] = await Promise.all([
      sum(nodes.map(({ daemon }) => daemon)),
      sum(nodes.map(({ client }) => client)),
    ]);
    return nodes.some(({ daemon }) => daemon === undefined) ? { embedded: client } : { executive, client };
  }

  /** Configurations that clients were given so far. */
  changes() {
    return this.all.map((node) => this.nodes.get(node)?.changes ?? 0);
  }

  /**
   * Until each of `nodes` is in a regular configuration of just these.
   * @param {readonly number[]} nodes
   * @returns {Promise<number>} when the last one was, in seconds()
   */
  async together(nodes, limitMs = 60_000) {
    const end = Date.now() + limitMs;
    while (nodes.some((node) => this.node(node).members.join() !== nodes.join())) {
      if (Date.now() > end) throw new Error(`not together within ${limitMs} ms`);
      await delay(2);
    }
    return Math.max(...nodes.map((node) => this.node(node).changedAt));
  }

  /** SIGKILL to the daemon. @param {number} number @returns {Promise<number>} when, in seconds() */
  async kill(number) {
    const { daemon, client } = this.node(number);
    const at = seconds();
    this.nodes.delete(number);
    // Both at once: a client that is left alone complains.
    await Promise.all([daemon?.kill(), client.kill()]);
    return at;
  }

  async down() {
    const programs = [...this.nodes.values()].flatMap(({ daemon, client }) => [client, daemon ?? client]);
    this.nodes.clear();
    await Promise.all(programs.map((program) => program.kill()));
  }
}

/** Executives of ours, as processes of their own or inside their clients. */
export class OurCluster extends Cluster {
  name = 'openais';
  #key = randomBytes(128).toString('hex');

  /** @param {import('./hosts/local.mjs').Hosts} hosts @param {{ totem: object, isInProcess: boolean }} options */
  constructor(hosts, { totem, isInProcess }) {
    super(hosts);
    this.totem = totem;
    this.isInProcess = isInProcess;
  }

  /** @override @param {number} number */
  async start(number) {
    const { hosts, all } = this;
    const config = {
      totem: {
        nodeid: number,
        interface: [{ bindnetaddr: hosts.address(number), mcastaddr: '239.192.7.7', mcastport: 5405 }],
        ...this.totem,
      },
      nodelist: { node: all.map((nodeid) => ({ nodeid, ring0_addr: hosts.address(nodeid) })) },
    };
    const program = this.isInProcess ? 'embedded' : 'executive';
    const first = await hosts.start(number, { program, config, key: this.#key });
    if (this.isInProcess) this.started(number, undefined, first);
    else this.started(number, first, await this.client(number));
  }

  /** A client of a host, one more than that which start() made. @param {number} number */
  client(number) {
    return this.hosts.start(number, { program: 'client' });
  }

  /** @override */
  async retransmits() {
    const documents = await this.askAll({ do: 'status' });
    return documents.reduce((sum, { ring }) => sum + ring.dataRetransmitted + ring.tokenRetransmits, 0);
  }
}
