// Measures what the charts show and draws them. The figures stand beside each as JSON, with machine, commit and command: --draw draws them
// again.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machines, progress } from '../bench.mjs';
import { charts } from '../charts/charts.mjs';
import { svg } from '../charts/svg.mjs';
import { commit } from '../machine.mjs';
import { UsageError } from '../options.mjs';

const FOLDER = join('docs', 'charts');

/** @param {import('../options.mjs').Options} options */
export async function run(options) {
  const { nodes, seconds, runs, out = FOLDER, only } = options;
  const chosen = charts.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new UsageError(`--only is one of ${charts.map(({ name }) => name).join(', ')}`);
  mkdirSync(out, { recursive: true });
  const files = [];
  for (const chart of chosen) {
    progress(chart.name);
    const stem = join(out, chart.name);
    const document = options.isDrawing ? read(`${stem}.json`) : await measured(chart, options);
    writeFileSync(`${stem}.json`, `${JSON.stringify(document, undefined, 2)}\n`);
    const { machine, commit } = document;
    const source = `${machine}; commit ${commit}; ${document.runs === 1 ? 'one run' : `medians of ${document.runs} runs`}`;
    writeFileSync(`${stem}.svg`, svg({ ...chart.draw(document), source }));
    files.push(`${stem}.svg`);
  }
  return { parameters: { nodes, seconds, runs }, files };
}

/** @param {import('../charts/charts.mjs').ChartKind} chart @param {import('../options.mjs').Options} options */
async function measured(chart, options) {
  const { runs, seconds } = options;
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
  const date = new Date().toISOString().slice(0, 10);
  const data = await chart.measure(options);
  return {
    chart: chart.name,
    machine: [...machines].join(' | '),
    commit: commit(),
    date,
    command,
    runs,
    seconds,
    ...data,
  };
}

/** @param {string} file */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} has to be measured first (${error instanceof Error ? error.message : error})`);
  }
}
