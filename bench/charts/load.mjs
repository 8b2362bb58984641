// Latency against load: how full a link may be before messages wait.

import { onCluster, progress } from '../bench.mjs';
import { measureTraffic } from '../measure.mjs';
import { median } from '../statistics.mjs';
import { intervalOf } from '../workloads/latency.mjs';
import { decades, timeWord } from './ticks.mjs';

const link = /** @type {const} */ ('1gbit');
const SIZE = 1024;
const loads = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90];

/** @type {import('./charts.mjs').ChartKind} */
export const loadChart = {
  name: 'load',
  async measure(options) {
    const { runs, seconds, warmUp, size = SIZE } = options;
    /** @type {Record<'p50' | 'p99', Array<[number, number]>>} */
    const series = { p50: [], p99: [] };
    await onCluster({ ...options, link, peer: undefined }, async (cluster) => {
      for (const load of loads) {
        const interval = intervalOf({ ...options, link, senders: 1, load }, size);
        /** @type {import('../statistics.mjs').Latency[]} */
        const latencies = [];
        for (let run = 1; run <= runs; run += 1) {
          progress(`latency at ${load} % of the link, run ${run} of ${runs}`);
          const { latency } = await measureTraffic(cluster, { size, senders: 1, seconds, warmUp, interval });
          if (latency !== null) latencies.push(latency);
        }
        series.p50.push([load, median(latencies.map(({ p50 }) => p50))]);
        series.p99.push([load, median(latencies.map(({ p99 }) => p99))]);
      }
    });
    return { series };
  },
  draw({ series: { p50 = [], p99 = [] } }) {
    const ticks = decades([...p50, ...p99].map(([, y]) => y));
    return {
      title: 'Latency and load',
      subtitle: '1 Gbit, one sender, messages of 1 KiB; until a remote client has it',
      panels: [
        {
          x: { label: '% of what the link carries', ticks: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100] },
          y: { label: 'until delivery', ticks, isLog: true, format: timeWord },
          series: [
            { name: '99th percentile', look: 'ours-2', points: p99 },
            { name: 'median', look: 'ours', points: p50 },
          ],
        },
      ],
    };
  },
};
