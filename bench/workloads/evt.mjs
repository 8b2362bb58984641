// Events of one publisher on host 2: events a second at the subscriber, one on each host, that saw least.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster, progress } from '../bench.mjs';
import { figures } from '../figures.mjs';
import { goodput } from '../limits.mjs';
import { costs, sum } from '../measure.mjs';
import { Histogram } from '../statistics.mjs';

const PUBLISHER = 2;
/** Events that the publisher has not been answered. */
const IN_FLIGHT = 256;
/** For how long the publisher goes on after the window, in s: counting takes time. */
const MARGIN = 0.5;

/** @param {import('../options.mjs').Options} options */
export async function run(options) {
  const { size = 256, nodes, link, mtu, loss, crypto, realtime, inProcess, seconds, warmUp, runs } = options;
  return onCluster(options, async (cluster) => {
    await cluster.askAll({ do: 'subscribe', size });
    const each = [];
    for (let n = 1; n <= runs; n += 1) {
      progress(`run ${n} of ${runs}`);
      each.push(await measureEvents(cluster, { size, seconds, warmUp }));
    }
    const parameters = { nodes, link, mtu, loss, size, crypto, realtime, inProcess, seconds, warmUp, runs };
    const lost = sum(each.map(({ lost }) => lost));
    return { parameters, ...figures(each, goodput(link, mtu)), lost, peer: null };
  });
}

/** @param {import('../cluster.mjs').Cluster} cluster @param {{ size: number, seconds: number, warmUp: number }} traffic */
async function measureEvents(cluster, { size, seconds, warmUp }) {
  const publisher = Math.min(PUBLISHER, cluster.all.length);
  const order = { do: 'publish', size, inFlight: IN_FLIGHT, seconds: warmUp + seconds + MARGIN };
  const published = cluster.ask(publisher, order);
  await delay(warmUp * 1000);
  const changes = sum(cluster.changes());
  const [before, eventsBefore] = await Promise.all([cluster.sample(), cluster.askAll({ do: 'events' })]);
  await delay(seconds * 1000);
  const [after, eventsAfter] = await Promise.all([cluster.sample(), cluster.askAll({ do: 'events' })]);
  await published;
  const counts = eventsAfter.map((b, i) => b.received - eventsBefore[i].received);
  const rates = eventsAfter.map((b, i) => (counts[i] ?? 0) / (b.at - eventsBefore[i].at));
  const messagesPerSecond = Math.min(...rates);
  const latencies = new Histogram();
  for (const { latency } of eventsAfter) latencies.merge(latency);
  const lost = sum(eventsAfter.map((event) => event.lost));
  return {
    messagesPerSecond,
    megabytesPerSecond: (messagesPerSecond * size) / 1e6,
    latency: latencies.summary(),
    cpuMicrosecondsPerMessage: costs(before, after, sum(counts)),
    retransmits: after.retransmits - before.retransmits,
    // A subscriber that is too slow loses events, and is told so: that leaves gaps which are no fault.
    misordered: lost > 0 ? 0 : sum(eventsAfter.map(({ misordered }) => misordered)),
    corrupt: sum(eventsAfter.map(({ corrupt }) => corrupt)),
    configurationChanges: sum(cluster.changes()) - changes,
    lost,
  };
}
