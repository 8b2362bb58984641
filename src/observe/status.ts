/** The status document: what an executive says about itself, in process and to `ais status`. */

/** What an executive says about itself. */
export interface Status {
  readonly nodeId: number;
  readonly state: 'operational' | 'gather' | 'commit' | 'recovery';
  readonly configuration: { readonly id: string; readonly members: readonly number[] };
  /** False while services synchronise after a configuration change. */
  readonly synchronized: boolean;
  /** True without quorum in the configuration file. */
  readonly primary: boolean;
  /** Connections of libraries, that which asks among them. Older executives do not say. */
  readonly clients?: number;
  readonly services: readonly ServiceStatus[];
  /** Bytes of the process. */
  readonly memory: { readonly resident: number; readonly heap: number };
  /** What the ring has done since the executive started. Absent before it has a ring. */
  readonly ring?: RingCounters;
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
  /** Packets sent again because a member lacked them. */
  readonly dataRetransmitted: number;
  readonly tokenRetransmits: number;
  readonly messagesOriginated: number;
  readonly messagesDelivered: number;
  /** Of the token, mean of late. */
  readonly rotationMicroseconds: number;
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
    Array.isArray(members) &&
    members.every(isNodeId) &&
    typeof value.synchronized === 'boolean' &&
    typeof value.primary === 'boolean' &&
    Array.isArray(value.services)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNodeId(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
}
