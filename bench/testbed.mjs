// A switched network of several hosts on one Linux machine: a network namespace a host, joined by a bridge in a namespace of its own.
// Integration tests cut it and lose packets in it; benchmarks give its links a rate. Needs root, iproute2 and nftables.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why no testbed can be made here, or undefined. */
export function testbedProblem() {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const tool of ['ip', 'nft', 'tc']) {
    const isThere = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((folder) => existsSync(`${folder}/${tool}`));
    if (!isThere) return `'${tool}' is missing (Debian: apt-get install iproute2 nftables)`;
  }
  const name = `ais-probe-${process.pid}`;
  try {
    run('ip', ['netns', 'add', name]);
    run('ip', ['netns', 'del', name]);
    return undefined;
  } catch (error) {
    return `no network namespace can be made: ${error instanceof Error ? error.message : error}`;
  }
}

/**
 * @typedef {object} TestbedOptions
 * @property {string} [name] prefix of the namespaces; the process id makes it unique
 * @property {number} hosts 1 to 200; host i has the address 10.77.0.i
 * @property {number} [mtu] default 1500
 * @property {'100mbit' | '1gbit' | 'none'} [link] shaped in both directions as switched full duplex; default none
 */

/** Bytes of a frame beside its IP packet: those that tbf counts, and those that it does not (checksum, preamble, gap). */
const [HEADER, UNCOUNTED] = [14, 24];

/** What tbf needs for a link whose payload limit is that of real Ethernet. */
const shapes = {
  '100mbit': () => ['rate', '100mbit', 'burst', '32kb', 'overhead', `${UNCOUNTED}`],
  // What is not counted is taken from the rate of full frames, so that a burst passes whole and two cores can drive it.
  '1gbit': (/** @type {number} */ mtu) => {
    const kilobits = Math.round((1e6 * (mtu + HEADER)) / (mtu + HEADER + UNCOUNTED));
    return ['rate', `${kilobits}kbit`, 'burst', '128kb'];
  },
};

export class Testbed {
  /** @type {Array<readonly [number, number]>} directions that are cut */
  #cuts = [];
  #lossPercent = 0;

  /** @param {TestbedOptions} options */
  constructor(options) {
    this.name = `${options.name ?? 'ais'}${process.pid}`;
    this.hosts = options.hosts;
    this.mtu = options.mtu ?? 1500;
    this.link = options.link ?? 'none';
    this.switch = `${this.name}-sw`;
    try {
      this.#up();
    } catch (error) {
      this.down();
      throw error;
    }
  }

  /** @param {number} host from 1 */
  address(host) {
    return `10.77.0.${host}`;
  }

  /** @param {number} host */
  namespace(host) {
    return `${this.name}-${host}`;
  }

  /**
   * A process on a host.
   * @param {number} host
   * @param {string[]} command
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  spawn(host, command, options = {}) {
    const [program = '', ...args] = this.command(host, command);
    return spawn(program, args, options);
  }

  /**
   * What runs a command on a host.
   * @param {number} host
   * @param {readonly string[]} command
   */
  command(host, command) {
    return ['ip', 'netns', 'exec', this.namespace(host), ...command];
  }

  /**
   * Nothing passes from any of `from` to any of `to`, nor back unless `oneWay`.
   * @param {readonly number[]} from
   * @param {readonly number[]} to
   * @param {{ oneWay?: boolean }} [options]
   */
  cut(from, to, { oneWay = false } = {}) {
    for (const a of from)
      for (const b of to) {
        if (a === b) continue;
        this.#cuts.push([a, b]);
        if (!oneWay) this.#cuts.push([b, a]);
      }
    this.#filter();
  }

  /** @param {number} host whose cable is pulled */
  isolate(host) {
    this.cut(
      [host],
      this.#all().filter((other) => other !== host),
    );
  }

  heal() {
    this.#cuts = [];
    this.#filter();
  }

  /** @param {number} percent of datagrams, drawn for each copy from the switch to a host */
  lose(percent) {
    this.#lossPercent = percent;
    this.#filter();
  }

  down() {
    for (const name of [...this.#all().map((host) => this.namespace(host)), this.switch]) {
      try {
        run('ip', ['netns', 'del', name]);
      } catch {
        // It was never made.
      }
    }
  }

  #all() {
    return Array.from({ length: this.hosts }, (_, index) => index + 1);
  }

  #up() {
    run('ip', ['netns', 'add', this.switch]);
    batch(this.switch, [
      'link set lo up',
      'link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
      `link set br0 mtu ${this.mtu} up`,
    ]);
    for (const host of this.#all()) {
      const name = this.namespace(host);
      run('ip', ['netns', 'add', name]);
      const port = `p${host}`;
      run('ip', [
        ...['link', 'add', 'eth0', 'mtu', `${this.mtu}`, 'address', mac(host), 'netns', name],
        ...['type', 'veth', 'peer', 'name', port, 'mtu', `${this.mtu}`, 'netns', this.switch],
      ]);
      batch(this.switch, [`link set ${port} master br0 up`]);
      batch(name, [
        'link set lo up',
        `addr add ${this.address(host)}/24 brd + dev eth0`,
        'link set eth0 up',
        'route add 224.0.0.0/4 dev eth0',
        // Fixed neighbours: no ARP in what is measured.
        ...this.#all()
          .filter((other) => other !== host)
          .map((other) => `neigh add ${this.address(other)} lladdr ${mac(other)} dev eth0 nud permanent`),
      ]);
      if (this.link !== 'none') this.#shape(name, port);
    }
  }

  /**
   * Both ends: the host's interface shapes what it sends, the port of the switch what it receives.
   * @param {string} name
   * @param {string} port
   */
  #shape(name, port) {
    const shape = this.link === 'none' ? [] : shapes[this.link](this.mtu);
    run('tc', ['-n', name, 'qdisc', 'replace', 'dev', 'eth0', 'root', 'tbf', ...shape, 'limit', '4mb']);
    run('tc', ['-n', this.switch, 'qdisc', 'replace', 'dev', port, 'root', 'tbf', ...shape, 'limit', '512kb']);
  }

  #filter() {
    const rules = ['add table bridge lab', 'delete table bridge lab'];
    if (this.#cuts.length > 0 || this.#lossPercent > 0) {
      rules.push('add table bridge lab');
      rules.push('add chain bridge lab sw { type filter hook forward priority 0; policy accept; }');
      for (const [from, to] of this.#cuts)
        rules.push(`add rule bridge lab sw iifname "p${from}" oifname "p${to}" drop`);
      const share = Math.round(this.#lossPercent * 10_000);
      if (share > 0) rules.push(`add rule bridge lab sw numgen random mod 1000000 < ${share} drop`);
    }
    run('ip', ['netns', 'exec', this.switch, 'nft', '-f', '-'], `${rules.join('\n')}\n`);
  }
}

/** @param {number} host */
function mac(host) {
  return `02:00:00:00:00:${host.toString(16).padStart(2, '0')}`;
}

/**
 * @param {string} namespace
 * @param {string[]} lines
 */
function batch(namespace, lines) {
  run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [input]
 */
function run(command, args, input) {
  execFileSync(command, args, { input: input ?? '', stdio: ['pipe', 'pipe', 'pipe'] });
}
