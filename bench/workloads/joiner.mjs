// Seconds until a new node has 100,000 sections of 1 KiB, what writers do meanwhile, and what memory their executives have before and
// some seconds afterwards: that of a node which has joined is to be that of one which had it all along.

import { setTimeout as delay } from 'node:timers/promises';
import { onCluster } from '../bench.mjs';
import { seconds } from '../cluster.mjs';

/** Until what was used on the way is given back. */
const SETTLED_MS = 5000;

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
      const resident = async (/** @type {import('../hosts/program.mjs').Program} */ client) => {
        const { memory } = await client.ask({ do: 'status' });
        return Math.round(memory.resident / 1e6);
      };
      await delay(options.warmUp * 1000);
      const writesBefore = await rate(3000);
      const countBefore = await writer.ask({ do: 'written' });
      const before = await resident(filler);
      const began = seconds();
      await cluster.start(joining);
      await cluster.together(cluster.all);
      reader = await cluster.client(joining);
      const { sections } = await reader.ask({ do: 'sections' });
      const took = seconds() - began;
      const countAfter = await writer.ask({ do: 'written' });
      const writesDuring = (countAfter.received - countBefore.received) / (countAfter.at - countBefore.at);
      await writer.ask({ do: 'stopWriting' });
      await delay(SETTLED_MS);
      return {
        parameters,
        sections,
        seconds: took,
        writesBefore: Math.round(writesBefore),
        writesDuring: Math.round(writesDuring),
        residentMegabytes: `${before}, then ${await resident(filler)} at the sender, ${await resident(reader)} at the new one`,
      };
    } finally {
      for (const client of [filler, writer, reader]) void client?.kill();
    }
  });
}
