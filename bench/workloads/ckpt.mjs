// Checkpoint writes of one client on host 2: one after another and many at a time, with either kind of replication. What was written last is
// then read on another host.

import { onCluster, progress } from '../bench.mjs';
import { figures } from '../figures.mjs';
import { goodput } from '../limits.mjs';
import { costs } from '../measure.mjs';

/** Two hosts or more: the writer on the second. */
const WRITER = 2;

const updates = /** @type {const} */ (['active-replica', 'all-replicas']);
const depths = [1, 64];

/** @param {import('../options.mjs').Options} options */
export async function run(options) {
  const { size = 1024, sections, nodes, link, mtu, loss, crypto, realtime, inProcess, seconds, warmUp, runs } = options;
  const points = await onCluster(options, async (cluster) => {
    const measured = [];
    for (const update of updates)
      for (const inFlight of depths) {
        /** @type {import('../measure.mjs').Run[]} */
        const each = [];
        for (let n = 1; n <= runs; n += 1) {
          progress(`${update}, ${inFlight} in flight: run ${n} of ${runs}`);
          each.push(await measureWrites(cluster, { update, size, sections, inFlight, seconds, warmUp }));
        }
        measured.push({ parameters: { update, inFlight }, ...figures(each, goodput(link, mtu)), peer: null });
      }
    return measured;
  });
  const { parameters: _, ...first } = points[0] ?? { parameters: {} };
  const parameters = { nodes, link, mtu, loss, size, sections, crypto, realtime, inProcess, seconds, warmUp, runs };
  return { parameters, ...first, points };
}

/**
 * @param {import('../cluster.mjs').Cluster} cluster
 * @param {{ update: string, size: number, sections: number, inFlight: number, seconds: number, warmUp: number }} write
 * @returns {Promise<import('../measure.mjs').Run>}
 */
export async function measureWrites(cluster, { update, size, sections, inFlight, seconds, warmUp }) {
  const writer = Math.min(WRITER, cluster.all.length);
  const order = { do: 'write', update, size, sections, inFlight };
  await cluster.ask(writer, { ...order, seconds: warmUp });
  const changes = cluster.changes();
  const before = await cluster.sample();
  const { writes, took, last, latency } = await cluster.ask(writer, { ...order, seconds });
  const after = await cluster.sample();
  const found = await cluster.ask(cluster.all.length, { do: 'read', update, size, sections, last });
  const messagesPerSecond = writes / took;
  return {
    messagesPerSecond,
    megabytesPerSecond: (messagesPerSecond * size) / 1e6,
    latency,
    cpuMicrosecondsPerMessage: costs(before, after, writes),
    retransmits: after.retransmits - before.retransmits,
    misordered: found.last === last ? 0 : 1,
    corrupt: found.isIntact ? 0 : 1,
    configurationChanges: cluster.changes().filter((count, index) => count !== changes[index]).length,
  };
}
