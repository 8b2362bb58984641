/** The status document: what an executive says about itself, in process and to `ais status`. */

/** What can be told at once, however much services hold. */
export interface Overview {
  readonly nodeId: number;
  readonly state: 'operational' | 'gather' | 'commit' | 'recovery';
  readonly configuration: { readonly id: string; readonly members: readonly number[] };
  /** False while services synchronise after a configuration change. */
  readonly synchronized: boolean;
  /** True without quorum in the configuration file. */
  readonly primary: boolean;
  /** Connections of libraries, that which asks among them. Older executives do not say. */
  readonly clients?: number;
}

/** What an executive says about itself. */
export interface Status extends Overview {
  /** With a section quorum: votes that are expected, that the members have, and that a primary component needs. */
  readonly quorum?: { readonly expectedVotes: number; readonly votes: number; readonly needed: number };
  /** Members, and nodes of the node list that are none, ascending. Older executives do not say. */
  readonly nodes?: readonly NodeStatus[];
  /** Ascending by number. Absent before it has a ring, as the three that follow. */
  readonly links?: readonly LinkStatus[];
  readonly thread?: ThreadStatus;
  /** What the ring has done since the executive started. */
  readonly ring?: RingCounters;
  /** And what the system has done for it. */
  readonly io?: IoCounters;
  readonly services: readonly ServiceStatus[];
  /** Bytes of the process. */
  readonly memory: { readonly resident: number; readonly heap: number };
}

export interface NodeStatus {
  readonly nodeId: number;
  readonly member: boolean;
  readonly votes: number;
  /** What it says of itself (CLM), else what the node list says. */
  readonly name?: string;
  readonly address?: string;
  /** Of the machine, in milliseconds since the Unix epoch. Of members alone. */
  readonly bootTimestamp?: number;
}

export interface LinkStatus {
  readonly number: number;
  readonly transport: 'udp' | 'udpu';
  /** Where it sends from and receives tokens, with the port. */
  readonly endpoint: string;
  /** Whose network the address is in, where one is known. */
  readonly interface?: string;
  /** Of udp, with the port. */
  readonly group?: string;
  /** Bytes of the largest UDP payload. */
  readonly datagramBytes: number;
  /** Bytes of datagrams that the system keeps for it. */
  readonly receiveBuffer: number;
}

/** The ring's thread, as the system granted it. */
export interface ThreadStatus {
  readonly scheduling: 'realTime' | 'nice' | 'plain';
  readonly memoryLocked: boolean;
  /** Whether the kernel cuts what is sent, and merges what arrives. */
  readonly gso: boolean;
  readonly gro: boolean;
}

/** And what the service says of itself: counts and sizes. */
export interface ServiceStatus {
  readonly id: string;
  readonly number: number;
  /** Hexadecimal, of the replicated state: equal on all synchronized members of a configuration, if nothing is under way. */
  readonly digest?: string;
}

export interface RingCounters {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Packets sent again because a member lacked them. */
  readonly dataRetransmitted: number;
  readonly retransmitRequests: number;
  readonly tokensReceived: number;
  readonly tokenRetransmits: number;
  readonly messagesOriginated: number;
  readonly messagesDelivered: number;
  /** Of the token, mean of late. */
  readonly rotationMicroseconds: number;
  /** Packets a rotation, agreed in the ring. */
  readonly window: number;
  /** Packets that are kept until all are known to have them. */
  readonly storeUsed: number;
  /** Packets that were not taken, by reason; what never happened is left out. */
  readonly dropped: Readonly<Record<string, number>>;
}

export interface IoCounters {
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  /** The kernel did not take them in time: the protocol repeats them. */
  readonly datagramsUnsent: number;
  /** Dropped by the kernel, whose receive buffer was full. */
  readonly receiveOverflows: number;
  /** Datagrams that a host answered with 'port unreachable'. */
  readonly refusals: number;
}

const states: readonly unknown[] = ['operational', 'gather', 'commit', 'recovery'];

/** What another process sent. Fields that this version does not know are kept: a newer executive may say more. */
export function isStatus(value: unknown): value is Status {
  if (!isRecord(value) || !isRecord(value.configuration)) return false;
  const { id, members } = value.configuration;
  return (
    isNodeId(value.nodeId) &&
    states.includes(value.state) &&
    typeof id === 'string' &&
    isList(members, isNodeId) &&
    typeof value.synchronized === 'boolean' &&
    typeof value.primary === 'boolean' &&
    isList(value.services, isService) &&
    isAbsentOr(value.nodes, (nodes) => isList(nodes, isNode)) &&
    isAbsentOr(value.links, (links) => isList(links, isLink)) &&
    isAbsentOr(value.quorum, hasNumbers('expectedVotes', 'votes', 'needed')) &&
    isAbsentOr(value.thread, isRecord) &&
    isAbsentOr(value.ring, isRing) &&
    isAbsentOr(value.io, hasNumbers('datagramsSent', 'datagramsReceived', 'datagramsUnsent', 'receiveOverflows'))
  );
}

function isService(value: unknown): boolean {
  return isRecord(value) && typeof value.id === 'string' && typeof value.number === 'number';
}

function isNode(value: unknown): boolean {
  if (!isRecord(value) || !isNodeId(value.nodeId) || typeof value.member !== 'boolean') return false;
  const isText = (text: unknown) => typeof text === 'string';
  const isNumber = (number: unknown) => typeof number === 'number';
  return isNumber(value.votes) && isAbsentOr(value.name, isText) && isAbsentOr(value.address, isText);
}

function isLink(value: unknown): boolean {
  return hasNumbers('number', 'datagramBytes', 'receiveBuffer')(value) && hasTexts('transport', 'endpoint')(value);
}

const isCounted = hasNumbers(
  ...['packetsSent', 'packetsReceived', 'bytesSent', 'bytesReceived', 'dataRetransmitted', 'retransmitRequests'],
  ...['tokensReceived', 'tokenRetransmits', 'messagesOriginated', 'messagesDelivered', 'rotationMicroseconds'],
  ...['window', 'storeUsed'],
);

function isRing(value: unknown): boolean {
  return isCounted(value) && isRecord(value) && isRecord(value.dropped);
}

function hasNumbers(...names: string[]): (value: unknown) => boolean {
  return (value) => isRecord(value) && names.every((name) => typeof value[name] === 'number');
}

function hasTexts(...names: string[]): (value: unknown) => boolean {
  return (value) => isRecord(value) && names.every((name) => typeof value[name] === 'string');
}

function isAbsentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

function isList(value: unknown, check: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(check);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNodeId(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
}
