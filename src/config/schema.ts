/**
 * The one table of openais.conf: each section and key with type, range, default and documentation. Parsing, the object
 * form, defaults, messages and the manual all follow from it; so a key is added here and nowhere else.
 */
import {
  bytes,
  choice,
  endpoint,
  flag,
  hostNames,
  integer,
  multicastAddress,
  path,
  pathOrOff,
  text,
  unicastAddress,
  type ValueType,
} from './value.js';

export interface KeySpec<T = unknown, D extends T | undefined = T | undefined> {
  readonly type: ValueType<T>;
  /** Undefined: absent, and `doc` says what follows from that. */
  readonly default: D;
  /** May change without a restart of the executive. */
  readonly reloadable: boolean;
  readonly required: boolean;
  readonly doc: string;
}

export interface SectionSpec {
  readonly doc: string;
  readonly keys: Readonly<Record<string, KeySpec>>;
  readonly sections: Readonly<Record<string, SectionSpec>>;
  /** How many of it may stand there; 1 for most. */
  readonly max: number;
}

/** A section's values after checking: keys with a default are always there. */
export type Checked<S extends SectionSpec> = {
  readonly [K in keyof S['keys']]: S['keys'][K] extends KeySpec<infer T, infer D>
    ? D extends undefined
      ? T | undefined
      : T
    : never;
} & {
  readonly [K in keyof S['sections']]: S['sections'][K]['max'] extends 1
    ? Checked<S['sections'][K]>
    : ReadonlyArray<Checked<S['sections'][K]>>;
};

type Options = { reloadable?: boolean };

function optional<T>(type: ValueType<T>, doc: string, options: Options = {}): KeySpec<T, undefined> {
  return { type, default: undefined, required: false, reloadable: options.reloadable ?? false, doc };
}

function withDefault<T>(type: ValueType<T>, value: T, doc: string, options: Options = {}): KeySpec<T, T> {
  return { type, default: value, required: false, reloadable: options.reloadable ?? false, doc };
}

/** The default of a required key is only there for its type: a section without the key is refused. */
function required<T>(type: ValueType<T>, placeholder: T, doc: string): KeySpec<T, T> {
  return { type, default: placeholder, required: true, reloadable: false, doc };
}

/** Octets of the pre-shared key: 1024 bits. */
export const keyBytes = 128;
/** Of a Unix socket's address on Linux, without the final zero. Node cuts a longer one in silence. */
export const socketPathBytesMax = 107;
export const defaultKeyFile = '/etc/ais/authkey';
export const defaultSocketPath = '/run/ais/ais.sock';
const nodesMax = 128;
const hostsMax = 16;
const linksMax = 8;
const milliseconds = (min: number, max: number) => integer(min, max, 'milliseconds');

const linkKeys = {
  linknumber: withDefault(integer(0, linksMax - 1), 0, 'Number of the link; each stands once.'),
  bindnetaddr: optional(
    unicastAddress(),
    'The address of this node on the link, or the network address of an interface. May be left out with a node list.',
  ),
  mcastaddr: optional(multicastAddress(), 'Multicast group. Default: one of 239.192.0.0/16, chosen by cluster_name.'),
  mcastport: optional(integer(1025, 65535), 'UDP port of the group; tokens go to the one below it. Default: 5405.'),
  ttl: withDefault(integer(0, 255), 1, 'Time to live of multicast packets; above 1 they cross routers.'),
};

const totemKeys = {
  version: optional(choice('2'), 'Of the file format; there is only 2.'),
  cluster_name: withDefault(text(64), 'openais', 'Clusters of different names ignore each other.'),
  nodeid: optional(
    integer(1, 0xffff_ffff),
    'Of this node, unique in the cluster. Default: from the node list, else the IPv4 address as a number.',
  ),
  transport: withDefault(choice('udp', 'udpu'), 'udp', 'udp multicasts; udpu sends to each node of the node list.'),
  crypto: withDefault(
    choice('aes256gcm', 'chacha20poly1305', 'none'),
    'aes256gcm',
    'How packets are encrypted and authenticated. none is refused unless insecure is set.',
  ),
  insecure: withDefault(flag(), false, 'Permits crypto: none. For tests in closed networks.'),
  realtime: withDefault(
    flag(),
    false,
    'Ask for real-time scheduling of the ring: deadlines hold under any load, if a processor can be spared for it.',
  ),
  keyfile: withDefault(
    path(),
    '/etc/ais/authkey',
    '128 random bytes that all nodes share; made by ais keygen, mode 0400.',
  ),
  key: optional(bytes(keyBytes), 'The bytes of the key instead of a keyfile. In the object form alone.'),
  netmtu: withDefault(
    integer(576, 65535, 'bytes'),
    1500,
    'MTU of the network, the same on all nodes; a datagram takes 28 bytes less.',
  ),
  link_mode: withDefault(
    choice('passive', 'active', 'rr'),
    'passive',
    'How several links share the packets. Of no effect in this version.',
  ),
};

/** Names as in corosync where it has the timer. Formulas and relations are src/totem's (timers.ts). */
const timerKeys = {
  profile: withDefault(
    choice('lan', 'slow', 'fast'),
    'lan',
    'Which formulas the timers follow: slow is for wide or loaded networks, fast for rings with real-time priority.',
  ),
  cluster_size: optional(
    integer(1, nodesMax, 'nodes'),
    'For how many nodes the timers are laid out. Default: the length of the node list, else 8.',
  ),
  token: optional(
    milliseconds(50, 60_000),
    'No token for so long: the ring is lost. Default: 200 + 10 x cluster_size.',
  ),
  hold: optional(milliseconds(1, 30_000), 'How long the token rests on an idle ring. Default: 15 % of token.'),
  join: optional(milliseconds(5, 10_000), 'Between joins while the membership is being agreed. Default: 25.'),
  consensus: optional(
    milliseconds(30, 60_000),
    'How long agreement may take before silent nodes are left out. Default: 130 + 10 x cluster_size.',
  ),
  merge: optional(milliseconds(30, 60_000), 'Between announcements of a ring to other rings. Default: 200.'),
  fail_to_receive: optional(
    milliseconds(100, 600_000),
    'A member that holds back the others for so long is left out. Default: 2 x token, at least 1000.',
  ),
  slow_consumer: optional(
    milliseconds(100, 600_000),
    'A node whose application takes nothing for so long leaves the ring. Default: 15000.',
  ),
};

const windowKeys = {
  window_size: optional(
    integer(1, 4096, 'packets'),
    'At most so many packets a rotation. Default: from the receive buffers.',
  ),
  accelerated_window: optional(
    integer(0, 4096, 'packets'),
    'Of these, at most so many after the token. 0 is the original ring. Default: from the window.',
  ),
  max_messages: withDefault(
    integer(0, 4096, 'packets'),
    0,
    'At most so many new packets a visit; 0: the window alone bounds it.',
  ),
};

/** Keys of this file's relatives (openais 1.x, corosync), and what to write here instead. */
export const foreignKeys: Readonly<Record<string, string>> = {
  secauth: "packets are always authenticated; write 'crypto: none' and 'insecure: yes' for plain text",
  crypto_cipher: "write 'crypto: aes256gcm'",
  crypto_hash: 'crypto holds authentication too; leave it out',
  rrp_mode: "write 'link_mode'",
  threads: 'the ring has one thread; leave it out',
  vsftype: "write a section 'quorum'",
  ringnumber: "write 'linknumber'",
  memberaddr: "write a section 'nodelist'",
  fail_recv_const: "write 'fail_to_receive' in milliseconds",
  token_retransmit: 'it follows from token and from the measured rotation; leave it out',
  token_retransmits_before_loss_const: 'it follows from token and from the measured rotation; leave it out',
  to_syslog: 'a service manager takes standard error; leave it out',
  to_logfile: "write 'logfile' alone",
};

function section<K extends Record<string, KeySpec>, S extends Record<string, SectionSpec>>(
  doc: string,
  keys: K,
  sections: S,
) {
  return { doc, keys, sections, max: 1 as const };
}

function repeated<S extends SectionSpec>(max: number, spec: S): Omit<S, 'max'> & { readonly max: number } {
  return { ...spec, max };
}

const nodeSection = repeated(
  nodesMax,
  section(
    'One node of the cluster.',
    {
      nodeid: required(integer(1, 0xffff_ffff), 0, 'Unique in the cluster.'),
      name: optional(text(255), 'For people.'),
      ring0_addr: required(unicastAddress(), '', 'Its IPv4 address on link 0.'),
      ring1_addr: optional(unicastAddress(), 'Its IPv4 address on link 1. Refused by this version.'),
      quorum_votes: withDefault(integer(0, 65535), 1, 'Its votes.'),
    },
    {},
  ),
);

export const schema = section(
  'openais.conf',
  {},
  {
    totem: section(
      'The ring: who talks to whom, how, and how long it waits.',
      { ...totemKeys, ...timerKeys, ...windowKeys },
      {
        interface: repeated(
          linksMax,
          section('One link of the ring. This version drives one, number 0.', linkKeys, {}),
        ),
      },
    ),
    nodelist: section('The nodes that may form the cluster. Required for udpu.', {}, { node: nodeSection }),
    quorum: section(
      'Which part of a partitioned cluster goes on working. Without this section every part does.',
      {
        expected_votes: optional(integer(1, 65535), 'Votes of the whole cluster. Default: the sum over the node list.'),
        two_node: withDefault(flag(), false, 'Two nodes, either of which may go on alone.'),
        wait_for_all: withDefault(flag(), false, 'After a start, wait until all nodes were seen once.'),
        auto_tie_breaker: withDefault(flag(), false, 'Of two halves, the one with the lowest node id goes on.'),
      },
      {},
    ),
    ipc: section(
      'How applications reach the executive.',
      {
        socket: withDefault(
          pathOrOff(),
          defaultSocketPath,
          `Unix socket, at most ${socketPathBytesMax} bytes; off: in-process only.`,
        ),
        group: optional(text(255), 'Group that may connect, beside root and the user of the executive.', {
          reloadable: true,
        }),
      },
      {},
    ),
    uidgid: repeated(
      256,
      section(
        'A user or a group that may connect.',
        {
          uid: optional(integer(0, 0xffff_fffe), 'User id.', { reloadable: true }),
          gid: optional(integer(0, 0xffff_fffe), 'Group id.', { reloadable: true }),
        },
        {},
      ),
    ),
    state: section(
      'What has to survive a restart.',
      {
        dir: withDefault(
          path(),
          '/var/lib/ais',
          'Directory for the ring sequence and the incarnation; synced, not on a memory disk.',
        ),
      },
      {},
    ),
    event: section(
      'The event service.',
      {
        delivery_queue_size: withDefault(integer(16, 1_000_000), 1000, 'Events that wait for one subscriber.', {
          reloadable: true,
        }),
        delivery_queue_resume: withDefault(integer(1, 1_000_000), 500, 'After an overflow, go on at so many.', {
          reloadable: true,
        }),
      },
      {},
    ),
    logging: section(
      'What the executive says.',
      {
        to_stderr: withDefault(flag(), true, 'Write to standard error.', { reloadable: true }),
        logfile: optional(path(), 'Write to this file as well.', { reloadable: true }),
        debug: withDefault(flag(), false, 'Say more.', { reloadable: true }),
        format: withDefault(choice('json', 'text'), 'text', 'One JSON object a line, or text for people.', {
          reloadable: true,
        }),
        trace_file: optional(path(), 'Record what the ring does in this file, 64 bytes a step. For the checker.'),
        trace_records: withDefault(
          integer(1024, 1 << 24),
          1 << 20,
          'Room of that file. What no longer fits is counted, not kept.',
        ),
        flight_records: withDefault(
          integer(0, 1 << 16),
          2048,
          'Steps of membership that the flight recorder keeps; 0: it writes nothing.',
        ),
      },
      {},
    ),
    metrics: section(
      'Figures and health over HTTP: /metrics, /livez, /readyz. See METRICS.md.',
      {
        listen: optional(endpoint(), 'Where it listens; beyond loopback only with a token. Default: nowhere.'),
        token_file: optional(
          path(),
          'The token that whoever asks has to bring, as Authorization: Bearer. 16 to 512 printable characters.',
          { reloadable: true },
        ),
        hosts: optional(
          hostNames(hostsMax),
          'Names by which it may be asked; its address is one, and on loopback localhost.',
          { reloadable: true },
        ),
      },
      {},
    ),
  },
);

export type CheckedConfig = Checked<typeof schema>;
