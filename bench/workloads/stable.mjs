// Configurations that a flood from all makes, beside two busy loops: there should be none.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster } from '../bench.mjs';
import { startChild } from '../hosts/child.mjs';

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { size = 64, nodes, link, mtu, loss, crypto, realtime, profile, inProcess, seconds } = options;
  return onCluster(options, async (cluster) => {
    const loops = [1, 2].map(() => startChild([process.execPath, '-e', 'for (;;);']));
    try {
      await cluster.askAll({ do: 'flood', size });
      const before = cluster.changes();
      await delay(seconds * 1000);
      const changes = cluster.changes().map((count, index) => count - (before[index] ?? 0));
      const reports = await cluster.askAll({ do: 'report' });
      const parameters = { nodes, link, mtu, loss, size, crypto, realtime, profile, inProcess, seconds };
      return { parameters, changes, received: reports.map(({ received }) => received) };
    } finally {
      for (const loop of loops) void loop.kill();
    }
  });
}
