// Group messaging at a pace: µs from the call that sends to the handler of a remote client.

import { inTurn, onHosts } from '../bench.mjs';
import { compared } from '../figures.mjs';
import { deliveryLimit } from '../limits.mjs';
import { measureTraffic } from '../measure.mjs';
import { UsageError } from '../options.mjs';

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const {
    size = 64,
    senders,
    seconds,
    warmUp,
    runs,
    nodes,
    link,
    mtu,
    loss,
    crypto,
    realtime,
    inProcess,
    load,
  } = options;
  const interval = intervalOf(options, size);
  return onHosts(options, async (hosts) => {
    const measured = await inTurn(
      hosts,
      options,
      (cluster) => measureTraffic(cluster, { size, senders, seconds, warmUp, interval }),
      ({ latency }) => -(latency?.p50 ?? Number.POSITIVE_INFINITY),
    );
    const pace = load === undefined ? { interval } : { load };
    const parameters = {
      nodes,
      link,
      mtu,
      loss,
      size,
      senders,
      ...pace,
      crypto,
      realtime,
      inProcess,
      seconds,
      warmUp,
      runs,
    };
    return { parameters, ...compared(measured, deliveryLimit(link, mtu, hosts.count, senders)) };
  });
}

/** µs between two messages of one sender. @param {import('../options.mjs').Options} options @param {number} size */
export function intervalOf({ interval, load, link, mtu, nodes, senders }, size) {
  if (load === undefined) return interval;
  const limit = deliveryLimit(link, mtu, nodes, senders);
  if (limit === null) throw new UsageError('--load is a share of what the link carries: give --link 100mbit or 1gbit');
  return (size * senders) / ((limit * load) / 100);
}
