// Cores in use by each executive: at rest, and with one message a millisecond from one host.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster } from '../bench.mjs';
import { sendersOf } from '../measure.mjs';

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { size = 64, nodes, link, mtu, crypto, realtime, inProcess, warmUp, seconds: length } = options;
  return onCluster(options, async (cluster) => {
    const cores = async () => {
      await delay(warmUp * 1000);
      const before = await times(cluster);
      await delay(length * 1000);
      const after = await times(cluster);
      return after.map(({ cpu, at }, index) => {
        const since = before[index] ?? { cpu: Number.NaN, at: 0 };
        return (cpu - since.cpu) / (at - since.at);
      });
    };
    const atRest = await cores();
    const [sender = 1] = sendersOf(cluster.all, 1);
    await cluster.ask(sender, { do: 'pace', size, interval: 1000 });
    const busy = await cores();
    const parameters = { nodes, link, mtu, size, crypto, realtime, inProcess, warmUp, seconds: length };
    const sum = busy.reduce((a, b) => a + b, 0);
    return { parameters, coresAtRest: atRest, coresAtOneMessageAMillisecond: busy, sum };
  });
}

/** µs of processor and of time, of each executive. @param {import('../cluster.mjs').Cluster} cluster */
function times(cluster) {
  return Promise.all(
    cluster.all.map(async (node) => {
      const { daemon, client } = cluster.node(node);
      return { cpu: await (daemon ?? client).cpu(), at: performance.now() * 1000 };
    }),
  );
}
