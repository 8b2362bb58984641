/** Two or more RingCores on a network in memory that loses nothing, driven as engine.hpp tells a driver to. */

import { encodeCommand } from '../../../src/native/commands.js';
import { joinSeq, walkDeliveries } from '../../../src/native/deliveries.js';
import { walkEvents } from '../../../src/native/events.js';
import { FrameMemory } from '../../../src/native/frames.js';
import { createRingCore, type RingCore, type RingCoreOptions, walkSends } from '../../../src/native/ring-core.js';
import { decodeTrace, type TracedEvent } from '../../../src/native/trace.js';
import type { Command, CoreEvent, DeliveredConfiguration, Identity } from '../../../src/totem/boundary.js';
import type { Message } from './core-side.js';

const millisecond = 1e6;

export function identityOf(node: number): Identity {
  return { node, incarnation: 100n, salt: 0x1000000010000000n + BigInt(node) };
}

export function coreOptions(changes: Partial<RingCoreOptions> = {}): RingCoreOptions {
  return {
    self: identityOf(1),
    clusterTag: 7,
    datagramSize: 1472,
    links: 1,
    timers: {
      tokenLoss: 230 * millisecond,
      hold: 23 * millisecond,
      idleRetransmit: 46 * millisecond,
      retransmitMin: millisecond,
      retransmitMax: 46 * millisecond,
      failToReceive: 1000 * millisecond,
      slowConsumer: 10_000 * millisecond,
      pause: 115 * millisecond,
      silence: 40 * millisecond,
    },
    perVisit: 0,
    storePackets: 1024,
    randomSeed: BigUint64Array.of(1n, 2n, 3n, 4n),
    firstSeq: 1n,
    firstTokenSeq: 0n,
    firstCounter: 1n,
    deliveryBytes: 1 << 20,
    eventBytes: 1 << 16,
    submitBytes: 1 << 18,
    trace: true,
    protection: { cipher: 'aes256gcm', key: new Uint8Array(128).fill(0x5a), clusterName: 'bank' },
    ...changes,
  };
}

export interface Driven {
  readonly core: RingCore;
  readonly events: CoreEvent[];
  readonly delivered: (Message | DeliveredConfiguration)[];
  readonly trace: TracedEvent[];
}

/** Nodes are numbered from 1; a node's port is its number. */
export class Cores {
  readonly nodes: readonly Driven[];
  now = 0;

  constructor(options: readonly RingCoreOptions[]) {
    this.nodes = options.map((each) => ({ core: createRingCore(each, 0), events: [], delivered: [], trace: [] }));
  }

  command(node: number, command: Command): void {
    this.nodes[node - 1]!.core.command(this.now, encodeCommand(command));
    this.settle();
  }

  /** Each commands the same. */
  commandAll(command: Command): void {
    for (const [index] of this.nodes.entries()) this.command(index + 1, command);
  }

  /** Until nothing is under way: what was sent is received, what is deliverable delivered. */
  settle(): void {
    for (let quiet = false; !quiet; ) {
      quiet = true;
      for (const [index, { core }] of this.nodes.entries()) {
        const sends = core.takeSends();
        if (sends !== null) {
          quiet = false;
          this.#transmit(index + 1, sends);
        }
        core.deliver(this.now);
      }
    }
    for (const node of this.nodes) take(node);
  }

  /** Lets time pass in steps of a millisecond. */
  advance(milliseconds: number): void {
    for (let i = 0; i < milliseconds; i++) {
      this.now += millisecond;
      for (const { core } of this.nodes) core.tick(this.now);
      this.settle();
    }
  }

  close(): void {
    for (const { core } of this.nodes) core.close();
  }

  #transmit(from: number, sends: Uint8Array): void {
    walkSends(sends, (socket, multicast, port, _links, datagram) => {
      for (const [index, { core }] of this.nodes.entries())
        if (multicast ? index + 1 !== from : index + 1 === port) core.receive(this.now, socket, 0, from, datagram);
    });
  }
}

function take({ core, events, delivered, trace }: Driven): void {
  const eventBytes = core.takeEvents();
  if (eventBytes !== null) walkEvents(new FrameMemory(eventBytes), 0, eventBytes.length, (event) => events.push(event));
  for (let bytes = core.takeDeliveries(4096); bytes !== null; bytes = core.takeDeliveries(4096)) {
    const batch = bytes;
    walkDeliveries(new FrameMemory(batch), 0, batch.length, {
      message(sender, priority, flags, ordinal, seqLow, seqHigh, start, end) {
        const seq = joinSeq(seqLow, seqHigh);
        delivered.push({ sender, priority, flags, ordinal, seq, bytes: batch.slice(start, end) });
      },
      configuration: (change) => delivered.push(change),
    });
  }
  const records = core.takeTrace();
  if (records !== null) trace.push(...decodeTrace(records));
}
