// Seconds until a new node has 100,000 sections of 1 KiB, and what writers do meanwhile.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster } from '../bench.mjs';
import { seconds } from '../cluster.mjs';

/** @param {import('../options.mjs').Options} options */
export function run(options) {
  const { nodes, link, mtu, loss, crypto, realtime } = options;
  const parameters = { nodes, link, mtu, loss, crypto, realtime };
  return onCluster({ ...options, inProcess: false }, async (cluster) => {
    const [filler, writer] = await Promise.all([cluster.client(1), cluster.client(2)]);
    const joining = cluster.all.length;
    /** @type {import('../hosts/program.mjs').Program | undefined} */
    let reader;
    try {
      await cluster.kill(joining);
      await cluster.together(cluster.all.slice(0, -1));
      await filler.ask({ do: 'fill', sections: 100_000, size: 1024 });
      await writer.ask({ do: 'keepWriting', size: 1024, inFlight: 16 });
      const rate = async (/** @type {number} */ ms) => {
        const before = await writer.ask({ do: 'written' });
        await delay(ms);
        const after = await writer.ask({ do: 'written' });
        return (after.received - before.received) / (after.at - before.at);
      };
      await delay(options.warmUp * 1000);
      const writesBefore = await rate(3000);
      const countBefore = await writer.ask({ do: 'written' });
      const began = seconds();
      await cluster.start(joining);
      await cluster.together(cluster.all);
      reader = await cluster.client(joining);
      const { sections } = await reader.ask({ do: 'sections' });
      const took = seconds() - began;
      const countAfter = await writer.ask({ do: 'written' });
      const writesDuring = (countAfter.received - countBefore.received) / (countAfter.at - countBefore.at);
      await writer.ask({ do: 'stopWriting' });
      return {
        parameters,
        sections,
        seconds: took,
        writesBefore: Math.round(writesBefore),
        writesDuring: Math.round(writesDuring),
      };
    } finally {
      for (const client of [filler, writer, reader]) void client?.kill();
    }
  });
}
