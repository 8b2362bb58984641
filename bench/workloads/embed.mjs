// An executive within an application that sends and receives at a pace: what its event loop and its memory make of it.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster, progress } from '../bench.mjs';

/** Looks at the memory, evenly over the run. */
const LOOKS = 10;
/** µs: 50,000 messages a second of each node. */
const INTERVAL = 20;

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { size = 256, nodes, link, mtu, loss, crypto, realtime, warmUp, seconds } = options;
  const parameters = { nodes, link, mtu, loss, size, interval: INTERVAL, crypto, realtime, warmUp, seconds };
  return onCluster({ ...options, inProcess: true }, async (cluster) => {
    await cluster.askAll({ do: 'pace', size, interval: INTERVAL });
    await delay(warmUp * 1000);
    await cluster.askAll({ do: 'loop' });
    const before = await cluster.sample();
    /** @type {Array<Array<Record<'p50' | 'p99' | 'max' | 'heap' | 'resident', number>>>} */
    const looks = [];
    for (let look = 1; look <= LOOKS; look += 1) {
      await delay((seconds * 1000) / LOOKS);
      looks.push(await cluster.askAll({ do: 'loop' }));
      progress(`${look} of ${LOOKS}`);
    }
    const after = await cluster.sample();
    const received = after.reports.map(({ received, at }, index) => {
      const since = before.reports[index] ?? { received: 0, at: 0 };
      return Math.round((received - since.received) / (at - since.at));
    });
    /** Of all nodes, the worst. @param {'p50' | 'p99' | 'max' | 'heap' | 'resident'} what */
    const worst = (what) => looks.map((each) => Math.round(10 * Math.max(...each.map((told) => told[what]))) / 10);
    return {
      parameters,
      received,
      loopDelayMilliseconds: { p50: worst('p50'), p99: worst('p99'), max: worst('max') },
      megabytes: { heap: worst('heap'), resident: worst('resident') },
      faults: {
        misordered: after.reports.reduce((sum, { misordered }) => sum + misordered, 0),
        corrupt: after.reports.reduce((sum, { corrupt }) => sum + corrupt, 0),
      },
    };
  });
}
