// One window of group messaging: what was delivered in it, how late, and what it cost. The same for every system.

import { setTimeout as delay } from 'node:timers/promises';
import { Histogram } from './statistics.mjs';

/** Until a pace has settled after the flood that warmed up, in ms. */
const SETTLING_MS = 500;
/** Of a flood, one message in so many is timed. */
const FLOOD_SAMPLES = 64;

/**
 * What is sent: as fast as flow control admits, or a message each `interval` µs.
 * @typedef {{ size: number, senders: number, seconds: number, warmUp: number, interval?: number }} Traffic
 * @typedef {object} Run
 * @property {number} messagesPerSecond delivered, at the receiver that saw least
 * @property {number} megabytesPerSecond
 * @property {import('./statistics.mjs').Latency | null} latency of deliveries to others than the sender, µs
 * @property {Record<string, number>} cpuMicrosecondsPerMessage by process kind: time of all such processes by deliveries of all
 * @property {number} retransmits packets and tokens that were sent again in the window
 * @property {number} misordered messages that were not the next of their sender
 * @property {number} corrupt messages that were not what was sent
 * @property {number} configurationChanges that clients saw in the window
 */

/** From host 2 on, so that a single sender is not the ring's representative. @param {readonly number[]} all @param {number} count */
export function sendersOf(all, count) {
  return [...all.slice(1), ...all.slice(0, 1)].slice(0, count);
}

/** @param {import('./cluster.mjs').Cluster} cluster @param {Traffic} traffic @returns {Promise<Run>} */
export async function measureTraffic(cluster, { size, senders, seconds, warmUp, interval }) {
  const sending = sendersOf(cluster.all, senders);
  const isFlood = interval === undefined;
  // A large message is rare enough that each can be timed.
  const sampleEvery = isFlood && size < 16_384 ? FLOOD_SAMPLES : 1;
  await cluster.hosts.synchronize();
  const clocks = cluster.all.map((node) => cluster.hosts.clock(node));
  await cluster.askAll({ do: 'expect', size, sampleEvery, clocks });
  const send = (/** @type {object} */ order) => Promise.all(sending.map((node) => cluster.ask(node, order)));
  await send({ do: 'flood', size });
  await delay(warmUp * 1000);
  if (!isFlood) {
    // What is sent at a pace would warm up for minutes.
    await cluster.askAll({ do: 'quiet' });
    await send({ do: 'pace', size, interval });
    await delay(SETTLING_MS);
    await cluster.askAll({ do: 'report' });
  }
  const run = await window(cluster, sending, size, seconds);
  await cluster.askAll({ do: 'quiet' });
  return run;
}

/** @param {import('./cluster.mjs').Cluster} cluster @param {readonly number[]} sending @param {number} size @param {number} length */
async function window(cluster, sending, size, length) {
  const changes = sum(cluster.changes());
  const before = await cluster.sample();
  await delay(length * 1000);
  const after = await cluster.sample();
  const each = after.reports.map((b, index) => difference(before.reports[index] ?? b, b));
  const isReceiver = (/** @type {number} */ index) =>
    sending.length === cluster.all.length || !sending.includes(index + 1);
  const messagesPerSecond = Math.min(...each.filter((_, index) => isReceiver(index)).map(({ rate }) => rate));
  const deliveries = sum(each.map(({ received }) => received));
  const latencies = new Histogram();
  for (const { latency } of after.reports) latencies.merge(latency);
  return {
    messagesPerSecond,
    megabytesPerSecond: (messagesPerSecond * size) / 1e6,
    latency: latencies.summary(),
    cpuMicrosecondsPerMessage: costs(before, after, deliveries),
    retransmits: after.retransmits - before.retransmits,
    // Of the whole life of the cluster: a fault of the warm-up is a fault.
    misordered: sum(after.reports.map(({ misordered }) => misordered)),
    corrupt: sum(after.reports.map(({ corrupt }) => corrupt)),
    configurationChanges: sum(cluster.changes()) - changes,
  };
}

/** @param {import('./cluster.mjs').Report} a @param {import('./cluster.mjs').Report} b */
function difference(a, b) {
  const received = b.received - a.received;
  return { received, rate: received / (b.at - a.at) };
}

/** @param {import('./cluster.mjs').Sample} before @param {import('./cluster.mjs').Sample} after @param {number} deliveries */
export function costs(before, after, deliveries) {
  return Object.fromEntries(
    Object.entries(after.cpu).map(([kind, cpu]) => [kind, (cpu - (before.cpu[kind] ?? 0)) / deliveries]),
  );
}

/** @param {readonly number[]} values */
export function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}
