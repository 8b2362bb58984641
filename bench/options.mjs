// The command line of the benchmarks.

import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import { HEAD } from './programs/messages.mjs';

/** Where an agent listens that was told nothing else. */
export const AGENT_PORT = 5410;
const NODES_MAX = 100;

export class UsageError extends Error {}

const workloadHelp = {
  evs: 'group messaging, messages a second',
  latency: 'group messaging at a pace, µs until delivery',
  ckpt: 'checkpoint writes a second',
  evt: 'events a second',
  failover: 'ms until a new configuration',
  scale: 'evs and latency for 2 to --nodes nodes',
  charts: 'the charts of docs/charts',
  joiner: 'seconds until a new node has its state',
  embed: 'event-loop delay and memory of an application with an executive in it',
  idle: 'cores in use at rest',
  stable: 'configurations that full load makes',
  backpressure: 'memory while a client does not read',
};

export const usage = `npm run bench -- WORKLOAD [OPTION…]

${Object.entries(workloadHelp)
  .map(([name, what]) => `  ${name.padEnd(13)}${what}`)
  .join('\n')}

  --nodes N              hosts (3)
  --hosts FILE           real machines instead: a line for each, ADDRESS[:PORT]
  --agent-key FILE       the key of their agents
  --link LINK            100mbit, 1gbit or none: rate of each host's link (none)
  --mtu N                of the network (1500)
  --loss PERCENT         datagrams lost on their way to each host (0)
  --size BYTES           of a message
  --senders K            how many nodes send, or 'all' (1)
  --crypto CIPHER        aes256gcm, chacha20poly1305 or none (aes256gcm)
  --realtime             real-time priority for the rings
  --profile NAME         of the ring's timers: lan, slow or fast (lan)
  --in-process           the executive within the client's process
  --sections N           ckpt: of the checkpoint that is written to, one after the other (1)
  --interval µs          latency: a message each so many (1000)
  --load PERCENT         latency: of what the link carries, instead of --interval
  --seconds S            of a run, after its warm-up (3)
  --warm-up S            before it (1; with --peer, where each run starts anew, 2)
  --runs N               of which medians are told (5)
  --peer corosync        measure it as well, run by run
  --peer-transport NAME  udp, udpu or knet; best: whichever a trial shows (best)
  --peer-crypto          aes256 with sha256, which only its knet has
  --peer-tuned           the best of its settings that we know
  --out FOLDER           charts: where they go (docs/charts)
  --only NAME            charts: this one
  --draw                 charts: again from the figures that are there
  --json                 one JSON document
`;

/**
 * @typedef {object} Options
 * @property {string} workload
 * @property {number} nodes
 * @property {ReadonlyArray<{ address: string, port: number }> | undefined} hosts
 * @property {string | undefined} agentKey
 * @property {import('./limits.mjs').Link} link
 * @property {number} mtu
 * @property {number} loss
 * @property {number | undefined} size
 * @property {number} senders
 * @property {string} crypto
 * @property {boolean} realtime
 * @property {'lan' | 'slow' | 'fast'} profile
 * @property {boolean} inProcess
 * @property {number} sections
 * @property {number} interval
 * @property {number | undefined} load
 * @property {number} seconds
 * @property {number} warmUp seconds
 * @property {number} runs
 * @property {'corosync' | undefined} peer
 * @property {'best' | 'udp' | 'udpu' | 'knet'} peerTransport
 * @property {boolean} peerCrypto
 * @property {boolean} peerTuned
 * @property {string | undefined} out
 * @property {string | undefined} only
 * @property {boolean} isDrawing
 * @property {boolean} json
 */

/** @param {string[]} argv @returns {Options} @throws {UsageError} */
export function parseOptions(argv) {
  const { values, positionals } = parse(argv);
  const [workload, ...more] = positionals;
  if (workload === undefined || more.length > 0) throw new UsageError('one workload, please');
  const hosts = values.hosts === undefined ? undefined : hostsOf(values.hosts);
  const nodes = number('nodes', values.nodes, hosts?.length ?? 3, 1, hosts?.length ?? NODES_MAX);
  const mtu = number('mtu', values.mtu, 1500, 576, 65_535);
  const senders = values.senders === 'all' ? nodes : number('senders', values.senders, 1, 1, nodes);
  return {
    workload,
    nodes,
    hosts,
    agentKey: values['agent-key'],
    link: choice('link', values.link, ['none', '100mbit', '1gbit']),
    mtu,
    loss: number('loss', values.loss, 0, 0, 90, false),
    size: values.size === undefined ? undefined : number('size', values.size, 0, HEAD, 1 << 20),
    senders,
    crypto: choice('crypto', values.crypto, ['aes256gcm', 'chacha20poly1305', 'none']),
    realtime: values.realtime === true,
    profile: choice('profile', values.profile, ['lan', 'slow', 'fast']),
    inProcess: values['in-process'] === true,
    sections: number('sections', values.sections, 1, 1, 1e7),
    interval: number('interval', values.interval, 1000, 1, 60e6),
    load: values.load === undefined ? undefined : number('load', values.load, 0, 1, 100, false),
    seconds: number('seconds', values.seconds, 3, 0.1, 86_400, false),
    warmUp: number('warm-up', values['warm-up'], values.peer === undefined ? 1 : 2, 0, 3600, false),
    runs: number('runs', values.runs, 5, 1, 10_000),
    peer: values.peer === undefined ? undefined : choice('peer', values.peer, [/** @type {const} */ ('corosync')]),
    peerTransport: choice('peer-transport', values['peer-transport'], ['best', 'udp', 'udpu', 'knet']),
    peerCrypto: values['peer-crypto'] === true,
    peerTuned: values['peer-tuned'] === true,
    out: values.out,
    only: values.only,
    isDrawing: values.draw === true,
    json: values.json === true,
  };
}

/** A line a machine, ADDRESS or ADDRESS:PORT; # starts a comment. @param {string} file */
function hostsOf(file) {
  const lines = textOf(file)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new UsageError(`${file} names no machine`);
  return lines.map((line) => {
    const [address = '', port = `${AGENT_PORT}`] = line.split(':');
    if (!isIPv4(address)) throw new UsageError(`${file}: '${line}' is no IPv4 address with or without a port`);
    return { address, port: number('hosts: the port', port, 0, 1, 65_535) };
  });
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string[]} argv */
function parse(argv) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const options = {
    ...{ nodes: text, hosts: text, 'agent-key': text, link: text, mtu: text, loss: text, size: text, senders: text },
    ...{
      crypto: text,
      realtime: flag,
      profile: text,
      'in-process': flag,
      sections: text,
      interval: text,
      load: text,
      seconds: text,
      'warm-up': text,
      runs: text,
    },
    ...{
      peer: text,
      'peer-transport': text,
      'peer-crypto': flag,
      'peer-tuned': flag,
      out: text,
      only: text,
      draw: flag,
      json: flag,
    },
  };
  try {
    return parseArgs({ args: argv, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} name @param {string | undefined} text @param {number} otherwise @param {number} least @param {number} most */
function number(name, text, otherwise, least, most, isWhole = true) {
  const value = text === undefined ? otherwise : Number(text);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new UsageError(`--${name} wants a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
}

/** @template {string} T @param {string} name @param {string | undefined} text @param {readonly [T, ...T[]]} choices @returns {T} */
function choice(name, text, choices) {
  const chosen = text === undefined ? choices[0] : choices.find((each) => each === text);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`--${name} is one of ${choices.join(', ')}`);
}
