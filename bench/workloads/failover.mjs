// Milliseconds until the last survivor's client has the new regular configuration: after SIGKILL of an executive, after its cable was pulled,
// and after it is in again.

import { setTimeout as delay } from 'node:timers/promises';
import { onHosts, ours, progress, whileUp } from '../bench.mjs';
import { seconds } from '../cluster.mjs';
import { choosePeer } from '../peers/choose.mjs';
import { percentile, summary } from '../statistics.mjs';

/** Between two faults, in ms. */
const REST = 500;

/** @typedef {Record<'kill' | 'cut' | 'merge', number[]>} Times */

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { nodes, link, mtu, loss, crypto, realtime, profile, inProcess, runs } = options;
  return onHosts(options, async (hosts) => {
    const peer = options.peer && (await choosePeer(hosts, { ...options, peerTransport: 'udp' }, async () => 0));
    const our = await whileUp(ours(hosts, options), loss, (cluster) => measureTimes(cluster, runs));
    const their = peer && (await whileUp(peer.make(), loss, (cluster) => measureTimes(cluster, runs)));
    return {
      parameters: { nodes, link, mtu, loss, crypto, realtime, profile, inProcess, runs },
      milliseconds: summaries(our),
      peer: peer && their ? { ...peer.about, milliseconds: summaries(their) } : null,
    };
  });
}

/** @param {import('../cluster.mjs').Cluster} cluster @param {number} runs */
export async function measureTimes(cluster, runs) {
  const { hosts } = cluster;
  const victim = cluster.all.length;
  const rest = cluster.all.slice(0, -1);
  /** @type {Times} */
  const times = { kill: [], cut: [], merge: [] };
  for (let run = 1; run <= runs; run += 1) {
    progress(`${cluster.constructor.name}: fault ${run} of ${runs}`);
    const killed = await cluster.kill(victim);
    times.kill.push(((await cluster.together(rest)) - killed) * 1000);
    await cluster.start(victim);
    await cluster.together(cluster.all);
    await delay(REST);
    if (!hosts.canCut) continue;
    const cut = seconds();
    hosts.isolate(victim);
    times.cut.push(((await cluster.together(rest)) - cut) * 1000);
    await cluster.together([victim]);
    const healed = seconds();
    hosts.heal();
    times.merge.push(((await cluster.together(cluster.all)) - healed) * 1000);
    await delay(REST);
  }
  return times;
}

/** @param {Times} times */
export function summaries(times) {
  return Object.fromEntries(
    Object.entries(times)
      .filter(([, list]) => list.length > 0)
      .map(([what, list]) => {
        const { median, minimum, maximum } = summary(list);
        const all = { median, p99: percentile(list, 0.99), minimum, maximum };
        return [what, Object.fromEntries(Object.entries(all).map(([key, value]) => [key, Math.round(value)]))];
      }),
  );
}
