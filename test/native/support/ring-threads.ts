/** Rings on real sockets of loopback, put together as membership would do it. */

import { createHash } from 'node:crypto';
import type { DeliveryVisitor, MessageFrame, PriorityNumber } from '../../../src/gmi/port.js';
import type { RingHandlers } from '../../../src/native/port.js';
import { type RingThreadOptions, RingThreadPort, type SocketOptions } from '../../../src/native/ring-thread.js';
import type { CoreEvent, DeliveredConfiguration, RingId } from '../../../src/totem/boundary.js';
import { packed } from '../../gmi/support/packed.js';
import { coreOptions, identityOf } from './cores.js';

const WAIT_MS = 4_000;
export const LOW: PriorityNumber = 3;

export const bootRing = (node: number): RingId => ({ representative: node, nonce: 0x100 + node, seq: 4n });

/** Test files run beside each other: each process begins to look elsewhere. */
let port = 20_000 + ((process.pid * 2) % 10_000);

export interface Changes extends Partial<RingThreadOptions> {
  readonly transport?: 'udp' | 'udpu';
  readonly offload?: boolean;
}

export function threadOptions(node: number, nodes: number, at: number, changes: Changes = {}): RingThreadOptions {
  const { transport = 'udp', offload = true, ...rest } = changes;
  const address = (of: number) => `127.0.3.${of}`;
  const sockets: SocketOptions = {
    transport,
    offload,
    links: [{ address: address(node), port: at, group: '239.192.9.1', ttl: 0 }],
    nodes: Array.from({ length: nodes }, (_, index) => ({ node: index + 1, addresses: [address(index + 1)] })),
  };
  const randomSeed = crypto.getRandomValues(new BigUint64Array(4));
  const { trace: _, ...engine } = coreOptions({ self: identityOf(node), randomSeed, deliveryBytes: 1 << 22 });
  return { ...engine, storePackets: 4096, sockets, realtime: false, ...rest };
}

/** One node, and all that it was told. */
export class RingNode implements DeliveryVisitor {
  readonly events: CoreEvent[] = [];
  readonly configurations: DeliveredConfiguration[] = [];
  readonly counts = new Map<number, number>();
  messages = 0;
  batches = 0;
  readonly port: RingThreadPort;
  /** What to do with each message, beside counting it. False: take no more. */
  onMessage: (frame: MessageFrame) => boolean = () => true;
  readonly #hash = createHash('sha256');
  #waiting: (() => void) | undefined;

  constructor(options: RingThreadOptions) {
    const handlers: RingHandlers = {
      event: (event) => {
        this.events.push(event);
        this.#waiting?.();
      },
      deliveries: this,
    };
    this.port = RingThreadPort.start(options, handlers);
  }

  message(frame: MessageFrame): boolean {
    this.messages++;
    this.counts.set(frame.sender, (this.counts.get(frame.sender) ?? 0) + 1);
    this.#hash.update(`${frame.sender} `).update(frame.memory.subarray(frame.start, frame.end));
    return this.onMessage(frame);
  }

  configuration(change: DeliveredConfiguration): boolean {
    this.configurations.push(change);
    return true;
  }

  end(): void {
    this.batches++;
    this.#waiting?.();
  }

  /** Of all messages so far, in their order. */
  get digest(): string {
    return this.#hash.copy().digest('hex');
  }

  eventsOf<T extends CoreEvent['type']>(type: T): Extract<CoreEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<CoreEvent, { type: T }> => event.type === type);
  }

  /** Resolves once `isTrue`, which is asked after each event and batch. */
  async until(isTrue: () => boolean, what: string): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`waited ${WAIT_MS} ms for ${what}`)), WAIT_MS);
      this.#waiting = () => {
        if (!isTrue()) return;
        clearTimeout(late);
        this.#waiting = undefined;
        resolve();
      };
    });
  }

  /** Submits all, in order, and waits for room where there is none. */
  async submitAll(payloads: readonly Uint8Array[], priority: PriorityNumber = LOW): Promise<void> {
    const memory = packed(...payloads);
    for (let at = 0; at < memory.length; ) {
      const rooms = this.eventsOf('room').length;
      const next = this.port.submitPacked(priority, 0, new Uint8Array(0), memory, at, memory.length);
      const isNone = next === at;
      at = next;
      if (isNone) await this.until(() => this.eventsOf('room').length > rooms, 'room');
    }
  }
}

export class RingNodes {
  readonly nodes: readonly RingNode[];

  constructor(count: number, changes: Changes = {}) {
    this.nodes = open(count, changes);
  }

  stop(): Promise<unknown> {
    return Promise.all(this.nodes.map((node) => node.port.stop()));
  }

  /** Every node into a ring of itself, with handle 1. */
  async boot(): Promise<void> {
    for (const [index, { port: ring }] of this.nodes.entries()) {
      const members = [identityOf(index + 1)];
      const id = bootRing(index + 1);
      ring.command({ type: 'createRing', handle: 1, ring: id, window: 64, acceleratedWindow: 0, members });
      const nobody = { highDelivered: 0n, deliverMembers: [], transitional: [] };
      ring.command({ type: 'install', handle: 1, old: 0, ...nobody });
    }
    await this.all((node) => node.eventsOf('installed').length === 1, 'the boot ring');
  }

  /** From rings of one into one ring of all, with handle 2. */
  async merge(window = 64): Promise<RingId> {
    const numbers = this.nodes.map((_, index) => index + 1);
    for (const [index, { port: ring }] of this.nodes.entries()) {
      const body = { ring: bootRing(index + 1), members: [index + 1], heard: [] };
      ring.command({ type: 'control', node: 0, packet: 'mergeDetect', body });
    }
    const others = this.nodes.length - 1;
    await this.all((node) => node.eventsOf('control').length >= others, 'everybody to be heard');
    const ring: RingId = { representative: 1, nonce: 0xabcdef, seq: 8n };
    const members = numbers.map(identityOf);
    const oldRings = numbers.map(bootRing);
    const oldRingOfMember = numbers.map((_, index) => index);
    for (const { port: each } of this.nodes) {
      each.command({ type: 'freeze', handle: 1 });
      each.command({ type: 'createRing', handle: 2, ring, window, acceleratedWindow: 0, members });
      each.command({ type: 'seal', handle: 1 });
      each.command({ type: 'recoveryBegin', handle: 2, old: 1, lowAru: 0n, copy: false, oldRingOfMember, oldRings });
    }
    // Two summaries a node: all of them are in recovery.
    await this.all((node) => node.eventsOf('summary').length === 2, 'recovery to begin');
    this.nodes[0]!.port.command({ type: 'tokenStart', handle: 2 });
    await Promise.all(
      this.nodes.map(async (node, index) => {
        await node.until(() => node.eventsOf('recovered').length === 1, 'recovery');
        const own = { highDelivered: 0n, deliverMembers: [index + 1], transitional: [index + 1] };
        node.port.command({ type: 'install', handle: 2, old: 1, ...own });
      }),
    );
    await this.all((node) => node.eventsOf('installed').length === 2, 'the common ring');
    return ring;
  }

  async all(isTrue: (node: RingNode) => boolean, what: string): Promise<void> {
    await Promise.all(this.nodes.map((node, index) => node.until(() => isTrue(node), `${what} at node ${index + 1}`)));
  }
}

function open(count: number, changes: Changes): RingNode[] {
  for (let attempt = 0; ; attempt++) {
    const nodes: RingNode[] = [];
    port = 20_000 + ((port + 2) % 10_000);
    try {
      for (let node = 1; node <= count; node++) nodes.push(new RingNode(threadOptions(node, count, port, changes)));
      return nodes;
    } catch (error) {
      for (const node of nodes) void node.port.stop();
      if (attempt === 20 || !String(error).includes('in use')) throw error;
    }
  }
}
