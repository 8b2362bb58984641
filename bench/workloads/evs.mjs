// Group messaging as fast as flow control admits: messages a second at the remote receiver that saw least.

import { inTurn, onHosts } from '../bench.mjs';
import { compared } from '../figures.mjs';
import { deliveryLimit } from '../limits.mjs';
import { measureTraffic } from '../measure.mjs';

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { size = 64, senders, seconds, warmUp, runs, nodes, link, mtu, loss, crypto, realtime, inProcess } = options;
  return onHosts(options, async (hosts) => {
    const measured = await inTurn(
      hosts,
      options,
      (cluster) => measureTraffic(cluster, { size, senders, seconds, warmUp }),
      ({ messagesPerSecond }) => messagesPerSecond,
    );
    const parameters = { nodes, link, mtu, loss, size, senders, crypto, realtime, inProcess, seconds, warmUp, runs };
    return { parameters, ...compared(measured, deliveryLimit(link, mtu, hosts.count, senders)) };
  });
}
