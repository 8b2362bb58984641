/** Figures of an executive, each number another one. */
import { health } from '../../src/observe/health.js';
import type { Measured } from '../../src/observe/metrics.js';
import type { Status } from '../../src/observe/status.js';

const engineFields = [
  'packetsReceived',
  'packetsSent',
  'bytesReceived',
  'bytesSent',
  'tokensReceived',
  'tokensSent',
  'tokenRetransmits',
  'dataOriginated',
  'dataRetransmitted',
  'retransmitRequests',
  'messagesOriginated',
  'messagesDelivered',
  'bytesDelivered',
  'holds',
  'holdCancels',
  'rotationMeanNs',
  'rotationBoundNs',
  'storeUsed',
  'storeHigh',
  'window',
  'recoveryCopies',
] as const;

const ioFields = [
  'sendCalls',
  'datagramsSent',
  'datagramsSegmented',
  'datagramsUnsent',
  'sendWaits',
  'segmentationRefusals',
  'receiveCalls',
  'buffersReceived',
  'datagramsReceived',
  'receiveOverflows',
  'datagramsCut',
  'refusals',
  'passes',
  'wakes',
] as const;

function numbered<Field extends string>(fields: readonly Field[], first: number): Record<Field, number> {
  return Object.fromEntries(fields.map((field, index) => [field, first + index])) as Record<Field, number>;
}

export const status: Status = {
  nodeId: 7,
  state: 'operational',
  configuration: { id: '7.4.1', members: [7, 8] },
  synchronized: true,
  primary: true,
  clients: 3,
  services: [{ id: 'ckpt', number: 3, digest: 'ff', ...{ checkpoints: 5, since: 6n, kind: 'text' } }],
  memory: { resident: 1e6, heap: 1e5 },
};

export function measured(): Measured {
  return {
    clusterName: 'bank',
    status,
    health: health({ overview: status, isRingThreadMoving: true, hasEnded: false }),
    membership: {
      entered: new Map([['gather', 11]]),
      inputs: new Map([['join', 12]]),
      tokenLost: new Map([['operational', 13]]),
      configurations: new Map([['regular', 14]]),
    },
    ring: { ...numbered(engineFields, 1000), dropped: { own: 2000 }, io: numbered(ioFields, 3000) },
    process: { startTime: 1.5e9, cpuSeconds: 0.25, loopDelay: new Map([['0.99', 0.001]]) },
  };
}
