// Throughput, and the latency of one message a millisecond, against the size of a message; beside a peer if there is one.

import { inTurn, onHosts, progress } from '../bench.mjs';
import { compared } from '../figures.mjs';
import { measureTraffic } from '../measure.mjs';
import { bytesWord, decades, timeWord } from './ticks.mjs';

const sizes = [64, 256, 1024, 4096, 16_384, 65_536];

/** @type {import('./charts.mjs').ChartKind} */
export const sizesChart = {
  name: 'sizes',
  async measure(options) {
    const { seconds, warmUp } = options;
    /** @type {Record<string, Array<[number, number]>>} */
    const series = { 'openais MB/s': [], 'openais p99': [] };
    await onHosts(options, async (hosts) => {
      for (const size of sizes)
        for (const what of /** @type {const} */ (['MB/s', 'p99'])) {
          progress(`messages of ${bytesWord(size)}: ${what}`);
          const traffic = { size, senders: 1, seconds, warmUp, ...(what === 'p99' && { interval: 1000 }) };
          const measured = await inTurn(
            hosts,
            options,
            (cluster) => measureTraffic(cluster, traffic),
            (run) => (what === 'MB/s' ? run.megabytesPerSecond : -(run.latency?.p99 ?? Number.POSITIVE_INFINITY)),
          );
          const { peer, ...ours } = compared(measured, null);
          const value = (/** @type {any} */ figures) =>
            what === 'MB/s' ? figures.megabytesPerSecond : figures.latency?.p99;
          series[`openais ${what}`]?.push([size, value(ours)]);
          if (peer !== null) {
            series[`corosync ${what}`] ??= [];
            series[`corosync ${what}`]?.push([size, value(peer)]);
          }
        }
    });
    return { series };
  },
  draw({ series }) {
    const both = (/** @type {string} */ what) =>
      /** @type {import('./svg.mjs').Series[]} */ ([
        { name: 'openais', look: 'ours', points: series[`openais ${what}`] ?? [] },
        { name: 'corosync', look: 'peer', points: series[`corosync ${what}`] ?? [] },
      ]).filter(({ points }) => points.length > 0);
    const ticksOf = (/** @type {string} */ what) =>
      decades(both(what).flatMap(({ points }) => points.map(([, y]) => y)));
    const x = { label: 'bytes a message', ticks: sizes, isLog: true, format: bytesWord };
    return {
      title: 'Size of a message',
      subtitle: 'Bare links, MTU 1500, one sender; at a remote client',
      panels: [
        {
          heading: 'As fast as it goes',
          x,
          y: { label: 'MB/s', ticks: ticksOf('MB/s'), isLog: true },
          series: both('MB/s'),
        },
        {
          heading: 'One message a millisecond, 99th percentile',
          x,
          y: { label: 'until delivery', ticks: ticksOf('p99'), isLog: true, format: timeWord },
          series: both('p99'),
        },
      ],
    };
  },
};
