// corosync of the distribution's package, on the same hosts. Its daemons want directories of their own: each lives in a mount namespace.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cluster } from '../../cluster.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const daemon = '/usr/sbin/corosync';
const privateFolders = ['/run', '/dev/shm', '/var/lib/corosync', '/var/log/corosync'];
/** Then the daemon takes the place of the shell. */
const inPrivate = `for folder in ${privateFolders.join(' ')}; do mount -t tmpfs -o mode=0777 bench $folder || exit 1; done; echo '{"ready":true}'; exec "$@"`;

/** In ms. */
const CLIENT_DELAY = 300;
/** Rings that are formed anew until one is whole. */
const ATTEMPTS = 3;
const FORMATION_LIMIT = 25_000;

/** Why corosync can't be measured here, or undefined. */
export function corosyncProblem() {
  if (!existsSync(daemon)) return 'corosync is not installed (Debian: apt-get install corosync libcpg-dev)';
  if (!existsSync('/usr/include/corosync/cpg.h'))
    return 'libcpg-dev is not installed (Debian: apt-get install libcpg-dev)';
  return undefined;
}

export function corosyncVersion() {
  return /version '([^']+)'/.exec(execFileSync(daemon, ['-v'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
}

/**
 * @typedef {{ transport: 'udp' | 'udpu' | 'knet', totem?: Record<string, string | number>, system?: Record<string, string> }} Settings
 */

export class CorosyncCluster extends Cluster {
  name = 'corosync';
  #client = '';

  /** @param {import('../../hosts/local.mjs').LocalHosts} hosts @param {Settings} settings */
  constructor(hosts, settings) {
    super(hosts);
    this.local = hosts;
    this.settings = settings;
  }

  /** @override @param {number} number */
  async start(number) {
    this.#client ||= compileClient(this.local.folder);
    const folder = join(this.local.folder, `corosync-${number}`);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'corosync.conf');
    writeFileSync(file, this.#config(number, folder));
    const errors = join(folder, 'stderr');
    const program = this.local.run(number, ['sh', '-c', inPrivate, 'sh', daemon, '-f', '-c', file], errors);
    await Promise.race([program.ready, program.exited]);
    const pid = program.reach.pid;
    // A client that connects while its daemon forms its first ring may never see the others.
    await delay(CLIENT_DELAY);
    const client = this.local.run(number, ['nsenter', '-t', `${pid}`, '-m', '-n', this.#client], errors);
    this.started(number, program, client);
  }

  /** @override */
  async up() {
    for (let attempt = 1; ; attempt += 1) {
      await Promise.all(this.all.map((node) => this.start(node)));
      try {
        await this.together(this.all, FORMATION_LIMIT);
        return;
      } catch (error) {
        await this.down();
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** @override */
  async retransmits() {
    const each = this.all.map((number) => {
      const pid = this.node(number).daemon?.reach.pid;
      const command = ['-t', `${pid}`, '-m', '-n', 'corosync-cmapctl', '-m', 'stats', '-g'];
      return ['stats.srp.mcast_retx', 'stats.srp.token_retx'].reduce((sum, key) => sum + counter([...command, key]), 0);
    });
    return each.reduce((a, b) => a + b, 0);
  }

  /** @param {number} number @param {string} folder */
  #config(number, folder) {
    const { transport, totem = {}, system = {} } = this.settings;
    const { hosts } = this;
    const multicast = `interface {\n bindnetaddr: ${hosts.address(number)}\n mcastaddr: 239.192.7.8\n mcastport: 5405\n}\n`;
    const nodes = this.all
      .map((id) => `node {\n nodeid: ${id}\n name: n${id}\n ring0_addr: ${hosts.address(id)}\n}\n`)
      .join('');
    return [
      `totem {\nversion: 2\ncluster_name: bench\ntransport: ${transport}\n${lines(totem)}`,
      `${transport === 'udp' ? multicast : ''}}\n`,
      `system {\nmove_to_cgroup: no\n${lines(system)}}\n`,
      `logging {\nto_syslog: no\nto_stderr: no\nto_logfile: yes\nlogfile: ${join(folder, 'log')}\n}\n`,
      `nodelist {\n${nodes}}\n`,
    ].join('');
  }
}

/** @param {Record<string, string | number>} settings */
function lines(settings) {
  return Object.entries(settings)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** A counter of its daemon; 0 where it has none. @param {string[]} command */
function counter(command) {
  try {
    const text = execFileSync('nsenter', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/= (\d+)/.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** @param {string} folder */
function compileClient(folder) {
  const program = join(folder, 'corosync-client');
  if (existsSync(program)) return program;
  const compiler = process.env.CC ?? 'cc';
  execFileSync(compiler, ['-O2', '-pthread', '-o', program, join(here, 'client.c'), '-lcpg', '-lm'], {
    stdio: 'inherit',
  });
  return program;
}
