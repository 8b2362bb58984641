// All charts by name.

import { checkpointChart } from './checkpoint.mjs';
import { configurationChart } from './configuration.mjs';
import { loadChart } from './load.mjs';
import { processorsChart } from './processors.mjs';
import { sizesChart } from './sizes.mjs';

/**
 * What a chart shows: series of points by name.
 * @typedef {{ series: Record<string, ReadonlyArray<readonly [number, number]>> }} Data
 * @typedef {object} ChartKind
 * @property {string} name of its files
 * @property {(options: import('../options.mjs').Options) => Promise<Data>} measure
 * @property {(data: Data) => Omit<import('./svg.mjs').Chart, 'source'>} draw
 */

/** @type {readonly ChartKind[]} */
export const charts = [
  checkpointChart('plain'),
  checkpointChart('encrypted'),
  processorsChart,
  sizesChart,
  loadChart,
  configurationChart,
];
