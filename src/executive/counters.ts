/** What the ring's thread counts and was granted, as the status document has it. */
import type { ResolvedConfig } from '../config/index.js';
import type { EngineStats } from '../native/ring-core.js';
import type { IoStats, RingThreadInfo } from '../native/ring-thread.js';
import type { IoCounters, LinkStatus, RingCounters, ThreadStatus } from '../observe/status.js';

export function ringCounters(stats: EngineStats): RingCounters {
  const { packetsSent, packetsReceived, bytesSent, bytesReceived } = stats;
  const { dataRetransmitted, retransmitRequests, tokensReceived, tokenRetransmits } = stats;
  const { messagesOriginated, messagesDelivered, window, storeUsed } = stats;
  return {
    ...{ packetsSent, packetsReceived, bytesSent, bytesReceived },
    ...{ dataRetransmitted, retransmitRequests, tokensReceived, tokenRetransmits },
    ...{ messagesOriginated, messagesDelivered, window, storeUsed },
    rotationMicroseconds: Math.round(stats.rotationMeanNs / 1000),
    dropped: Object.fromEntries(Object.entries(stats.dropped).filter(([, packets]) => packets > 0)),
  };
}

export function ioCounters(stats: IoStats): IoCounters {
  const { datagramsSent, datagramsReceived, datagramsUnsent, receiveOverflows, refusals } = stats;
  return { datagramsSent, datagramsReceived, datagramsUnsent, receiveOverflows, refusals };
}

export function threadStatus({ scheduling, memoryLocked, gso, gro }: RingThreadInfo): ThreadStatus {
  return { scheduling, memoryLocked, gso, gro };
}

export function linkStatus({ links, transport, datagramBytes }: ResolvedConfig, info: RingThreadInfo): LinkStatus[] {
  const { localEndpoints, receiveBuffer } = info;
  return links.map(({ number, interfaceName, multicastAddress, port }, index) => ({
    number,
    transport,
    endpoint: localEndpoints[index] ?? '',
    ...(interfaceName !== undefined && { interface: interfaceName }),
    ...(transport === 'udp' && { group: `${multicastAddress}:${port}` }),
    datagramBytes,
    receiveBuffer,
  }));
}
