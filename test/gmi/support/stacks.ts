/**
 * Several executives without threads and sockets: production core, membership, group messaging and EVS of each, on a network in memory
 * and on virtual time. Runs in one call stack: the same input gives the same output.
 */
import { randomBytes } from 'node:crypto';
import { GroupMessaging } from '../../../src/gmi/group-messaging.js';
import { PACKED_LENGTH_SIZE } from '../../../src/gmi/packed.js';
import type { MessageFrame, MessagePort, PriorityNumber } from '../../../src/gmi/port.js';
import { encodeCommand } from '../../../src/native/commands.js';
import { walkDeliveries } from '../../../src/native/deliveries.js';
import { walkEvents } from '../../../src/native/events.js';
import { FrameMemory } from '../../../src/native/frames.js';
import { createRingCore, type RingCore, walkSends } from '../../../src/native/ring-core.js';
import { EvsService } from '../../../src/services/evs/service.js';
import type { Command, CoreEvent, Identity, RingId } from '../../../src/totem/boundary.js';
import { type Input, Membership, type Output } from '../../../src/totem/membership.js';
import { engineTimers, makeTimers } from '../../../src/totem/timers.js';

const NS = 1e6;
const timers = makeTimers({ nodes: 4 });
const key = randomBytes(128);

class CorePort implements MessagePort {
  readonly core: RingCore;
  isPaused = false;
  readonly #now: () => number;

  constructor(core: RingCore, now: () => number) {
    this.core = core;
    this.#now = now;
  }

  submit(priority: PriorityNumber, flags: number, ticket: bigint, onlyIn: RingId | undefined, message: Uint8Array) {
    const isTaken = this.core.submit(priority, flags, ticket, onlyIn === undefined ? null : encode(onlyIn), message);
    if (isTaken && this.core.wantsWake()) this.core.submitted(this.#now());
    return isTaken;
  }

  submitPacked(p: PriorityNumber, flags: number, header: Uint8Array, memory: Uint8Array, start: number, end: number) {
    const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
    for (let at = start; at < end; ) {
      const next = at + PACKED_LENGTH_SIZE + bytes.readUInt32LE(at);
      const message = Buffer.concat([header, bytes.subarray(at + PACKED_LENGTH_SIZE, next)]);
      if (!this.submit(p, flags, 0n, undefined, message)) return at;
      at = next;
    }
    return end;
  }

  command(command: Command): void {
    this.core.command(this.#now(), encodeCommand(command));
  }

  plug(mask: number): void {
    this.command({ type: 'plug', mask });
  }

  resume(): void {
    this.isPaused = false;
  }
}

function encode(ring: RingId): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(ring.representative, 0);
  bytes.writeUInt32LE(ring.nonce, 4);
  bytes.writeBigUInt64LE(ring.seq, 8);
  return bytes;
}

/** One executive. */
export class Stack {
  readonly node: number;
  readonly messaging = new GroupMessaging();
  readonly evs: EvsService;
  readonly port: CorePort;
  readonly membership: Membership;
  /** While true nothing is read: the loop of this executive is busy. Events and deliveries wait. */
  isBusy = false;
  /** Deliveries that it reads from now on: they come after events, and a busy loop may be far behind with them. */
  budget = Number.POSITIVE_INFINITY;
  readonly #world: World;
  readonly #rings = new Map<number, RingId>();
  readonly #frames: Buffer[] = [];

  constructor(world: World, node: number, incarnation: bigint, submitBytes: number) {
    this.#world = world;
    this.node = node;
    const self: Identity = { node, incarnation, salt: (incarnation << 32n) + BigInt(node) };
    const core = createRingCore(
      {
        self,
        clusterTag: 7,
        datagramSize: 1472,
        links: 1,
        timers: engineTimers(timers),
        perVisit: 0,
        storePackets: 1024,
        randomSeed: BigUint64Array.of(1n, 2n, BigInt(node), incarnation),
        firstSeq: 1n,
        firstTokenSeq: 0n,
        firstCounter: 1n,
        deliveryBytes: 4 << 20,
        eventBytes: 1 << 18,
        submitBytes,
        trace: false,
        protection: { cipher: 'aes256gcm', key, clusterName: 'stacks' },
      },
      world.now * NS,
    );
    this.port = new CorePort(core, () => world.now * NS);
    this.messaging.attach(this.port);
    this.evs = new EvsService(this.messaging);
    const seed = BigInt(node) + incarnation;
    const config = { self, timers, ringSeq: 0n, window: 64, acceleratedWindow: 32, seed };
    this.membership = new Membership(config, world.now);
    this.step({ type: 'boot' });
  }

  step(input: Input): void {
    for (const output of this.membership.step(this.#world.now, input)) this.#do(output);
  }

  /** Reads what there is. True if there was anything. */
  read(): boolean {
    if (this.isBusy) return false;
    const { core } = this.port;
    const events = core.takeEvents();
    const heard: CoreEvent[] = [];
    if (events !== null) walkEvents(new FrameMemory(events), 0, events.length, (event) => heard.push(event));
    for (const event of heard) this.#event(event);
    let isAny = heard.length > 0;
    while (!this.port.isPaused && this.budget > 0) {
      const bytes = core.takeDeliveries(1);
      if (bytes === null) break;
      this.budget--;
      isAny = true;
      this.#deliver(Buffer.from(bytes));
    }
    this.messaging.end();
    // A view that outlived its batch must not look as if nothing had happened.
    for (const frame of this.#frames.splice(0)) frame.fill(0xdd);
    return isAny;
  }

  #event(event: CoreEvent): void {
    if (event.type === 'placed') this.messaging.placed(event.ticket, event.seq);
    else if (event.type === 'room') this.messaging.flow.room(event.mask);
    else this.step({ type: 'event', event });
  }

  #deliver(memory: Buffer): void {
    this.#frames.push(memory);
    walkDeliveries(new FrameMemory(memory), 0, memory.length, {
      message: (sender, priority, flags, _ordinal, _low, _high, start, end) => {
        const frame: MessageFrame = { sender, priority, flags, memory, start, end };
        this.port.isPaused = !this.messaging.message(frame);
      },
      configuration: (change) => {
        this.port.isPaused = !this.messaging.configuration(change);
      },
    });
  }

  #do(output: Output): void {
    if (output.type === 'persist') this.step({ type: 'persisted', ringSeq: output.ringSeq });
    if (output.type !== 'command') return;
    const { command } = output;
    if (command.type === 'createRing') this.#rings.set(command.handle, command.ring);
    if (command.type === 'install') this.messaging.installing(this.#rings.get(command.handle)!);
    this.port.command(command);
  }
}

export class World {
  /** Milliseconds. */
  now = 0;
  readonly stacks = new Map<number, Stack>();
  #parts: readonly (readonly number[])[] | undefined;

  /** Starts an executive; `submitBytes` of each send queue. */
  start(node: number, { incarnation = 1n, submitBytes = 1 << 18 } = {}): Stack {
    const stack = new Stack(this, node, incarnation, submitBytes);
    this.stacks.set(node, stack);
    return stack;
  }

  kill(node: number): void {
    this.stacks.get(node)?.port.core.close();
    this.stacks.delete(node);
  }

  close(): void {
    for (const node of [...this.stacks.keys()]) this.kill(node);
  }

  /** Only nodes of the same part hear each other; none: all do. */
  partition(...parts: readonly number[][]): void {
    this.#parts = parts.length > 0 ? parts : undefined;
  }

  /** Until the executives that run are in one configuration, and have looked at it. */
  form(...nodes: readonly number[]): void {
    const members = nodes.length > 0 ? nodes : [...this.stacks.keys()].sort((a, b) => a - b);
    const isFormed = () =>
      members.every((node) => {
        const { messaging } = this.stacks.get(node)!;
        return messaging.regular?.members.join() === members.join() && messaging.isSynchronized;
      });
    this.until(isFormed, 5000);
  }

  until(isSo: () => boolean, limit: number): void {
    for (const end = this.now + limit; !isSo(); ) {
      if (this.now >= end) throw new Error(`not so within ${limit} ms`);
      this.advance(1);
    }
  }

  advance(milliseconds: number): void {
    for (let i = 0; i < milliseconds; i++) {
      this.now += 1;
      for (const stack of this.stacks.values()) {
        const { core } = stack.port;
        core.tick(this.now * NS);
        if (!stack.isBusy && this.now >= stack.membership.deadline()) stack.step({ type: 'tick' });
      }
      this.settle();
    }
  }

  /** Until nothing is under way. */
  settle(): void {
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = true;
      for (const [node, stack] of this.stacks) {
        const { core } = stack.port;
        const sends = core.takeSends();
        if (sends !== null) {
          isQuiet = false;
          this.#transmit(node, sends);
        }
        core.deliver(this.now * NS);
        if (stack.read()) isQuiet = false;
      }
    }
  }

  #transmit(from: number, sends: Uint8Array): void {
    walkSends(sends, (socket, isMulticast, port, _links, datagram) => {
      for (const [node, stack] of this.stacks) {
        if (!this.#isConnected(from, node) || !(isMulticast ? node !== from : node === port)) continue;
        stack.port.core.receive(this.now * NS, socket, 0, from, datagram);
      }
    });
  }

  #isConnected(a: number, b: number): boolean {
    return this.#parts === undefined || this.#parts.some((part) => part.includes(a) && part.includes(b));
  }
}
