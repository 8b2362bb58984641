/**
 * The network between machines: per link and direction loss, delay, duplication and reordering; a multicast has an outcome of its own
 * at each receiver. Whether a datagram that arrives finds room is the receiver's matter (ReceiveBuffer).
 */
import type { EventQueue } from './event-queue.js';
import type { Random } from './random.js';
import { type Delay, drawDelay } from './time.js';

export type SocketClass = 'data' | 'token';

export interface LinkQuality {
  /** Probability that a datagram is lost. */
  readonly loss: number;
  /** Additional loss of datagrams to one of the two sockets (a firewall, a full queue). */
  readonly dataLoss: number;
  readonly tokenLoss: number;
  readonly delay: Delay;
  /** Probability that further copies come. */
  readonly duplicate: number;
  /** How many then. */
  readonly copies: number;
  /** Probability that a datagram is held up and may be overtaken. */
  readonly reorder: number;
  /** ns that it is held up at most. */
  readonly reorderDelay: number;
  /** Bytes: larger datagrams vanish on the way. */
  readonly pathMtu: number;
  /** Probability that bits of a datagram are changed on the way. Only for rings that authenticate. */
  readonly corrupt: number;
}

export interface Departure {
  readonly socket: SocketClass;
  /** Index of a node; -1: multicast, to all others. */
  readonly to: number;
  readonly bytes: Uint8Array;
}

export type Fate = 'sent' | 'cut' | 'lost' | 'too large' | 'arrived' | 'overflow' | 'refused' | 'nobody';

/** A machine, as the network sees it. */
export interface Host {
  /** What became of the datagram: nobody: the machine is off; refused: it runs, but not the process. */
  arrive(socket: SocketClass, from: number, bytes: Uint8Array): 'arrived' | 'overflow' | 'refused' | 'nobody';
  /** The machine of that node says that nobody listens there (ICMP). */
  refused(node: number): void;
}

export interface NetworkWatcher {
  packet(fate: Fate, from: number, to: number, socket: SocketClass, bytes: Uint8Array): void;
}

/** Somebody in the middle of a link, one direction: keeps datagrams, or copies of them, to deliver them once more some day. */
interface Tap {
  readonly withholds: boolean;
  readonly kept: Departure[];
  /** It still keeps what comes. */
  readonly isOpen: boolean;
}

/** Datagrams that one tap keeps; of more than these the first ones go. */
const KEPT_MAX = 4096;

export interface NetworkOptions {
  readonly nodes: number;
  readonly quality: LinkQuality;
  /** Bits a second that a machine can send. */
  readonly bandwidth: number;
  /** No multicast: a copy to each, which takes its time. */
  readonly unicastOnly: boolean;
  /** A sender's multicast comes back to itself, as it must where several nodes share a host. */
  readonly loopback: boolean;
}

const WIRE_OVERHEAD_BYTES = 66;

export class Network {
  sent = 0;
  arrived = 0;
  watcher: NetworkWatcher | undefined;
  private readonly queue: EventQueue;
  private readonly random: Random;
  private readonly options: NetworkOptions;
  private readonly hosts: (Host | undefined)[] = [];
  private readonly qualities: LinkQuality[];
  private readonly cuts: boolean[];
  private readonly taps: (Tap | undefined)[];
  private groups: readonly number[];
  private readonly wireFree: number[];
  private readonly lastArrival: number[];

  constructor(queue: EventQueue, random: Random, options: NetworkOptions) {
    const links = options.nodes * options.nodes;
    this.queue = queue;
    this.random = random;
    this.options = options;
    this.qualities = Array<LinkQuality>(links).fill(options.quality);
    this.cuts = Array<boolean>(links).fill(false);
    this.taps = Array<Tap | undefined>(links).fill(undefined);
    this.groups = Array<number>(options.nodes).fill(0);
    this.wireFree = Array<number>(options.nodes).fill(0);
    this.lastArrival = Array<number>(links).fill(0);
  }

  attach(node: number, host: Host): void {
    this.hosts[node] = host;
  }

  quality(from: number, to: number): LinkQuality {
    return this.qualities[this.link(from, to)] as LinkQuality;
  }

  setQuality(from: number, to: number, change: Partial<LinkQuality>): void {
    this.qualities[this.link(from, to)] = { ...this.quality(from, to), ...change };
  }

  /** Every link back to what it was at the beginning. */
  resetQuality(): void {
    this.qualities.fill(this.options.quality);
  }

  /** One direction. */
  cut(from: number, to: number): void {
    this.cuts[this.link(from, to)] = true;
  }

  mend(from: number, to: number): void {
    this.cuts[this.link(from, to)] = false;
  }

  /** Nodes reach only those of the same number. */
  partition(groups: readonly number[]): void {
    this.groups = groups;
  }

  /** No cut and no partition is left. */
  heal(): void {
    this.cuts.fill(false);
    this.groups = this.groups.map(() => 0);
  }

  /** From now on datagrams of this link are kept, instead of (`withholds`) or besides being delivered. */
  tap(from: number, to: number, withholds: boolean): void {
    this.taps[this.link(from, to)] = { withholds, kept: [], isOpen: true };
  }

  /** Nothing more is kept; what was kept waits for its release. */
  closeTap(from: number, to: number): void {
    const tap = this.taps[this.link(from, to)];
    if (tap !== undefined) this.taps[this.link(from, to)] = { ...tap, isOpen: false };
  }

  /** What was kept arrives now, in its order, and nothing more is kept. How many there were. */
  release(from: number, to: number): number {
    const tap = this.taps[this.link(from, to)];
    this.taps[this.link(from, to)] = undefined;
    for (const departure of tap?.kept ?? []) this.deliver(from, to, departure, this.queue.now);
    return tap?.kept.length ?? 0;
  }

  reaches(from: number, to: number): boolean {
    return this.groups[from] === this.groups[to] && !this.cuts[this.link(from, to)];
  }

  /** `at`: when the process hands it to its kernel; now or a little later. */
  send(from: number, departure: Departure, at: number): void {
    this.sent++;
    const copies = departure.to < 0 && this.options.unicastOnly ? this.options.nodes - 1 : 1;
    const bits = (departure.bytes.length + WIRE_OVERHEAD_BYTES) * 8;
    const start = Math.max(at, this.wireFree[from] as number);
    const gone = start + Math.ceil((bits * copies * 1e9) / this.options.bandwidth);
    this.wireFree[from] = gone;
    if (departure.to >= 0) {
      this.carry(from, departure.to, departure, gone);
      return;
    }
    for (let to = 0; to < this.options.nodes; to++) {
      if (to !== from || this.options.loopback) this.carry(from, to, departure, gone);
    }
  }

  private carry(from: number, to: number, departure: Departure, gone: number): void {
    const { socket, bytes } = departure;
    if (to >= this.options.nodes) return;
    this.watcher?.packet('sent', from, to, socket, bytes);
    const link = this.link(from, to);
    const fate = this.fateOnTheWay(from, to, departure);
    if (fate !== undefined) {
      this.watcher?.packet(fate, from, to, socket, bytes);
      return;
    }
    if (this.isWithheld(link, departure)) return;
    const quality = this.qualities[link] as LinkQuality;
    const arrival = gone + drawDelay(this.random, quality.delay);
    if (this.random.chance(quality.reorder)) {
      this.deliver(from, to, departure, arrival + this.random.below(quality.reorderDelay + 1));
    } else {
      // Otherwise a link keeps the order of what it carries.
      const ordered = Math.max(arrival, this.lastArrival[link] as number);
      this.lastArrival[link] = ordered;
      this.deliver(from, to, departure, ordered);
    }
    if (!this.random.chance(quality.duplicate)) return;
    for (let copy = 0; copy < quality.copies; copy++) {
      this.deliver(from, to, departure, arrival + this.random.below(Math.max(quality.reorderDelay, 1)));
    }
  }

  private isWithheld(link: number, departure: Departure): boolean {
    const tap = this.taps[link];
    if (tap === undefined || !tap.isOpen) return false;
    tap.kept.push(departure);
    if (tap.kept.length > KEPT_MAX) tap.kept.shift();
    return tap.withholds;
  }

  private fateOnTheWay(from: number, to: number, { socket, bytes }: Departure): Fate | undefined {
    if (!this.reaches(from, to)) return 'cut';
    const quality = this.quality(from, to);
    if (bytes.length > quality.pathMtu) return 'too large';
    if (this.random.chance(quality.loss)) return 'lost';
    if (this.random.chance(socket === 'data' ? quality.dataLoss : quality.tokenLoss)) return 'lost';
    return undefined;
  }

  private deliver(from: number, to: number, departure: Departure, time: number): void {
    const { socket } = departure;
    const bytes = this.random.chance(this.quality(from, to).corrupt) ? this.damage(departure.bytes) : departure.bytes;
    this.queue.at(time, () => {
      const fate = this.hosts[to]?.arrive(socket, from, bytes) ?? 'nobody';
      this.arrived++;
      this.watcher?.packet(fate, from, to, socket, bytes);
      // Nobody answers a multicast; and the answer has to find its way back.
      if (fate !== 'refused' || departure.to < 0 || !this.reaches(to, from)) return;
      this.queue.after(drawDelay(this.random, this.quality(to, from).delay), () => this.hosts[from]?.refused(to));
    });
  }

  private damage(bytes: Uint8Array): Uint8Array {
    const damaged = bytes.slice(0, this.random.chance(0.5) ? bytes.length : this.random.below(bytes.length + 1));
    if (damaged.length === 0) return damaged;
    const at = this.random.below(damaged.length);
    damaged[at] = (damaged[at] as number) ^ (1 + this.random.below(255));
    return damaged;
  }

  private link(from: number, to: number): number {
    return from * this.options.nodes + to;
  }
}
