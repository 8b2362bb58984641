// From runs to the figures of a document.

import { median, summary } from './statistics.mjs';

/**
 * @typedef {import('./measure.mjs').Run} Run
 * @typedef {object} Figures
 * @property {number} messagesPerSecond
 * @property {number} megabytesPerSecond
 * @property {number | null} fractionOfLimit of the link's goodput; null without a rate
 * @property {import('./statistics.mjs').Latency | null} latency
 * @property {Record<string, number>} cpuMicrosecondsPerMessage
 * @property {number} retransmits in one run
 * @property {{ messagesPerSecond: [number, number], p50?: [number, number], p99?: [number, number] }} range least and most over the runs
 * @property {{ misordered: number, corrupt: number, configurationChanges: number }} faults of all runs together
 */

/** @param {readonly Run[]} runs @param {number | null} limit MB/s @returns {Figures} */
export function figures(runs, limit) {
  const middle = (/** @type {(run: Run) => number} */ of) => median(runs.map(of));
  const most = (/** @type {(run: Run) => number} */ of) => Math.max(...runs.map(of));
  const megabytesPerSecond = middle((run) => run.megabytesPerSecond);
  const kinds = Object.keys(runs[0]?.cpuMicrosecondsPerMessage ?? {});
  const latencies = runs.flatMap(({ latency }) => latency ?? []);
  return {
    messagesPerSecond: Math.round(middle((run) => run.messagesPerSecond)),
    megabytesPerSecond: rounded(megabytesPerSecond),
    fractionOfLimit: limit === null ? null : rounded(megabytesPerSecond / limit),
    latency: latencies.length === 0 ? null : latencyOf(latencies),
    cpuMicrosecondsPerMessage: Object.fromEntries(
      kinds.map((kind) => [kind, rounded(middle((run) => run.cpuMicrosecondsPerMessage[kind] ?? Number.NaN))]),
    ),
    retransmits: Math.round(middle((run) => run.retransmits)),
    range: {
      messagesPerSecond: range(runs.map((run) => run.messagesPerSecond)),
      ...(latencies.length > 0 && {
        p50: range(latencies.map(({ p50 }) => p50)),
        p99: range(latencies.map(({ p99 }) => p99)),
      }),
    },
    faults: {
      misordered: most((run) => run.misordered),
      corrupt: most((run) => run.corrupt),
      configurationChanges: most((run) => run.configurationChanges),
    },
  };
}

/** Medians; of the largest the largest. @param {readonly import('./statistics.mjs').Latency[]} all */
function latencyOf(all) {
  const middle = (/** @type {'p50' | 'p99' | 'p999'} */ key) => rounded(median(all.map((each) => each[key])));
  return {
    p50: middle('p50'),
    p99: middle('p99'),
    p999: middle('p999'),
    max: rounded(Math.max(...all.map((each) => each.max))),
  };
}

/** @param {readonly number[]} values @returns {[number, number]} */
function range(values) {
  const { minimum, maximum } = summary(values);
  return [rounded(minimum), rounded(maximum)];
}

/** To four digits: more is noise. @param {number} value */
export function rounded(value) {
  return Number(value.toPrecision(Math.abs(value) >= 1000 ? Math.ceil(Math.log10(Math.abs(value) + 1)) : 4));
}

/**
 * What the two sides of a comparison have to do with each other: above 1 we are ahead.
 * @param {Figures} our @param {Figures} their
 */
export function ratios(our, their) {
  const cost = (/** @type {Figures} */ { cpuMicrosecondsPerMessage: cpu }) =>
    cpu.executive ?? cpu.embedded ?? Number.NaN;
  return {
    messagesPerSecond: rounded(our.messagesPerSecond / their.messagesPerSecond),
    ...(our.latency !== null &&
      their.latency !== null && {
        p50: rounded(their.latency.p50 / our.latency.p50),
        p99: rounded(their.latency.p99 / our.latency.p99),
      }),
    executiveCpu: rounded(cost(their) / cost(our)),
  };
}

/**
 * The part of a document that says what was measured, of us and of the peer.
 * @param {{ runs: Run[], peer: { about: object, runs: Run[] } | undefined }} measured @param {number | null} limit
 */
export function compared({ runs, peer }, limit) {
  const our = figures(runs, limit);
  if (peer === undefined || peer.runs.length === 0) return { ...our, peer: null };
  const their = figures(peer.runs, limit);
  return { ...our, peer: { ...peer.about, ...their }, ratio: ratios(our, their) };
}
