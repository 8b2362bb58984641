/** A configuration after all checks: what the executive is started with. Nothing in it has to be looked at again. */
import type { Timers } from '../totem/timers.js';
import type { CheckedConfig } from './schema.js';

export interface ResolvedConfig {
  /** Key by key, as they were given or by default: what a later one is compared with. */
  readonly values: CheckedConfig;
  /** The file that it came from, for messages; undefined for the object form. */
  readonly file: string | undefined;
  readonly clusterName: string;
  /** FNV-1a of the cluster's name, 32 bits: goes with long packet headers. */
  readonly clusterTag: number;
  /** Unsigned 32 bits, never 0. */
  readonly nodeId: number;
  readonly transport: 'udp' | 'udpu';
  readonly protection: Protection;
  /** Largest UDP payload in bytes: netmtu less 28. */
  readonly datagramBytes: number;
  /** Ascending by number; at least one. */
  readonly links: readonly ResolvedLink[];
  readonly linkMode: 'passive' | 'active' | 'rr';
  /** The node list, ascending by id; empty without one. This node is in it. */
  readonly nodes: readonly ResolvedNode[];
  /** All of them, in milliseconds; their relations hold. */
  readonly timers: Timers;
  readonly window: WindowSettings;
  /** Undefined: every part of a partitioned cluster goes on. */
  readonly quorum: QuorumSettings | undefined;
  readonly ipc: {
    /** Absolute; undefined: in-process connections only. */
    readonly socketPath: string | undefined;
    readonly group: string | undefined;
    /** Users and groups that may connect as well. */
    readonly allowed: ReadonlyArray<{ readonly uid: number | undefined; readonly gid: number | undefined }>;
  };
  /** Absolute. */
  readonly stateDirectory: string;
  readonly event: { readonly deliveryQueueSize: number; readonly deliveryQueueResume: number };
  readonly logging: {
    readonly toStderr: boolean;
    /** Absolute. */
    readonly logfile: string | undefined;
    readonly debug: boolean;
    readonly format: 'json' | 'text';
  };
  readonly realtime: boolean;
  /** Where the ring thread records what it does. */
  readonly trace: { /** Absolute. */ readonly path: string; readonly records: number } | undefined;
  /** Records that the flight recorder keeps. */
  readonly flightRecords: number;
  /** Undefined: nobody is served over HTTP. */
  readonly metrics: MetricsSettings | undefined;
  /** Sentences for the log: nothing is wrong, but somebody should know. */
  readonly warnings: readonly string[];
}

export interface MetricsSettings {
  readonly address: string;
  readonly port: number;
  /** Undefined only on loopback. */
  readonly token: string | undefined;
  readonly hosts: readonly string[];
}

export type Protection =
  | { readonly cipher: 'aes256gcm' | 'chacha20poly1305' /** 128 bytes. */; readonly key: Uint8Array }
  | { readonly cipher: 'none' };

export interface ResolvedLink {
  readonly number: number;
  /** The IPv4 address of this node that is bound. */
  readonly address: string;
  /** Whose network that address is in, where one is known. */
  readonly interfaceName: string | undefined;
  readonly multicastAddress: string;
  /** Of the multicast group; tokens go to the one below it. */
  readonly port: number;
  readonly ttl: number;
}

export interface ResolvedNode {
  readonly nodeId: number;
  readonly name: string | undefined;
  /** Index is the link's number. */
  readonly addresses: readonly string[];
  readonly votes: number;
}

/** In packets. Undefined: from the receive buffers. */
export interface WindowSettings {
  readonly size: number | undefined;
  readonly accelerated: number | undefined;
  /** New packets a visit; 0: the window alone bounds it. */
  readonly perVisit: number;
}

export interface QuorumSettings {
  readonly expectedVotes: number;
  readonly twoNode: boolean;
  readonly waitForAll: boolean;
  readonly autoTieBreaker: boolean;
}
