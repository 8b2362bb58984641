// Which peer, and by which of its settings: the best that a short trial on these hosts shows.

import { LocalHosts } from '../hosts/local.mjs';
import { CorosyncCluster, corosyncProblem, corosyncVersion } from './corosync/corosync.mjs';

/**
 * @typedef {import('./corosync/corosync.mjs').Settings} Settings
 * @typedef {{ about: { name: string, version: string, settings: Settings }, make: () => import('../cluster.mjs').Cluster }} Peer
 */

/** Its real-time class costs it most of its batching where processors are few; larger windows help beside that. */
const tunings = [
  { system: { sched_rr: 'no' } },
  { system: { sched_rr: 'no' }, totem: { window_size: 300, max_messages: 100 } },
];

/** @param {import('../options.mjs').Options} options @returns {Settings[]} */
function candidates({ peerTransport, peerCrypto, peerTuned }) {
  /** @type {Array<'udp' | 'udpu' | 'knet'>} */
  const transports = peerCrypto ? ['knet'] : peerTransport === 'best' ? ['udp', 'knet'] : [peerTransport];
  /** @type {Record<string, string | number>} */
  const crypto = peerCrypto
    ? { crypto_cipher: 'aes256', crypto_hash: 'sha256', key: '0123456789abcdef'.repeat(16) }
    : {};
  return transports.flatMap((transport) =>
    [{}, ...(peerTuned ? tunings : [])].map((tuning) => ({
      transport,
      ...tuning,
      totem: { ...crypto, .../** @type {Settings} */ (tuning).totem },
    })),
  );
}

/**
 * The peer that --peer names; undefined where it can't be had, which is said.
 * @param {import('../hosts/local.mjs').Hosts} hosts
 * @param {import('../options.mjs').Options} options
 * @param {(cluster: import('../cluster.mjs').Cluster) => Promise<number>} trial the higher the better
 * @returns {Promise<Peer | undefined>}
 */
export async function choosePeer(hosts, options, trial) {
  const problem = hosts instanceof LocalHosts ? corosyncProblem() : 'a peer is measured on this machine alone';
  if (problem !== undefined || !(hosts instanceof LocalHosts)) {
    process.stderr.write(`bench: no peer: ${problem}\n`);
    return undefined;
  }
  /** @type {Settings | undefined} */
  let best;
  let bestScore = Number.NEGATIVE_INFINITY;
  const all = candidates(options);
  for (const settings of all) {
    const score = all.length === 1 ? 0 : await trial(new CorosyncCluster(hosts, settings)).catch(() => bestScore);
    if (best === undefined || score > bestScore) [best, bestScore] = [settings, score];
  }
  const settings = /** @type {Settings} */ (best);
  return {
    about: { name: 'corosync', version: corosyncVersion(), settings },
    make: () => new CorosyncCluster(hosts, settings),
  };
}
