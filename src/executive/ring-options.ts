/** From the configuration to what the ring thread is started with. */
import { randomBytes } from 'node:crypto';
import type { ResolvedConfig } from '../config/index.js';
import type { RingThreadOptions } from '../native/ring-thread.js';
import type { Identity } from '../totem/boundary.js';
import { engineTimers } from '../totem/timers.js';

/** Packets that a ring keeps: more than two windows of the largest size. */
const STORE_PACKETS = 8192;
/** Memory of what was delivered and not read. A message takes half of it at most. */
const DELIVERY_BYTES = 8 << 20;
const TRACE_HEADER_BYTES = 64;
const EVENT_BYTES = 1 << 20;
/** Of each of the four send queues; as for the deliveries. */
const SUBMIT_BYTES = 4 << 20;

export function ringOptions(config: ResolvedConfig, self: Identity): RingThreadOptions {
  const { protection, clusterName } = config;
  return {
    self,
    clusterTag: config.clusterTag,
    datagramSize: config.datagramBytes,
    links: config.links.length,
    timers: engineTimers(config.timers),
    perVisit: config.window.perVisit,
    storePackets: STORE_PACKETS,
    randomSeed: new BigUint64Array(new Uint8Array(randomBytes(32)).buffer),
    firstSeq: 1n,
    firstTokenSeq: 0n,
    firstCounter: 1n,
    deliveryBytes: DELIVERY_BYTES,
    eventBytes: EVENT_BYTES,
    submitBytes: SUBMIT_BYTES,
    protection: protection.cipher === 'none' ? protection : { ...protection, clusterName },
    sockets: {
      transport: config.transport,
      links: config.links.map(({ address, port, multicastAddress, ttl }) => ({
        address,
        port,
        group: multicastAddress,
        ttl,
      })),
      ...(config.transport === 'udpu' && {
        nodes: config.nodes.map(({ nodeId, addresses }) => ({ node: nodeId, addresses })),
      }),
    },
    realtime: config.realtime,
    ...(config.trace && { tracePath: config.trace.path, traceBytes: TRACE_HEADER_BYTES + config.trace.records * 64 }),
  };
}

/** Packets a rotation, and how many of a visit may follow the token. */
export function windows(config: ResolvedConfig, offer: number): { window: number; acceleratedWindow: number } {
  const window = Math.min(config.window.size ?? offer, offer);
  return { window, acceleratedWindow: Math.min(config.window.accelerated ?? window, window) };
}
