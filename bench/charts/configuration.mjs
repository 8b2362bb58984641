// The time to a new configuration: every fault a dot.

import { onHosts, ours, whileUp } from '../bench.mjs';
import { choosePeer } from '../peers/choose.mjs';
import { measureTimes } from '../workloads/failover.mjs';
import { decades, timeWord } from './ticks.mjs';

/** A peer that needs seconds for each is not asked a hundred times. */
const PEER_RUNS_MAX = 10;

const faults = /** @type {const} */ ([
  ['kill', 'process killed'],
  ['cut', 'cable cut'],
  ['merge', 'cable mended'],
]);

/** @type {import('./charts.mjs').ChartKind} */
export const configurationChart = {
  name: 'configuration',
  measure(options) {
    return onHosts(options, async (hosts) => {
      /** @type {Record<string, Array<[number, number]>>} */
      const series = {};
      const add = (/** @type {string} */ who, /** @type {import('../workloads/failover.mjs').Times} */ times) => {
        for (const [fault] of faults) series[`${who} ${fault}`] = times[fault].map((ms, index) => [index + 1, ms]);
      };
      add('openais', await whileUp(ours(hosts, options), 0, (cluster) => measureTimes(cluster, options.runs)));
      const peer = options.peer && (await choosePeer(hosts, { ...options, peerTransport: 'udp' }, async () => 0));
      if (peer) {
        const runs = Math.min(options.runs, PEER_RUNS_MAX);
        add('corosync', await whileUp(peer.make(), 0, (cluster) => measureTimes(cluster, runs)));
      }
      return { series };
    });
  },
  draw({ series }) {
    const rows = faults.flatMap(([fault, what]) =>
      /** @type {const} */ (['openais', 'corosync']).flatMap((who) => {
        const points = series[`${who} ${fault}`];
        return points === undefined ? [] : [{ who, what, times: points.map(([, ms]) => ms * 1000) }];
      }),
    );
    const heights = rows.map((_, index) => rows.length - index);
    return {
      title: 'Time to a new configuration',
      subtitle: 'Until the last survivor’s client has it; every fault a dot, default settings',
      panels: [
        {
          x: { label: 'time', ticks: decades(rows.flatMap(({ times }) => times)), isLog: true, format: timeWord },
          y: { label: '', ticks: [0, ...heights.toReversed(), rows.length + 1], format: () => '' },
          series: rows.map(({ who, what, times }, index) => ({
            name: who === 'openais' ? what : `corosync: ${what}`,
            look: who === 'openais' ? 'ours' : 'peer',
            kind: 'dots',
            points: times.map((time) => [time, heights[index] ?? 0]),
          })),
        },
      ],
    };
  },
};
