/**
 * A ring on real sockets, driven by a native thread: the way out of the core for an executive.
 *
 * The thread writes events and deliveries into two rings of memory and wakes the loop once, and only if nobody reads.
 * Here all events are read first, then deliveries for a millisecond at most; then the loop may do something else.
 * Neither side ever waits for the other: what is not read fills the memory, and the ring slows down (totem A10).
 *
 * With `tracePath` the thread records what it does in a file that is mapped shared, so that not even SIGKILL loses the
 * tail (totem A27): readTraceFile() of trace-file.ts takes it apart.
 */

import { aisError } from '../ais-error.js';
import type { PriorityNumber } from '../gmi/port.js';
import type { Command, CoreEvent, RingId } from '../totem/boundary.js';
import { encodeCommand } from './commands.js';
import { DeliveryReader } from './delivery-reader.js';
import { walkEvents } from './events.js';
import { FrameMemory } from './frames.js';
import { loadAddon } from './load.js';
import type { RingHandlers, RingPort } from './port.js';
import type { EngineOptions, EngineStats } from './ring-core.js';

/** How long deliveries are read before the loop may go on, in milliseconds. */
const BATCH_MS = 1;

/** What is listened for, as bits. */
const EVENTS = 1;
const DELIVERIES = 2;

export interface LinkOptions {
  /** This node's own address on the link, numeric. */
  readonly address: string;
  /** Of data, 2 to 65535; tokens use the one below. The same on all nodes. */
  readonly port: number;
  /** Of 'udp': the multicast group, numeric, and how many routers it may pass. */
  readonly group?: string;
  readonly ttl?: number;
}

export interface SocketOptions {
  /** Multicast, or unicast to each of `nodes`. */
  readonly transport: 'udp' | 'udpu';
  /** As many as the engine's option `links` says. */
  readonly links: readonly LinkOptions[];
  /** Of 'udpu': all nodes (this one may be among them), with an address for each link. */
  readonly nodes?: readonly { readonly node: number; readonly addresses: readonly string[] }[];
  /** False: datagrams are neither merged nor cut by the kernel, even if it can. Default true. */
  readonly offload?: boolean;
}

export interface RingThreadOptions extends EngineOptions {
  readonly sockets: SocketOptions;
  /**
   * Ask the system for real time, and to keep the memory in core; what it granted is in the info. It holds deadlines
   * under any load, but where several rings share few processors it leaves the applications too little to fill packets
   * with. Else the thread goes a little ahead of others, if permitted.
   */
  readonly realtime: boolean;
  /** The file is replaced. */
  readonly tracePath?: string;
  /** Size of that file; records of 64 bytes, what does not fit is counted. */
  readonly traceBytes?: number;
}

export interface RingThreadInfo {
  /** Packets a rotation that the receive buffers admit (totem 1.7). */
  readonly windowOffer: number;
  /** Bytes of datagrams that the smallest data socket keeps. */
  readonly receiveBuffer: number;
  /** Whether the kernel cuts what is sent, and merges what arrives. */
  readonly gso: boolean;
  readonly gro: boolean;
  readonly scheduling: 'realTime' | 'nice' | 'plain';
  readonly memoryLocked: boolean;
  /** Where each link sends from and receives tokens: '10.0.0.1:5404'. */
  readonly localEndpoints: readonly string[];
}

export interface IoStats {
  readonly sendCalls: number;
  readonly datagramsSent: number;
  /** Of these, in sends that the kernel cut. */
  readonly datagramsSegmented: number;
  /** The kernel did not take them in time: the protocol repeats them. */
  readonly datagramsUnsent: number;
  readonly sendWaits: number;
  readonly segmentationRefusals: number;
  readonly receiveCalls: number;
  readonly buffersReceived: number;
  readonly datagramsReceived: number;
  /** Dropped by the kernel, whose receive buffer was full. */
  readonly receiveOverflows: number;
  readonly datagramsCut: number;
  /** Datagrams that a host answered with 'port unreachable'. */
  readonly refusals: number;
  readonly passes: number;
  readonly wakes: number;
}

export interface RingThreadStats extends EngineStats {
  readonly io: IoStats;
}

/** The addon's class. Methods throw a TypeError for a wrong argument. */
export interface RingThread {
  /** One frame. False: no room. */
  command(frame: Uint8Array): boolean;
  /** As of RingCore. */
  submit(priority: number, flags: number, ticket: bigint, onlyIn: Uint8Array | null, bytes: Uint8Array): boolean;
  /**
   * memory[start, end) holds payloads, each behind its u32 length; a message is the header and one of them. Returns
   * where the first is that was not taken.
   */
  submitPacked(
    priority: number,
    flags: number,
    header: Uint8Array,
    memory: Uint8Array,
    start: number,
    end: number,
  ): number;
  /** Rings of memory, of `eventBytes` and `deliveryBytes`. They stay valid after the end of the thread. */
  memory(): { readonly events: ArrayBuffer; readonly deliveries: ArrayBuffer };
  /** Tail and head of the events, then of the deliveries: [tail, head) may be read. Positions count on for ever. */
  cursors(out: Float64Array): void;
  /** What is before the position is read, and may be written over. */
  releaseEvents(tail: number): void;
  releaseDeliveries(tail: number): void;
  /**
   * From now on onWake is called for the next of `what` (1 events, 2 deliveries). False: there are some already, go on
   * reading.
   */
  sleep(what: number): boolean;
  stats(): RingThreadStats;
  info(): RingThreadInfo;
  /** onWake(true) follows when the thread has ended. */
  stop(): void;
}

export interface RingThreadConstructor {
  new (options: RingThreadOptions, onWake: (hasEnded: boolean) => void): RingThread;
}

export class RingThreadPort implements RingPort {
  /** As the system granted it at the start. */
  readonly info: RingThreadInfo;
  readonly #thread: RingThread;
  readonly #handlers: RingHandlers;
  readonly #events: FrameMemory;
  readonly #deliveries: DeliveryReader;
  readonly #cursors = new Float64Array(4);
  readonly #onlyIn = new Uint8Array(16);
  readonly #unheard: CoreEvent[] = [];
  /** The visitor takes no more until resume(), which may come before it has said so. */
  #isPaused = false;
  #wasResumed = false;
  #isReading = false;
  #immediate: NodeJS.Immediate | undefined;
  #stopped: Promise<void> | undefined;
  #ended: () => void = () => {};

  /**
   * Opens the sockets and starts the thread. The handlers are not called before this has returned.
   * @throws {AisError} AIS_ERR_NATIVE_UNAVAILABLE: no addon. SA_AIS_ERR_INIT: no sockets, or no thread; it says why.
   */
  static start(options: RingThreadOptions, handlers: RingHandlers): RingThreadPort {
    return new RingThreadPort(options, handlers);
  }

  private constructor(options: RingThreadOptions, handlers: RingHandlers) {
    this.#thread = startThread(options, (hasEnded) => this.#woken(hasEnded));
    this.#handlers = handlers;
    this.info = this.#thread.info();
    const { events, deliveries } = this.#thread.memory();
    this.#events = new FrameMemory(new Uint8Array(events));
    this.#deliveries = new DeliveryReader(deliveries, handlers.deliveries);
    this.#readSoon();
  }

  get windowOffer(): number {
    return this.info.windowOffer;
  }

  command(command: Command): void {
    if (this.#stopped !== undefined) return;
    if (!this.#thread.command(encodeCommand(command))) throw new Error('the ring thread takes no more commands');
  }

  plug(mask: number): void {
    this.command({ type: 'plug', mask });
  }

  submit(
    priority: PriorityNumber,
    flags: number,
    ticket: bigint,
    onlyIn: RingId | undefined,
    message: Uint8Array,
  ): boolean {
    return this.#thread.submit(priority, flags, ticket, onlyIn === undefined ? null : this.#encode(onlyIn), message);
  }

  submitPacked(
    priority: PriorityNumber,
    flags: number,
    header: Uint8Array,
    memory: Uint8Array,
    start: number,
    end: number,
  ): number {
    return this.#thread.submitPacked(priority, flags, header, memory, start, end);
  }

  resume(): void {
    this.#wasResumed = true;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#readSoon();
  }

  stats(): RingThreadStats {
    return this.#thread.stats();
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#ended = resolve;
      clearImmediate(this.#immediate);
      this.#thread.stop();
    });
    return this.#stopped;
  }

  #encode(ring: RingId): Uint8Array {
    const view = new DataView(this.#onlyIn.buffer);
    view.setUint32(0, ring.representative, true);
    view.setUint32(4, ring.nonce, true);
    view.setBigUint64(8, ring.seq, true);
    return this.#onlyIn;
  }

  #woken(hasEnded: boolean): void {
    if (hasEnded) this.#ended();
    else this.#read();
  }

  #readSoon(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#read();
    });
  }

  #read(): void {
    if (this.#isReading || this.#stopped !== undefined) return;
    this.#isReading = true;
    let isAsleep = false;
    try {
      const deadline = performance.now() + BATCH_MS;
      do {
        this.#readEvents();
        this.#readDeliveries(deadline);
        if (this.#stopped !== undefined) return;
        isAsleep = this.#thread.sleep(this.#isPaused ? EVENTS : EVENTS | DELIVERIES);
      } while (!isAsleep && performance.now() < deadline);
    } finally {
      this.#isReading = false;
      // Also after a handler threw: what it was given counts as read.
      if (!isAsleep && this.#stopped === undefined) this.#readSoon();
    }
  }

  #readEvents(): void {
    this.#thread.cursors(this.#cursors);
    const [tail = 0, head = 0] = this.#cursors;
    if (tail < head) {
      walkEvents(this.#events, tail, head, (event) => this.#unheard.push(event));
      this.#thread.releaseEvents(head);
    }
    for (let event = this.#unheard.shift(); event !== undefined; event = this.#unheard.shift()) {
      if (this.#stopped !== undefined) return;
      this.#handlers.event(event);
    }
  }

  #readDeliveries(deadline: number): void {
    if (this.#isPaused || this.#stopped !== undefined) return;
    this.#thread.cursors(this.#cursors);
    const head = this.#cursors[3] ?? 0;
    const before = this.#deliveries.position;
    if (before === head) return;
    this.#wasResumed = false;
    try {
      const takesMore = this.#deliveries.read(head, deadline);
      this.#isPaused = !takesMore && !this.#wasResumed;
    } finally {
      this.#handlers.deliveries.end();
      this.#thread.releaseDeliveries(this.#deliveries.position);
    }
  }
}

function startThread(options: RingThreadOptions, onWake: (hasEnded: boolean) => void): RingThread {
  const { RingThread } = loadAddon<{ RingThread: RingThreadConstructor }>();
  try {
    return new RingThread(options, onWake);
  } catch (error) {
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'SA_AIS_ERR_INIT') throw error;
    throw aisError('SA_AIS_ERR_INIT', 'ring.start', error.message, { cause: error });
  }
}
