/** The object form of openais.conf: the same keys as the file, checked by the same table. schema.ts documents each. */

/** What openais.conf says, as an object. */
export interface ExecutiveConfig {
  readonly totem: TotemConfig;
  /**
   * With a node list the executive binds its own ring address, and bindnetaddr may be left out. Required for 'udpu'.
   */
  readonly nodelist?: { readonly node: readonly NodeConfig[] };
  readonly quorum?: {
    readonly expected_votes?: number;
    readonly two_node?: boolean;
    readonly wait_for_all?: boolean;
    readonly auto_tie_breaker?: boolean;
  };
  /** `socket: false`: in-process connections only. At most 107 bytes; longer is refused. */
  readonly ipc?: { readonly socket?: string | false; readonly group?: string };
  readonly uidgid?: ReadonlyArray<{ readonly uid?: number; readonly gid?: number }>;
  readonly state?: { readonly dir?: string };
  readonly event?: { readonly delivery_queue_size?: number; readonly delivery_queue_resume?: number };
  readonly logging?: {
    readonly to_stderr?: boolean;
    readonly logfile?: string;
    readonly debug?: boolean;
    readonly format?: 'json' | 'text';
    readonly trace_file?: string;
    readonly trace_records?: number;
    readonly flight_records?: number;
  };
  readonly metrics?: { readonly listen?: string; readonly token_file?: string; readonly hosts?: readonly string[] };
}

export interface NodeConfig {
  readonly nodeid: number;
  readonly name?: string;
  readonly ring0_addr: string;
  readonly ring1_addr?: string;
  readonly quorum_votes?: number;
}

export interface LinkConfig {
  readonly linknumber?: number;
  /** An address that can be bound, else the address of an interface's network. */
  readonly bindnetaddr?: string;
  readonly mcastaddr?: string;
  readonly mcastport?: number;
  readonly ttl?: number;
}

/** The section `totem`: the ring. */
export interface TotemConfig {
  readonly version?: '2';
  readonly cluster_name?: string;
  readonly nodeid?: number;
  /** 'udp' multicasts, 'udpu' sends to each node of the node list. Default 'udp'. */
  readonly transport?: 'udp' | 'udpu';
  /** 'none' is refused unless `insecure` is set. Default 'aes256gcm'. */
  readonly crypto?: 'aes256gcm' | 'chacha20poly1305' | 'none';
  readonly insecure?: boolean;
  /** Real-time scheduling of the ring thread, if permitted. Default false. */
  readonly realtime?: boolean;
  /** 128 bytes, mode 0400; default /etc/ais/authkey. `key` gives the bytes themselves. */
  readonly keyfile?: string;
  readonly key?: Uint8Array;
  readonly netmtu?: number;
  readonly link_mode?: 'passive' | 'active' | 'rr';
  readonly profile?: 'lan' | 'slow' | 'fast';
  /** For how many nodes the timers are laid out. Default: the length of the node list, else 8. */
  readonly cluster_size?: number;
  /** Token loss time-out in ms; the other timers follow from it unless they are set. */
  readonly token?: number;
  readonly hold?: number;
  readonly join?: number;
  readonly consensus?: number;
  readonly merge?: number;
  readonly fail_to_receive?: number;
  readonly slow_consumer?: number;
  readonly window_size?: number;
  readonly accelerated_window?: number;
  readonly max_messages?: number;
  /** One entry a link. */
  readonly interface?: readonly LinkConfig[];
}
