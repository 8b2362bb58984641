// The third chart of the talk: what each processor more costs group messaging on 100 Mbit.

import { onCluster, progress } from '../bench.mjs';
import { goodput } from '../limits.mjs';
import { measureTraffic } from '../measure.mjs';
import { median } from '../statistics.mjs';
import { groupMessaging } from './talk-2004.mjs';
import { linearTicks } from './ticks.mjs';

const link = /** @type {const} */ ('100mbit');
const SIZE = 1024;
const counts = [2, 3, 4, 6, 8, 10, 12];

/** @type {import('./charts.mjs').ChartKind} */
export const processorsChart = {
  name: 'processors',
  async measure(options) {
    const { runs, seconds, warmUp, size = SIZE } = options;
    /** @type {Record<string, Array<[number, number]>>} */
    const series = { plain: [], encrypted: [] };
    for (const [protection, points] of Object.entries(series))
      for (const nodes of counts) {
        const crypto = protection === 'plain' ? 'none' : 'aes256gcm';
        await onCluster({ ...options, nodes, link, crypto, peer: undefined }, async (cluster) => {
          const rates = [];
          for (let run = 1; run <= runs; run += 1) {
            progress(`group messaging, ${protection}: ${nodes} processors, run ${run} of ${runs}`);
            rates.push((await measureTraffic(cluster, { size, senders: 1, seconds, warmUp })).megabytesPerSecond);
          }
          points.push([nodes, median(rates)]);
        });
      }
    return { series };
  },
  draw({ series: { plain = [], encrypted = [] } }) {
    const limit = goodput(link, 1500) ?? 0;
    const then = (/** @type {1 | 2} */ column) =>
      groupMessaging.map((row) => /** @type {const} */ ([row[0], row[column]]));
    return {
      title: 'Group messaging and the number of processors',
      subtitle: '100 Mbit, one sender, messages of 1 KiB; MB/s at each member',
      panels: [
        {
          x: { label: 'processors', ticks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
          y: { label: 'MB/s', ticks: linearTicks([limit]) },
          rules: [{ at: limit, name: 'what the wire carries' }],
          series: [
            { name: 'openais, plain', look: 'ours-2', points: plain },
            { name: 'openais', look: 'ours', points: encrypted },
            { name: '2004, plain', look: 'past', points: then(1) },
            { name: '2004, encrypted', look: 'past', points: then(2) },
          ],
        },
      ],
    };
  },
};
