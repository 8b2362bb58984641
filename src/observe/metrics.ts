/**
 * The one table of metrics. docs/METRICS.md is made from it; so a metric is added here and nowhere
 * else. Counters stand in the memory of the ring thread and are read when somebody asks: they cost nothing meanwhile.
 */
import type { EngineStats } from '../native/ring-core.js';
import type { IoStats, RingThreadStats } from '../native/ring-thread.js';
import { type Health, isWell } from './health.js';
import type { ProcessFigures } from './process-watch.js';
import type { Status } from './status.js';

export interface Measured {
  readonly clusterName: string;
  readonly status: Status;
  readonly health: Health;
  readonly membership: MembershipCounts;
  /** Absent before there is a ring. */
  readonly ring: RingThreadStats | undefined;
  readonly process: ProcessFigures;
}

/** What membership did since the executive started, each by its name. */
export interface MembershipCounts {
  readonly entered: ReadonlyMap<string, number>;
  readonly inputs: ReadonlyMap<string, number>;
  readonly tokenLost: ReadonlyMap<string, number>;
  readonly configurations: ReadonlyMap<string, number>;
}

/** The value, and of which. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** What each sample says of itself. */
  readonly labels: readonly string[];
  samples(measured: Measured): readonly Sample[];
}

type Figures = (measured: Measured) => number | boolean | undefined | readonly Sample[];

function metric(type: Metric['type'], name: string, help: string, read: Figures, labels: readonly string[] = []) {
  const samples = (measured: Measured): readonly Sample[] => {
    const figures = read(measured);
    if (figures === undefined) return [];
    return typeof figures === 'object' ? figures : [{ value: Number(figures) }];
  };
  return { name: `openais_${name}`, type, help, labels, samples } satisfies Metric;
}

const gauge = (name: string, help: string, read: Figures, labels?: readonly string[]) =>
  metric('gauge', name, help, read, labels);
const counter = (name: string, help: string, read: Figures, labels?: readonly string[]) =>
  metric('counter', `${name}_total`, help, read, labels);

type Count<Stats> = { [K in keyof Stats]: Stats[K] extends number ? K : never }[keyof Stats];

/** Of the ring. */
const ring = (name: string, field: Count<EngineStats>, help: string) =>
  counter(`ring_${name}`, help, (measured) => measured.ring?.[field]);
/** Of sockets and thread. */
const io = (name: string, field: Count<IoStats>, help: string) =>
  counter(`io_${name}`, help, (measured) => measured.ring?.io[field]);

const NANOSECONDS = 1e9;
const seconds = (nanoseconds: number | undefined) =>
  nanoseconds === undefined ? undefined : nanoseconds / NANOSECONDS;

function samplesOf(label: string, values: Iterable<readonly [string, number]>): Sample[] {
  return Array.from(values, ([name, value]) => ({ value, labels: { [label]: name } }));
}

const states: readonly Status['state'][] = ['operational', 'gather', 'commit', 'recovery'];

export const metrics: readonly Metric[] = [
  gauge(
    'node_info',
    'Always 1; who this is.',
    ({ status, clusterName }) => [{ value: 1, labels: { node: String(status.nodeId), cluster: clusterName } }],
    ['node', 'cluster'],
  ),
  gauge('alive', '1 if /livez would say so.', ({ health }) => isWell(health.live)),
  gauge('ready', '1 if /readyz would say so.', ({ health }) => isWell(health.ready)),
  gauge(
    'state',
    '1 for the state that membership is in, 0 for the others.',
    ({ status }) =>
      samplesOf(
        'state',
        states.map((state) => [state, Number(state === status.state)]),
      ),
    ['state'],
  ),
  gauge('members', 'Nodes in the configuration.', ({ status }) => status.configuration.members.length),
  gauge('synchronized', '0 while services synchronise.', ({ status }) => status.synchronized),
  gauge('primary', '0 outside of the primary component.', ({ status }) => status.primary),
  gauge('clients', 'Connections of libraries.', ({ status }) => status.clients),

  counter(
    'membership_entered',
    'Entries of a state (gather_entered, commit_entered, recovery_entered … of corosync).',
    ({ membership }) => samplesOf('state', membership.entered),
    ['state'],
  ),
  counter(
    'membership_input',
    'What membership was told: events of the core by name, control packets of others by type.',
    ({ membership }) => samplesOf('input', membership.inputs),
    ['input'],
  ),
  counter(
    'membership_token_lost',
    'Tokens lost, by the state (operational_token_lost, recovery_token_lost … of corosync).',
    ({ membership }) => samplesOf('state', membership.tokenLost),
    ['state'],
  ),
  counter(
    'membership_configurations',
    'Configurations delivered, by kind.',
    ({ membership }) => samplesOf('kind', membership.configurations),
    ['kind'],
  ),

  ring('packets_received', 'packetsReceived', 'Packets taken from the network.'),
  ring('packets_sent', 'packetsSent', 'Packets sent, copies and tokens among them.'),
  ring('bytes_received', 'bytesReceived', 'Bytes of packets received.'),
  ring('bytes_sent', 'bytesSent', 'Bytes of packets sent.'),
  ring('tokens_received', 'tokensReceived', 'Visits of the token (orf_token_rx of corosync).'),
  ring('tokens_sent', 'tokensSent', 'Tokens passed on (orf_token_tx).'),
  ring('token_retransmits', 'tokenRetransmits', 'Tokens that were repeated because nothing was heard after them.'),
  ring('data_originated', 'dataOriginated', 'Packets of messages of this node (mcast_tx).'),
  ring('data_retransmitted', 'dataRetransmitted', 'Packets sent again because a member lacked them (mcast_retx).'),
  ring('retransmit_requests', 'retransmitRequests', 'Packets that this node asked for.'),
  ring('messages_originated', 'messagesOriginated', 'Messages of this node that have their place in the order.'),
  ring('messages_delivered', 'messagesDelivered', 'Messages delivered to this node, its own among them.'),
  ring('bytes_delivered', 'bytesDelivered', 'Bytes of messages delivered.'),
  ring('holds', 'holds', 'Times that an idle token rested here.'),
  ring('hold_cancels', 'holdCancels', 'Times that a resting token was called.'),
  ring('recovery_copies', 'recoveryCopies', 'Packets of an old ring that were copied to others during recovery.'),
  counter(
    'ring_packets_dropped',
    'Packets that were not taken, by reason.',
    (measured) => measured.ring && samplesOf('reason', Object.entries(measured.ring.dropped)),
    ['reason'],
  ),
  gauge('ring_rotation_seconds', 'Of the token, mean of late (mtt_rx_token).', (measured) =>
    seconds(measured.ring?.rotationMeanNs),
  ),
  gauge('ring_rotation_bound_seconds', 'What nearly all rotations stay below.', (measured) =>
    seconds(measured.ring?.rotationBoundNs),
  ),
  gauge('ring_store_packets', 'Packets kept for others or for delivery.', (measured) => measured.ring?.storeUsed),
  gauge('ring_store_packets_max', 'The most that were ever kept.', (measured) => measured.ring?.storeHigh),
  gauge(
    'ring_window_packets',
    'Packets a rotation that the ring admits at present.',
    (measured) => measured.ring?.window,
  ),

  io('send_calls', 'sendCalls', 'System calls that sent.'),
  io('datagrams_sent', 'datagramsSent', 'Datagrams sent.'),
  io('datagrams_segmented', 'datagramsSegmented', 'Of these, in sends that the kernel cut.'),
  io(
    'datagrams_unsent',
    'datagramsUnsent',
    'Datagrams that the kernel did not take in time; the protocol repeats them.',
  ),
  io('send_waits', 'sendWaits', 'Waits for a full socket or interface.'),
  io('segmentation_refusals', 'segmentationRefusals', 'Sends that the kernel would not cut.'),
  io('receive_calls', 'receiveCalls', 'System calls that received.'),
  io('buffers_received', 'buffersReceived', 'Buffers received; one may hold many datagrams.'),
  io('datagrams_received', 'datagramsReceived', 'Datagrams received.'),
  io('receive_overflows', 'receiveOverflows', 'Datagrams that the kernel dropped: the receive buffer was full.'),
  io('datagrams_cut', 'datagramsCut', 'Datagrams longer than UDP can be.'),
  io('refusals', 'refusals', 'Datagrams that a host answered with port unreachable.'),
  io('passes', 'passes', 'Turns of the ring thread.'),
  io('wakes', 'wakes', 'Times that it woke JavaScript.'),

  gauge(
    'service_count',
    'What services say of themselves, as in `ais status --json`: members, checkpoints, openers, bytes …',
    ({ status }) => status.services.flatMap(countsOf),
    ['service', 'what'],
  ),

  gauge('resident_memory_bytes', 'Memory of the process.', ({ status }) => status.memory.resident),
  gauge('heap_bytes', 'Of these, objects of JavaScript.', ({ status }) => status.memory.heap),
  counter('cpu_seconds', 'Processor time of the process, ring thread included.', ({ process }) => process.cpuSeconds),
  gauge('start_time_seconds', 'When the process started, since 1970.', ({ process }) => process.startTime),
  gauge(
    'loop_delay_seconds',
    'How much later than it should the loop of JavaScript turned, since it was asked last.',
    ({ process }) => samplesOf('quantile', process.loopDelay),
    ['quantile'],
  ),
];

function countsOf({ id, number: _, ...rest }: Status['services'][number]): Sample[] {
  return Object.entries(rest).flatMap(([what, value]: [string, unknown]) =>
    typeof value === 'number' || typeof value === 'bigint'
      ? [{ value: Number(value), labels: { service: id, what } }]
      : [],
  );
}
