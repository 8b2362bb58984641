/**
 * An engine without sockets, clock or thread: the production code that the simulator drives by calls.
 *
 * Times are nanoseconds from 0 to 2^53, on a clock that the caller chooses. After each batch of input the caller takes
 * the sends, and then calls deliver(), in that order (totem A13).
 */

import { FrameMemory, padded } from './frames.js';
import { loadAddon } from './load.js';

/** Nanoseconds each; see native/core/config.hpp. */
export interface EngineTimers {
  readonly tokenLoss: number;
  readonly hold: number;
  readonly idleRetransmit: number;
  readonly retransmitMin: number;
  readonly retransmitMax: number;
  readonly failToReceive: number;
  readonly slowConsumer: number;
  readonly pause: number;
  readonly silence: number;
}

export type PacketProtection =
  | { readonly cipher: 'none' }
  | {
      readonly cipher: 'aes256gcm' | 'chacha20poly1305';
      /** 128 bytes. */
      readonly key: Uint8Array;
      /** At most 255 bytes of UTF-8. */
      readonly clusterName: string;
    };

/** What every engine is made with, on sockets or not. */
export interface EngineOptions {
  /** Node from 1. */
  readonly self: { readonly node: number; readonly incarnation: bigint; readonly salt: bigint };
  /** Of the cluster's name, u32. */
  readonly clusterTag: number;
  /** Largest UDP payload, 548 to 65507. */
  readonly datagramSize: number;
  /** 1 to 8. */
  readonly links: number;
  readonly timers: EngineTimers;
  /** New packets a visit of the token at most, to 4096; 0: only the window bounds it. */
  readonly perVisit: number;
  /** Of one ring; a power of two. */
  readonly storePackets: number;
  /** Four words. */
  readonly randomSeed: BigUint64Array;
  /** Of a new ring, from 1; equal on all nodes. */
  readonly firstSeq: bigint;
  /** Equal on all nodes. */
  readonly firstTokenSeq: bigint;
  /** Of packets, from 1. */
  readonly firstCounter: bigint;
  /** Memory of the deliveries: a power of two, at least 4 KiB. */
  readonly deliveryBytes: number;
  /** Memory of the events: a power of two, at least 64 KiB. */
  readonly eventBytes: number;
  /** Memory of each of the four send queues: a power of two, at least 4 KiB. A message takes half of it at most. */
  readonly submitBytes: number;
  readonly protection: PacketProtection;
}

export interface RingCoreOptions extends EngineOptions {
  /** Records what it does, for takeTrace(). */
  readonly trace: boolean;
}

export interface EngineStats {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly tokensReceived: number;
  readonly tokensSent: number;
  readonly tokenRetransmits: number;
  readonly dataOriginated: number;
  readonly dataRetransmitted: number;
  readonly retransmitRequests: number;
  readonly messagesOriginated: number;
  readonly messagesDelivered: number;
  readonly bytesDelivered: number;
  readonly holds: number;
  readonly holdCancels: number;
  readonly rotationMeanNs: number;
  readonly rotationBoundNs: number;
  readonly storeUsed: number;
  readonly storeHigh: number;
  readonly window: number;
  readonly recoveryCopies: number;
  /** Packets that were not taken, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Every method throws a TypeError for a wrong argument, and after close(). */
export interface RingCore {
  /**
   * A datagram on socket 0 (data) or 1 (token); `bytes` stays as it is. `fromPort` is where answers go: a node's index,
   * say.
   */
  receive(now: number, socket: number, link: number, fromPort: number, bytes: Uint8Array): void;
  /** One frame of encodeCommand(). */
  command(now: number, frame: Uint8Array): void;
  /** Due at deadline(), and after a pause. */
  tick(now: number): void;
  /** After a submit() while wantsWake() was true. */
  submitted(now: number): void;
  /** For how long events were left unread, ms: pongs tell it. */
  unread(milliseconds: number): void;
  /** The host of `port` refused a datagram. */
  refused(now: number, port: number): void;
  /** Moves what is deliverable to the deliveries. True if anything moved. */
  deliver(now: number): boolean;
  /**
   * Queues a message. `flags` 1: safe. A ticket other than 0n asks for the event `placed`; with `onlyIn` (a RingId as
   * 16 bytes) it is originated in that ring or not at all. False: the queue has no room, and the event `room` follows.
   * A message that is empty or would never fit throws.
   */
  submit(priority: number, flags: number, ticket: bigint, onlyIn: Uint8Array | null, bytes: Uint8Array): boolean;
  /** What was sent since the last call, for walkSends(). At most 64 MiB are kept, what goes beyond is lost. */
  takeSends(): Uint8Array | null;
  /** All events, for walkEvents(). */
  takeEvents(): Uint8Array | null;
  /** Deliveries of at most so many bytes, but at least one, for walkDeliveries(). */
  takeDeliveries(maxBytes: number): Uint8Array | null;
  /** All records, for decodeTrace(). Throws once more than 2^20 were waiting: the rest is lost. */
  takeTrace(): Uint8Array | null;
  /** When tick() is due; Infinity for never. */
  deadline(): number;
  /** The token is to be read before data. */
  tokenFirst(): boolean;
  /** The token rests: a submit() has to be told. */
  wantsWake(): boolean;
  /** All that is asked after a step, in one call: the sum of PENDING's bits. */
  pending(): number;
  /**
   * What the caller asks after each step, in one call: bit 0 there are sends, 1 events, 2 deliveries; 3 tokenFirst(),
   * 4 wantsWake().
   */
  pending(): number;
  stats(): EngineStats;
  /** Gives the memory back at once instead of some day. */
  close(): void;
}

/** What pending() tells: that there is something to take, and what tokenFirst() and wantsWake() say. */
export const PENDING = { sends: 1, events: 2, deliveries: 4, tokenFirst: 8, wantsWake: 16 } as const;

export interface RingCoreConstructor {
  new (options: RingCoreOptions, now: number): RingCore;
}

/** @throws {AisError} AIS_ERR_NATIVE_UNAVAILABLE: no addon. A TypeError names a wrong option. */
export function createRingCore(options: RingCoreOptions, now: number): RingCore {
  const { RingCore } = loadAddon<{ RingCore: RingCoreConstructor }>();
  return new RingCore(options, now);
}

/** In front of each datagram: u32 size of both, u8 socket, u8 multicast, u16 port, u8 links, 3 zero. */
const SEND_HEADER_BYTES = 12;

/** `port` means nothing if it is multicast. `links` is a mask. `datagram` is a view on what takeSends() gave. */
export type SendVisitor = (
  socket: number,
  multicast: boolean,
  port: number,
  links: number,
  datagram: Uint8Array,
) => void;

/** Visits the datagrams of takeSends() in the order in which they were sent. */
export function walkSends(sends: Uint8Array, visit: SendVisitor): void {
  const { view, bytes } = new FrameMemory(sends);
  for (let at = 0; at < sends.length; ) {
    const size = view.getUint32(at, true);
    const datagram = bytes.subarray(at + SEND_HEADER_BYTES, at + size);
    visit(
      view.getUint8(at + 4),
      view.getUint8(at + 5) !== 0,
      view.getUint16(at + 6, true),
      view.getUint8(at + 8),
      datagram,
    );
    at += padded(size);
  }
}
