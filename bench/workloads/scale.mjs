// What a node more costs: throughput and latency for 2 nodes up to --nodes, each on hosts of its own.

import { inTurn, onHosts, progress } from '../bench.mjs';
import { compared } from '../figures.mjs';
import { deliveryLimit } from '../limits.mjs';
import { measureTraffic } from '../measure.mjs';

/** @param {import('../options.mjs').Options} options */
export async function run(options) {
  const { size = 1024, nodes: most, link, mtu, loss, crypto, realtime, inProcess, seconds, warmUp, runs } = options;
  /** @type {any[]} */
  const points = [];
  for (const nodes of counts(most)) {
    const each = { ...options, nodes };
    const senders = options.senders === most ? nodes : Math.min(options.senders, nodes);
    const limit = deliveryLimit(link, mtu, nodes, senders);
    await onHosts(each, async (hosts) => {
      for (const what of /** @type {const} */ (['throughput', 'latency'])) {
        progress(`${nodes} nodes: ${what}`);
        const isThroughput = what === 'throughput';
        const traffic = {
          size,
          senders: isThroughput ? senders : 1,
          seconds,
          warmUp,
          ...(!isThroughput && { interval: 1000 }),
        };
        const measured = await inTurn(
          hosts,
          each,
          (cluster) => measureTraffic(cluster, traffic),
          (run) => (isThroughput ? run.messagesPerSecond : -(run.latency?.p50 ?? Number.POSITIVE_INFINITY)),
        );
        points.push({ parameters: { nodes, what }, ...compared(measured, limit) });
      }
    });
  }
  const { parameters: _, ...first } = points[0] ?? { parameters: {} };
  const parameters = {
    nodes: most,
    link,
    mtu,
    loss,
    size,
    senders: options.senders,
    crypto,
    realtime,
    inProcess,
    seconds,
    warmUp,
    runs,
  };
  return { parameters, ...first, points };
}

/** 2, 3, 4, 6, 8, 12, 16 … as far as they go, and the last. @param {number} most */
function counts(most) {
  const steps = [2, 3];
  for (let n = 4; n < most; n *= 2) steps.push(n, n * 1.5);
  return [...new Set([...steps.filter((n) => n < most), most])];
}
