// `npm run bench -- WORKLOAD [--hosts N] [--size BYTES] [--senders K] [--seconds S] [--runs N] [--link 100mbit|1gbit|none] [--realtime]
// [--crypto none] [--json]`. Builds hosts in network namespaces on this machine, runs an executive on each, and measures at receivers.

import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { backpressure } from './backpressure.mjs';
import { Client } from './clients.mjs';
import { Cluster, median, seconds } from './cluster.mjs';
import { testbedProblem } from './testbed.mjs';

/** How long a flood runs before it is measured, in ms. */
const WARM_UP = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hosts: { type: 'string', default: '3' },
    size: { type: 'string', default: '64' },
    senders: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '5' },
    link: { type: 'string', default: 'none' },
    crypto: { type: 'string', default: 'aes256gcm' },
    realtime: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const number = (/** @type {'hosts' | 'size' | 'senders' | 'seconds' | 'runs'} */ name) => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) fail(`--${name} wants a whole number from 1`);
  return value;
};
const options = {
  hosts: number('hosts'),
  link: /** @type {'none' | '100mbit' | '1gbit'} */ (values.link),
  totem: {
    realtime: values.realtime,
    ...(values.crypto === 'none' ? { crypto: 'none', insecure: true } : { crypto: values.crypto }),
  },
};

/** @type {Record<string, () => Promise<object>>} */
const workloads = {
  evs,
  ckpt,
  evt,
  joiner,
  failover,
  idle,
  stable,
  backpressure: () => backpressure(number('seconds'), number('size')),
};
const [name = ''] = positionals;
const workload = workloads[name];
if (workload === undefined) fail(`no workload '${name}'; there are ${Object.keys(workloads).join(', ')}`);
const problem = testbedProblem();
if (problem !== undefined) fail(problem);
const result = { workload: name, ...options, machine: cpus()[0]?.model, ...(await workload()) };
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);

/** @param {string} what @returns {never} */
function fail(what) {
  process.stderr.write(`bench: ${what}\n`);
  process.exit(2);
}

/** @param {(cluster: Cluster) => Promise<object>} measure */
async function onCluster(measure) {
  const cluster = new Cluster(options);
  try {
    for (const node of cluster.all) cluster.start(node);
    await cluster.together(cluster.all);
    return await measure(cluster);
  } finally {
    cluster.down();
  }
}

/** Who sends: from host 2 on, so that a single sender is not the ring's representative. */
function senders(/** @type {Cluster} */ cluster) {
  return [...cluster.all.slice(1), ...cluster.all.slice(0, 1)].slice(0, number('senders'));
}

/** Throughput: messages and bytes a second at the receiver that saw least. */
function evs() {
  return onCluster(async (cluster) => {
    const size = number('size');
    const sending = senders(cluster);
    const measured = cluster.all.filter((node) => sending.length === cluster.all.length || !sending.includes(node));
    for (const node of sending) cluster.order(node, { do: 'flood', size });
    await delay(WARM_UP);
    const rates = [];
    for (let run = 0; run < number('runs'); run += 1) {
      const before = await cluster.counts();
      await delay(number('seconds') * 1000);
      const after = await cluster.counts();
      const each = measured.map((node) => {
        const [a, b] = [before[node - 1], after[node - 1]];
        return a === undefined || b === undefined ? 0 : (b.received - a.received) / (b.at - a.at);
      });
      rates.push(Math.min(...each));
    }
    const disorders = (await cluster.counts()).reduce((sum, count) => sum + count.disorders, 0);
    const messagesPerSecond = Math.round(median(rates));
    return {
      size,
      senders: sending.length,
      messagesPerSecond,
      megabytesPerSecond: (messagesPerSecond * size) / 1e6,
      minimum: Math.round(Math.min(...rates)),
      maximum: Math.round(Math.max(...rates)),
      disorders,
    };
  });
}

/** Checkpoint writes a second, one client on host 2: one after another with each option, and 64 in flight. */
function ckpt() {
  return onCluster(async (cluster) => {
    const client = await Client.start(cluster, 2);
    try {
      const size = values.size === '64' ? 1024 : number('size');
      /** @type {Record<string, object>} */
      const result = { size };
      for (const update of ['active-replica', 'all-replicas']) {
        for (const inFlight of [1, 64]) {
          const rates = [];
          const order = { do: 'write', update, size, inFlight, seconds: number('seconds') };
          await client.order({ ...order, seconds: 1 });
          for (let run = 0; run < number('runs'); run += 1) {
            const { writes, took } = await client.order(order);
            rates.push(writes / took);
          }
          const [least, most] = [Math.min(...rates), Math.max(...rates)].map(Math.round);
          result[`${update}, ${inFlight} in flight`] = { median: Math.round(median(rates)), least, most };
        }
      }
      return result;
    } finally {
      client.end();
    }
  });
}

/** Events a second, published on host 2, at the subscriber (one on each host) that saw least. */
function evt() {
  return onCluster(async (cluster) => {
    const subscribers = await Promise.all(cluster.all.map((node) => Client.start(cluster, node)));
    const publisher = await Client.start(cluster, 2);
    try {
      const size = values.size === '64' ? 256 : number('size');
      for (const subscriber of subscribers) await subscriber.order({ do: 'subscribe' });
      const rates = [];
      for (let run = 0; run < number('runs'); run += 1) {
        const published = publisher.order({ do: 'publish', size, inFlight: 256, seconds: number('seconds') + 1 });
        await delay(WARM_UP / 2);
        const before = await Promise.all(subscribers.map((each) => each.order({ do: 'count' })));
        await delay(number('seconds') * 1000);
        const after = await Promise.all(subscribers.map((each) => each.order({ do: 'count' })));
        await published;
        rates.push(Math.min(...after.map((b, i) => (b.received - before[i].received) / (b.at - before[i].at))));
      }
      const [least, most] = [Math.min(...rates), Math.max(...rates)].map(Math.round);
      return { size, eventsPerSecond: Math.round(median(rates)), least, most };
    } finally {
      for (const client of [...subscribers, publisher]) client.end();
    }
  });
}

/** Seconds until a new node has 100,000 sections of 1 KiB, and what writers do meanwhile. */
function joiner() {
  return onCluster(async (cluster) => {
    const [filler, writer] = await Promise.all([Client.start(cluster, 1), Client.start(cluster, 2)]);
    const joining = cluster.all.length;
    /** @type {Client | undefined} */
    let reader;
    try {
      await cluster.kill(joining);
      await cluster.together(cluster.all.slice(0, -1));
      await filler.order({ do: 'fill', sections: 100_000, size: 1024 });
      await writer.order({ do: 'keepWriting', size: 1024, inFlight: 16 });
      const rate = async (/** @type {number} */ ms) => {
        const before = await writer.order({ do: 'count' });
        await delay(ms);
        const after = await writer.order({ do: 'count' });
        return (after.received - before.received) / (after.at - before.at);
      };
      await delay(WARM_UP);
      const writesBefore = await rate(3000);
      const countBefore = await writer.order({ do: 'count' });
      const began = seconds();
      cluster.start(joining);
      await cluster.together(cluster.all);
      reader = await Client.start(cluster, joining);
      const { sections } = await reader.order({ do: 'sections' });
      const took = seconds() - began;
      const countAfter = await writer.order({ do: 'count' });
      const writesDuring = (countAfter.received - countBefore.received) / (countAfter.at - countBefore.at);
      await writer.order({ do: 'quiet' });
      return {
        sections,
        seconds: took,
        writesBefore: Math.round(writesBefore),
        writesDuring: Math.round(writesDuring),
      };
    } finally {
      for (const client of [filler, writer, reader]) client?.end();
    }
  });
}

/** Milliseconds until the last survivor has the new regular configuration. */
function failover() {
  return onCluster(async (cluster) => {
    const victim = cluster.all.length;
    const rest = cluster.all.slice(0, -1);
    /** @type {Record<'kill' | 'cut' | 'merge', number[]>} */
    const times = { kill: [], cut: [], merge: [] };
    for (let run = 0; run < number('runs'); run += 1) {
      const killed = await cluster.kill(victim);
      times.kill.push(((await cluster.together(rest)) - killed) * 1000);
      cluster.start(victim);
      await cluster.together(cluster.all);
      await delay(500);
      const cut = seconds();
      cluster.testbed.isolate(victim);
      times.cut.push(((await cluster.together(rest)) - cut) * 1000);
      await cluster.together([victim]);
      const healed = seconds();
      cluster.testbed.heal();
      times.merge.push(((await cluster.together(cluster.all)) - healed) * 1000);
      await delay(500);
    }
    return Object.fromEntries(
      Object.entries(times).map(([what, list]) => [
        what,
        {
          median: Math.round(median(list)),
          minimum: Math.round(Math.min(...list)),
          maximum: Math.round(Math.max(...list)),
        },
      ]),
    );
  });
}

/** Cores in use: at rest, and with one message a millisecond from one host. */
function idle() {
  return onCluster(async (cluster) => {
    const cores = async () => {
      await delay(WARM_UP);
      const before = await cluster.counts();
      await delay(number('seconds') * 1000);
      const after = await cluster.counts();
      return cluster.all.map((node) => {
        const [a, b] = [before[node - 1], after[node - 1]];
        if (a === undefined || b === undefined) return Number.NaN;
        return (b.cpu.user + b.cpu.system - a.cpu.user - a.cpu.system) / 1e6 / (b.at - a.at);
      });
    };
    const atRest = await cores();
    cluster.order(2, { do: 'pulse', size: number('size') });
    const busy = await cores();
    return { coresAtRest: atRest, coresAtOneMessageAMillisecond: busy, sum: busy.reduce((a, b) => a + b, 0) };
  });
}

/** Configurations that a flood from all makes, beside two busy loops. */
function stable() {
  return onCluster(async (cluster) => {
    const loops = [1, 2].map((node) => cluster.testbed.spawn(node, [process.execPath, '-e', 'for (;;);']));
    try {
      for (const node of cluster.all) cluster.order(node, { do: 'flood', size: number('size') });
      const before = cluster.all.map((node) => cluster.host(node).changes);
      await delay(number('seconds') * 1000);
      const changes = cluster.all.map((node, index) => cluster.host(node).changes - (before[index] ?? 0));
      const counts = await cluster.counts();
      return { seconds: number('seconds'), changes, received: counts.map((count) => count.received) };
    } finally {
      for (const loop of loops) loop.kill('SIGKILL');
    }
  });
}
