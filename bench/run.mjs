// `npm run bench -- WORKLOAD [OPTION…]`: builds hosts in network namespaces of this machine, or takes those of a file, runs an executive and
// clients on each, and measures at receivers. docs/BENCH.md says what.

import { machines, progressDone } from './bench.mjs';
import { commit } from './machine.mjs';
import { parseOptions, UsageError, usage } from './options.mjs';
import { table } from './report.mjs';

import { testbedProblem } from './testbed.mjs';

/** @typedef {(options: import('./options.mjs').Options) => Promise<Record<string, any>>} Workload */

/** @type {Record<string, () => Promise<{ run: Workload }>>} */
const workloads = {
  evs: () => import('./workloads/evs.mjs'),
  latency: () => import('./workloads/latency.mjs'),
  ckpt: () => import('./workloads/ckpt.mjs'),
  evt: () => import('./workloads/evt.mjs'),
  failover: () => import('./workloads/failover.mjs'),
  scale: () => import('./workloads/scale.mjs'),
  charts: () => import('./workloads/charts.mjs'),
  joiner: () => import('./workloads/joiner.mjs'),
  embed: () => import('./workloads/embed.mjs'),
  idle: () => import('./workloads/idle.mjs'),
  stable: () => import('./workloads/stable.mjs'),
  backpressure: () => import('./workloads/backpressure.mjs'),
};

/** @param {string[]} argv @returns {Promise<number>} exit status */
async function main(argv) {
  if (argv.length === 0 || argv.includes('--help')) {
    process.stdout.write(usage);
    return argv.length === 0 ? 2 : 0;
  }
  const options = parseOptions(argv);
  const load = workloads[options.workload];
  if (load === undefined) throw new UsageError(`no workload '${options.workload}'; --help lists them`);
  const problem = options.hosts === undefined ? testbedProblem() : undefined;
  if (problem !== undefined) throw new UsageError(problem);
  const { run } = await load();
  const { parameters, ...figures } = await run(options);
  progressDone();
  const document = {
    workload: options.workload,
    parameters,
    machine: [...machines].join(' | '),
    commit: commit(),
    ...figures,
  };
  process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : table(document));
  return isFaulty(document) ? 1 : 0;
}

/** A message in a wrong place or with wrong contents is a defect, whatever the rate. @param {Record<string, any>} document @returns {boolean} */
function isFaulty({ faults, points = [] }) {
  return (faults && faults.misordered + faults.corrupt > 0) || points.some(isFaulty);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  progressDone();
  // What the user can mend is told in a sentence; anything else is a defect and keeps its stack.
  const text = error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`bench: ${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
