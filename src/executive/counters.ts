/** The counters of a ring, as the status document has them. */
import type { EngineStats } from '../native/ring-core.js';
import type { RingCounters } from '../observe/status.js';

export function ringCounters(stats: EngineStats): RingCounters {
  const { packetsSent, packetsReceived, dataRetransmitted, tokenRetransmits, messagesOriginated, messagesDelivered } =
    stats;
  return {
    packetsSent,
    packetsReceived,
    dataRetransmitted,
    tokenRetransmits,
    messagesOriginated,
    messagesDelivered,
    rotationMicroseconds: Math.round(stats.rotationMeanNs / 1000),
  };
}
