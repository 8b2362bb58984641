// What workloads share: the hosts, the systems on them, runs in turn, and a word about how far it is.

import { OurCluster } from './cluster.mjs';
import { LocalHosts } from './hosts/local.mjs';
import { machineName } from './machine.mjs';
import { choosePeer } from './peers/choose.mjs';

/** Names the step on standard error: in place on a terminal, else a line each. @param {string} text */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
}

export function progressDone() {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

/** What took part. @type {Set<string>} */
export const machines = new Set();

/** @param {import('./options.mjs').Options} options @returns {Promise<import('./hosts/local.mjs').Hosts>} */
async function makeHosts(options) {
  if (options.hosts === undefined) {
    machines.add(machineName());
    return new LocalHosts(options);
  }
  const { RemoteHosts } = await import('./hosts/remote.mjs');
  const hosts = await RemoteHosts.connect(options.hosts.slice(0, options.nodes), options.agentKey);
  machines.add(hosts.machine);
  return hosts;
}

/** @template T @param {import('./options.mjs').Options} options @param {(hosts: import('./hosts/local.mjs').Hosts) => Promise<T>} use */
export async function onHosts(options, use) {
  progress(`${options.nodes} hosts, link ${options.link}`);
  const hosts = await makeHosts(options);
  const interrupted = () => {
    hosts.down();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await use(hosts);
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    hosts.down();
  }
}

/** @param {import('./hosts/local.mjs').Hosts} hosts @param {import('./options.mjs').Options} options */
export function ours(hosts, { crypto, realtime, profile, mtu, inProcess }) {
  const totem = { realtime, profile, netmtu: mtu, ...(crypto === 'none' ? { crypto, insecure: true } : { crypto }) };
  return new OurCluster(hosts, { totem, isInProcess: inProcess });
}

/**
 * While a system is up, with the loss that was asked for once it stands.
 * @template T
 * @template {import('./cluster.mjs').Cluster} C
 * @param {C} cluster
 * @param {number} loss percent
 * @param {(cluster: C) => Promise<T>} use
 */
export async function whileUp(cluster, loss, use) {
  try {
    await cluster.up();
    if (loss > 0) cluster.hosts.lose(loss);
    return await use(cluster);
  } finally {
    if (loss > 0) cluster.hosts.lose(0);
    await cluster.down();
  }
}

/**
 * A cluster of ours that is up, for workloads without a peer.
 * @template T
 * @param {import('./options.mjs').Options} options
 * @param {(cluster: OurCluster) => Promise<T>} use
 */
export function onCluster(options, use) {
  return onHosts(options, (hosts) => whileUp(ours(hosts, options), options.loss, use));
}

/**
 * Every run of ours, and of the peer in turn on the same hosts: neither is up while the other is measured. Without a peer one cluster
 * serves for all runs.
 * @template T
 * @param {import('./hosts/local.mjs').Hosts} hosts
 * @param {import('./options.mjs').Options} options
 * @param {(cluster: import('./cluster.mjs').Cluster) => Promise<T>} measure
 * @param {(run: T) => number} score of a trial: the higher the better
 * @returns {Promise<{ runs: T[], peer: { about: object, runs: T[] } | undefined }>}
 */
export async function inTurn(hosts, options, measure, score) {
  const up = (/** @type {import('./cluster.mjs').Cluster} */ cluster) => whileUp(cluster, options.loss, measure);
  const peer = options.peer && (await choosePeer(hosts, options, async (cluster) => score(await up(cluster))));
  /** @type {T[]} */
  const runs = [];
  /** @type {T[]} */
  const peerRuns = [];
  const tell = (/** @type {number} */ run, what = '') => progress(`run ${run} of ${options.runs}${what}`);
  if (peer === undefined) {
    await whileUp(ours(hosts, options), options.loss, async (cluster) => {
      for (let run = 1; run <= options.runs; run += 1) {
        tell(run);
        runs.push(await measure(cluster));
      }
    });
    return { runs, peer };
  }
  for (let run = 1; run <= options.runs; run += 1) {
    tell(run);
    runs.push(await up(ours(hosts, options)));
    tell(run, ` of ${options.peer}`);
    // It may fail by itself: then it has a run less, and that is told.
    const its = await up(peer.make()).catch(() => undefined);
    if (its !== undefined) peerRuns.push(its);
  }
  return { runs, peer: { about: { ...peer.about, failedRuns: options.runs - peerRuns.length }, runs: peerRuns } };
}
