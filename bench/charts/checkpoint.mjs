// Two charts of the talk: one checkpoint write after another on 100 Mbit, plain and encrypted.

import { onCluster, progress } from '../bench.mjs';
import { goodput } from '../limits.mjs';
import { median } from '../statistics.mjs';
import { measureWrites } from '../workloads/ckpt.mjs';
import { checkpointWrites } from './talk-2004.mjs';
import { linearTicks } from './ticks.mjs';

const KB = 1000;
const link = /** @type {const} */ ('100mbit');

/** @param {'plain' | 'encrypted'} protection @returns {import('./charts.mjs').ChartKind} */
export function checkpointChart(protection) {
  const crypto = protection === 'plain' ? 'none' : 'aes256gcm';
  return {
    name: `checkpoint-${protection}`,
    async measure(options) {
      const { runs, seconds, warmUp } = options;
      const points = await onCluster({ ...options, link, crypto, peer: undefined }, async (cluster) => {
        /** @type {Array<[number, number]>} */
        const measured = [];
        for (const [kilobytes] of checkpointWrites) {
          const rates = [];
          for (let run = 1; run <= runs; run += 1) {
            progress(`checkpoint writes, ${protection}: ${kilobytes} KB, run ${run} of ${runs}`);
            const write = { sections: 1, update: 'active-replica', size: kilobytes * KB, inFlight: 1, seconds, warmUp };
            rates.push((await measureWrites(cluster, write)).megabytesPerSecond);
          }
          measured.push([kilobytes, median(rates)]);
        }
        return measured;
      });
      return { series: { openais: points } };
    },
    draw({ series: { openais = [] } }) {
      const column = protection === 'plain' ? 1 : 2;
      const then = checkpointWrites.map((row) => /** @type {const} */ ([row[0], row[column]]));
      const limit = goodput(link, 1500) ?? 0;
      const ticks = linearTicks([limit, ...openais.map(([, y]) => y)]);
      return {
        title: `Checkpoint writes, ${protection}`,
        subtitle: '100 Mbit, one writer, one write after another; MB/s against the size of a write',
        panels: [
          {
            x: { label: 'KB a write', ticks: [0, 5, 10, 15, 20, 25, 30, 35] },
            y: { label: 'MB/s', ticks },
            rules: [{ at: limit, name: 'what the wire carries' }],
            series: [
              { name: `openais${protection === 'plain' ? ', plain' : ''}`, look: 'ours', points: openais },
              { name: 'openais of 2004', look: 'past', points: then },
            ],
          },
        ],
      };
    },
  };
}
