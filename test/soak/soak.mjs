// A soak: executives and clients as processes, faults from a seed, and a verdict at the end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../dist/sim/random.js';
import { Clients } from './clients.mjs';
import { Daemons } from './daemons.mjs';
import { Faults } from './faults.mjs';
import { disagreements, readLogs } from './logs.mjs';
import { Samples } from './samples.mjs';
import { survey } from './survey.mjs';
import { findVerdict } from './verdict.mjs';

/** After the last fault all are together within this time. */
const SETTLE_MS = 30_000;
const WATCH_MS = 500;
const PROGRESS_MS = 10_000;
/** Temporary things that were left at the end are gone by then. */
const QUIET_MS = 2000;

/** @typedef {Awaited<ReturnType<typeof soak>>} Result */

/**
 * @param {import('./options.mjs').SoakOptions} options
 * @param {(what: string) => void} say
 */
export async function soak(options, say) {
  const { seconds, quorum, seed } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'openais-soak-'));
  const daemons = new Daemons({ ...options, folder });
  const random = new Random(seed, 'soak');
  const samples = new Samples();
  /** @type {Clients | undefined} */
  let clients;
  let isOver = false;
  try {
    for (const node of daemons.all) daemons.start(node);
    if (!(await daemons.together(SETTLE_MS))) throw new Error(`the executives don't come together; see ${folder}`);
    clients = new Clients(daemons, options);
    await delay(Math.min(2000, 100 * options.clients));
    const began = Date.now();
    const faults = new Faults(daemons, random.fork('faults'), options, (what) => say(`${sinceText(began)} ${what}`));
    const watch = watching(daemons, samples, () => isOver);
    const progress = setInterval(() => {
      say(`${sinceText(began)} ${progressText(daemons, clients)}`);
      revive(daemons);
    }, PROGRESS_MS);
    await faults.run(began + 1000 * seconds);
    clearInterval(progress);
    revive(daemons);
    const violations = (await daemons.together(SETTLE_MS)) ? [] : [`not together ${SETTLE_MS} ms after the last fault`];
    await clients.stop();
    await delay(QUIET_MS);
    isOver = true;
    const wholeShare = await watch;
    await daemons.ask();
    const statuses = daemons.all.flatMap((node) => daemons.statuses.get(node) ?? []);
    const surveys = await Promise.all(daemons.all.map((node) => survey(node, daemons.socket(node)))).catch((error) => {
      violations.push(`a node cannot be read at the end: ${error.message}`);
      return [];
    });
    const logs = readLogs(daemons.all.map((node) => ({ node, path: daemons.log(node) })));
    const found = findVerdict({ quorum, folder, logs, clients: clients.all, surveys, statuses });
    violations.push(...daemons.deaths, ...clients.violations, ...disagreements(logs), ...logs.complaints);
    violations.push(...samples.growth(), ...found.violations);
    if (violations.length === 0 && options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    return {
      seed,
      quorum,
      seconds: Math.round((Date.now() - began) / 1000),
      ok: violations.length === 0,
      violations,
      excused: found.excused,
      folder,
      faults: faults.counts,
      starts: daemons.starts,
      configurations: new Set(logs.lives.flatMap(({ commits }) => commits.map(({ configuration }) => configuration)))
        .size,
      mergeLosses: new Set(logs.lives.flatMap(({ commits }) => commits.flatMap(lossesOf))).size,
      wholeShare: Math.round(100 * wholeShare) / 100,
      ...clients.counts,
      events: clients.all.reduce((sum, { done }) => sum + (done?.received ?? 0), 0),
      retained: surveys[0] === undefined ? 0 : [...surveys[0].events.values()].reduce((sum, ids) => sum + ids.size, 0),
      connections: clients.all.reduce((sum, { done }) => sum + (done?.connections ?? 0), 0),
      errors: sumOf(clients.all.map(({ done }) => done?.errors ?? {})),
      digests: statuses.map(({ services }) => services.map(({ digest }) => digest ?? '').join(' ')),
      executives: samples.report(),
    };
  } finally {
    isOver = true;
    clients?.down();
    daemons.down();
  }
}

/** @param {import('./logs.mjs').Commit} commit */
function lossesOf({ configuration, losses }) {
  return losses.map(({ checkpoint }) => `${configuration} ${checkpoint}`);
}

/** How much of the time the cluster was whole. @param {Daemons} daemons @param {Samples} samples @param {() => boolean} isOver */
async function watching(daemons, samples, isOver) {
  let [whole, all] = [0, 0];
  while (!isOver()) {
    await delay(WATCH_MS);
    await daemons.ask();
    all += 1;
    if (daemons.isWhole) whole += 1;
    samples.take(daemons);
  }
  return whole / Math.max(1, all);
}

/** One that ended by itself is a violation; the others go on with it all the same. @param {Daemons} daemons */
function revive(daemons) {
  for (const node of daemons.ended.splice(0)) if (daemons.life(node) === undefined) daemons.start(node);
}

/** @param {Daemons} daemons @param {Clients | undefined} clients */
function progressText(daemons, clients) {
  const { calls = 0, writes = 0, longest = 0 } = clients?.counts ?? {};
  const nodes = daemons.all.map((node) => {
    const status = daemons.statuses.get(node);
    return `${node}: ${status === undefined ? 'down' : `{${status.configuration.members}}${status.synchronized ? '' : '?'}`}`;
  });
  return `${calls} calls, ${writes} writes acknowledged, the longest call ${longest} ms; ${nodes.join(', ')}`;
}

/** @param {number} began */
function sinceText(began) {
  return `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`;
}

/** @param {Record<string, number>[]} all */
function sumOf(all) {
  /** @type {Record<string, number>} */
  const sum = {};
  for (const each of all) for (const [key, count] of Object.entries(each)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
