/**
 * From checked values to a ResolvedConfig: what several keys say together, what this machine has, and the key's bytes.
 * Problems are collected, so that one run shows them all.
 */
import { resolve as resolvePath } from 'node:path';
import { makeTimers, TimerError, type Timers } from '../totem/timers.js';
import { isLoopback, type Machine, thisMachine } from './address.js';
import { KeyFileError, readKeyFile } from './authkey.js';
import type { CheckResult } from './check.js';
import { defaultMulticastAddress, fnv1a32 } from './cluster-name.js';
import { noAddress, resolveOwnAddress } from './own-address.js';
import type { Place, Problem } from './problem.js';
import type {
  MetricsSettings,
  Protection,
  QuorumSettings,
  ResolvedConfig,
  ResolvedLink,
  ResolvedNode,
} from './resolved-config.js';
import { socketPathBytesMax } from './schema.js';
import { readTokenFile } from './token-file.js';

const firstPort = 5405;
/** For how many nodes a cluster without a node list is laid out. */
const usualNodes = 8;
/** IPv4 and UDP, without options. */
const ipAndUdpHeaderBytes = 28;

export interface Surroundings {
  readonly file: string | undefined;
  /** Relative paths are relative to it. */
  readonly folder: string;
  readonly machine?: Machine;
}

/** The result counts only if no problem was added. */
export async function resolve(checked: CheckResult, surroundings: Surroundings): Promise<ResolvedConfig> {
  return new Resolver(checked, surroundings).resolve();
}

export class Resolver {
  readonly config: CheckResult['config'];
  readonly machine: Machine;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #problems: Problem[];
  readonly #surroundings: Surroundings;
  readonly #warnings: string[] = [];

  constructor({ config, places, problems }: CheckResult, surroundings: Surroundings) {
    this.config = config;
    this.#places = places;
    this.#problems = problems;
    this.#surroundings = surroundings;
    this.machine = surroundings.machine ?? thisMachine;
  }

  has(path: string): boolean {
    return this.#places.has(path);
  }

  /** At the key, or at the nearest section that was given. */
  complain(path: string, message: string): void {
    let at = path;
    while (at !== '' && !this.#places.has(at)) at = at.replace(/(^|\.)[^.]*$/, '');
    this.#problems.push({ place: this.#places.get(at) ?? { path: '' }, message });
  }

  async resolve(): Promise<ResolvedConfig> {
    const { totem, ipc, state, event, logging, uidgid } = this.config;
    const nodes = this.#nodes();
    const { links, nodeId } = await this.#links(nodes);
    for (const [index, { uid, gid }] of uidgid.entries()) {
      if (uid === undefined && gid === undefined)
        this.complain(`uidgid[${index}]`, "section 'uidgid' has neither uid nor gid");
    }
    if (event.delivery_queue_resume >= event.delivery_queue_size) {
      this.complain('event.delivery_queue_resume', 'delivery_queue_resume must be below delivery_queue_size');
    }
    return {
      values: this.config,
      file: this.#surroundings.file,
      clusterName: totem.cluster_name,
      clusterTag: fnv1a32(totem.cluster_name),
      nodeId,
      transport: totem.transport,
      protection: await this.#protection(),
      datagramBytes: totem.netmtu - ipAndUdpHeaderBytes,
      links,
      linkMode: totem.link_mode,
      nodes,
      timers: this.#timers(nodes.length),
      window: this.#window(),
      quorum: this.#quorum(nodes),
      ipc: { socketPath: this.#socketPath(), group: ipc.group, allowed: uidgid },
      stateDirectory: this.#path(state.dir),
      event: { deliveryQueueSize: event.delivery_queue_size, deliveryQueueResume: event.delivery_queue_resume },
      logging: {
        toStderr: logging.to_stderr,
        logfile: logging.logfile === undefined ? undefined : this.#path(logging.logfile),
        debug: logging.debug,
        format: logging.format,
      },
      realtime: totem.realtime,
      trace:
        logging.trace_file === undefined
          ? undefined
          : { path: this.#path(logging.trace_file), records: logging.trace_records },
      flightRecords: logging.flight_records,
      metrics: await this.#metrics(),
      warnings: this.#warnings,
    };
  }

  #nodes(): ResolvedNode[] {
    const { nodelist, totem } = this.config;
    const ids = new Set<number>();
    const addresses = new Set<string>();
    for (const [index, node] of nodelist.node.entries()) {
      const path = `nodelist.node[${index}]`;
      if (ids.has(node.nodeid)) this.complain(`${path}.nodeid`, `nodeid ${node.nodeid} stands twice in the node list`);
      if (addresses.has(node.ring0_addr))
        this.complain(`${path}.ring0_addr`, `${node.ring0_addr} stands twice in the node list`);
      if (node.ring1_addr !== undefined) this.complain(`${path}.ring1_addr`, oneLink);
      ids.add(node.nodeid);
      addresses.add(node.ring0_addr);
    }
    if (totem.transport === 'udpu' && nodelist.node.length === 0) {
      this.complain(
        'totem.transport',
        "transport 'udpu' needs a node list: nodelist { node { nodeid: … ring0_addr: … } }",
      );
    }
    return nodelist.node
      .map((node) => ({ nodeId: node.nodeid, name: node.name, addresses: [node.ring0_addr], votes: node.quorum_votes }))
      .sort((a, b) => a.nodeId - b.nodeId);
  }

  async #links(nodes: readonly ResolvedNode[]): Promise<{ links: ResolvedLink[]; nodeId: number }> {
    const { totem } = this.config;
    const extra = totem.interface.findIndex((link, index) => index > 0 || link.linknumber > 0);
    if (extra >= 0) this.complain(`totem.interface[${extra}]`, oneLink);
    const given = totem.interface[0];
    // In a node list that is wrong there is nothing to be found.
    const isSound = this.#problems.length === 0;
    const own = isSound ? await resolveOwnAddress(this, given?.bindnetaddr, nodes) : noAddress;
    const { address, interfaceName, nodeId } = own;
    const link = {
      number: 0,
      address,
      interfaceName,
      multicastAddress: given?.mcastaddr ?? defaultMulticastAddress(totem.cluster_name),
      port: given?.mcastport ?? firstPort,
      ttl: given?.ttl ?? 1,
    };
    return { links: [link], nodeId };
  }

  async #protection(): Promise<Protection> {
    const { crypto, insecure, key, keyfile } = this.config.totem;
    if (crypto === 'none') {
      if (!insecure)
        this.complain(
          'totem.crypto',
          "'crypto: none' sends plain text that anyone may forge; it needs 'insecure: yes'",
        );
      return { cipher: 'none' };
    }
    if (key !== undefined && this.has('totem.keyfile'))
      this.complain('totem.key', 'key and keyfile exclude each other');
    if (key !== undefined) return { cipher: crypto, key };
    try {
      const file = await readKeyFile(this.#path(keyfile));
      if (file.warning !== undefined) this.#warnings.push(file.warning);
      return { cipher: crypto, key: file.key };
    } catch (error) {
      if (!(error instanceof KeyFileError)) throw error;
      this.complain('totem.keyfile', error.message);
      return { cipher: 'none' };
    }
  }

  async #metrics(): Promise<MetricsSettings | undefined> {
    const { listen, token_file: file, hosts = [] } = this.config.metrics;
    if (listen === undefined) return undefined;
    const [address = '', port] = listen.split(':');
    const settings = { address, port: Number(port), hosts };
    if (file === undefined) {
      if (!isLoopback(address))
        this.complain('metrics.listen', `${address} can be reached from elsewhere; that needs a token_file`);
      return { ...settings, token: undefined };
    }
    try {
      const { token, warning } = await readTokenFile(this.#path(file));
      if (warning !== undefined) this.#warnings.push(warning);
      return { ...settings, token };
    } catch (error) {
      if (!(error instanceof KeyFileError)) throw error;
      this.complain('metrics.token_file', error.message);
      return undefined;
    }
  }

  #timers(listedNodes: number): Timers {
    const { totem } = this.config;
    const set = {
      token: totem.token,
      hold: totem.hold,
      join: totem.join,
      consensus: totem.consensus,
      merge: totem.merge,
      failToReceive: totem.fail_to_receive,
      slowConsumer: totem.slow_consumer,
    };
    const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
    const nodes = totem.cluster_size ?? (listedNodes || usualNodes);
    try {
      return makeTimers({ profile: totem.profile, nodes, set: given });
    } catch (error) {
      if (!(error instanceof TimerError)) throw error;
      for (const problem of error.problems) this.complain('totem', problem);
      return makeTimers({ nodes });
    }
  }

  #window(): ResolvedConfig['window'] {
    const { window_size: size, accelerated_window: accelerated, max_messages: perVisit } = this.config.totem;
    if (size !== undefined && accelerated !== undefined && accelerated > size) {
      this.complain('totem.accelerated_window', 'accelerated_window is part of window_size and cannot be larger');
    }
    return { size, accelerated, perVisit };
  }

  #quorum(nodes: readonly ResolvedNode[]): QuorumSettings | undefined {
    if (!this.has('quorum')) return undefined;
    const { expected_votes: given, two_node, wait_for_all, auto_tie_breaker } = this.config.quorum;
    const votes = nodes.reduce((sum, node) => sum + node.votes, 0);
    if (given === undefined && votes === 0)
      this.complain('quorum', 'quorum needs expected_votes, or a node list with votes');
    const expectedVotes = given ?? votes;
    if (two_node && expectedVotes !== 2)
      this.complain('quorum.two_node', `two_node needs 2 expected votes; there are ${expectedVotes}`);
    // Of two nodes that start apart, both would go on: one has to have seen the other once.
    return { expectedVotes, twoNode: two_node, waitForAll: wait_for_all || two_node, autoTieBreaker: auto_tie_breaker };
  }

  #socketPath(): string | undefined {
    const { socket } = this.config.ipc;
    if (socket === false) return undefined;
    const absolute = this.#path(socket);
    const length = Buffer.byteLength(absolute);
    if (length > socketPathBytesMax) {
      this.complain(
        'ipc.socket',
        `a Unix socket's path has at most ${socketPathBytesMax} bytes; this one has ${length}: ${absolute}`,
      );
    }
    return absolute;
  }

  #path(path: string): string {
    return resolvePath(this.#surroundings.folder, path);
  }
}

const oneLink = 'this version drives one link: number 0, ring0_addr';
