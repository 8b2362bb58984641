/**
 * The ring thread of a process, with the production core in it. Its passes are those of native/io: commands, submits, refusals, then
 * datagrams (data before the token unless the core asks for the token first, and one token a pass), the timer, the sends, the
 * deliveries. Work takes time, so that a ring can be saturated.
 */
import { type RingCore, walkSends } from '../native/ring-core.js';
import type { EventQueue } from './event-queue.js';
import type { LocalClock } from './local-clock.js';
import type { Departure, SocketClass } from './network.js';
import type { Random } from './random.js';
import { ReceiveBuffer } from './receive-buffer.js';
import { type Delay, drawDelay, MILLISECOND } from './time.js';

/** Datagrams read between two looks at the other inputs, as in native/io/bounds.hpp. */
const DATAGRAMS_PER_PASS = 64;
/** Commands that wait at most; membership sends few. */
const COMMANDS_MAX = 65_536;

/** Bits of RingCore.pending(). */
const SENDS = 1;
const EVENTS = 2;
const DELIVERIES = 4;
const TOKEN_FIRST = 8;
const WANTS_WAKE = 16;

/** ns of this machine's processor. */
export interface Costs {
  /** To take in a datagram. */
  readonly receive: number;
  /** To take in a token, and all that its visit does besides sending. */
  readonly token: number;
  /** To send a datagram. */
  readonly send: number;
  readonly command: number;
}

export interface RingThreadOptions {
  readonly costs: Costs;
  /** Bytes of the receive buffers, as the kernel counts. */
  readonly dataBuffer: number;
  readonly tokenBuffer: number;
  /** How late timers are. */
  readonly timerDelay: Delay;
}

/** What the thread acts on. */
export interface RingThreadPorts {
  send(departure: Departure, at: number): void;
  /** Events or deliveries wait for JavaScript. */
  wakeJavascript(): void;
  /** After each pass, for who watches the trace. */
  passed(): void;
}

export class RingThread {
  readonly data: ReceiveBuffer;
  readonly token: ReceiveBuffer;
  private readonly queue: EventQueue;
  private readonly clock: LocalClock;
  private readonly core: RingCore;
  private readonly options: RingThreadOptions;
  private readonly ports: RingThreadPorts;
  private readonly random: Random;
  private commands: { readonly due: number; readonly frame: Uint8Array }[] = [];
  private refusals: number[] = [];
  private submits = 0;
  private submitsSeen = 0;
  private tokenFirst = false;
  private wantsWake = false;
  /** When the oldest event that was not read came. */
  private unreadSince = Number.POSITIVE_INFINITY;
  private unreadTold = 0;
  private busyUntil = 0;
  private wakeAt = Number.POSITIVE_INFINITY;
  private runs = true;

  constructor(parts: {
    readonly queue: EventQueue;
    readonly clock: LocalClock;
    readonly random: Random;
    readonly core: RingCore;
    readonly options: RingThreadOptions;
    readonly ports: RingThreadPorts;
  }) {
    const { queue, clock, random, core, options, ports } = parts;
    this.queue = queue;
    this.clock = clock;
    this.random = random;
    this.core = core;
    this.options = options;
    this.ports = ports;
    this.data = new ReceiveBuffer(options.dataBuffer);
    this.token = new ReceiveBuffer(options.tokenBuffer);
  }

  /** A datagram reaches the socket. False: no room. */
  arrive(socket: SocketClass, from: number, bytes: Uint8Array): boolean {
    const taken = this[socket].push({ from, bytes });
    if (taken) this.wake(this.queue.now);
    return taken;
  }

  /** The machine of that node refused a datagram. */
  refused(node: number): void {
    this.refusals.push(node);
    this.wake(this.queue.now);
  }

  /** A command of membership that reaches the thread at `due`. */
  command(frame: Uint8Array, due: number): void {
    if (this.commands.length >= COMMANDS_MAX) throw new Error(`${COMMANDS_MAX} commands wait`);
    this.commands.push({ due: Math.max(due, this.commands.at(-1)?.due ?? 0), frame });
    this.wake(due);
  }

  /** A message was put into a send queue; the thread is told at `due` if it waits for that. */
  submitted(due: number): void {
    this.submits++;
    if (this.wantsWake) this.wake(due);
  }

  /** Deliveries were taken: there may be room for more. */
  roomForDeliveries(due: number): void {
    this.wake(due);
  }

  /** JavaScript took all events. */
  eventsRead(): void {
    this.unreadSince = Number.POSITIVE_INFINITY;
  }

  pause(): void {
    this.runs = false;
  }

  resume(): void {
    this.runs = true;
    this.wake(this.queue.now);
  }

  /** The process is gone. */
  stop(): void {
    this.runs = false;
    this.wakeAt = Number.NEGATIVE_INFINITY;
  }

  wake(time: number): void {
    if (!this.runs) return;
    const at = Math.max(time, this.busyUntil, this.queue.now);
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    this.queue.at(at, () => {
      // An earlier wake took its place, or the process was stopped.
      if (this.wakeAt !== this.queue.now) return;
      this.wakeAt = Number.POSITIVE_INFINITY;
      if (this.runs) this.pass();
    });
  }

  private pass(): void {
    const { core, options, queue } = this;
    const local = this.clock.local(queue.now);
    this.noteUnread();
    const ranCommands = this.runCommands(local);
    let cost = ranCommands * options.costs.command;
    this.giveSubmits(local, ranCommands > 0);
    for (const node of this.refusals.splice(0)) core.refused(local, portOf(node));
    cost += this.receive(local);
    if (local >= core.deadline()) core.tick(local);
    cost += this.flush(queue.now + cost);
    core.deliver(local);
    // To deliver may be to send: a ring of one goes on by itself.
    let pending = core.pending();
    if (pending & SENDS) cost += this.flush(queue.now + cost);
    pending &= ~SENDS;
    this.tokenFirst = (pending & TOKEN_FIRST) !== 0;
    this.wantsWake = (pending & WANTS_WAKE) !== 0;
    this.busyUntil = queue.now + cost;
    this.ports.passed();
    if (pending & EVENTS) this.unreadSince = Math.min(this.unreadSince, queue.now);
    if (pending & (EVENTS | DELIVERIES)) this.ports.wakeJavascript();
    this.sleep(local);
  }

  /** A loop that is stuck cannot tell so itself. */
  private noteUnread(): void {
    const unread = Math.floor(Math.max(0, this.queue.now - this.unreadSince) / MILLISECOND);
    if (unread === this.unreadTold) return;
    this.unreadTold = unread;
    this.core.unread(unread);
  }

  private runCommands(local: number): number {
    let count = 0;
    for (const { due, frame } of this.commands) {
      if (due > this.queue.now) break;
      this.core.command(local, frame);
      count++;
    }
    this.commands.splice(0, count);
    return count;
  }

  /** A command may have opened a queue: then what waits in it is news again. */
  private giveSubmits(local: number, ranCommands: boolean): void {
    if (ranCommands) this.wantsWake = this.core.wantsWake();
    if (!this.wantsWake || (this.submits === this.submitsSeen && !ranCommands)) return;
    this.submitsSeen = this.submits;
    this.core.submitted(local);
  }

  private receive(local: number): number {
    const { core, options } = this;
    let cost = 0;
    for (let count = 0; count < DATAGRAMS_PER_PASS && !(this.tokenFirst && this.token.length > 0); count++) {
      const datagram = this.data.shift();
      if (datagram === undefined) break;
      core.receive(local, 0, 0, portOf(datagram.from), datagram.bytes);
      cost += options.costs.receive;
      this.tokenFirst = core.tokenFirst();
    }
    const token = this.data.length === 0 || this.tokenFirst ? this.token.shift() : undefined;
    if (token === undefined) return cost;
    core.receive(local, 1, 0, portOf(token.from), token.bytes);
    return cost + options.costs.token;
  }

  /** Datagrams leave one after another while the thread works. */
  private flush(start: number): number {
    const sends = this.core.takeSends();
    if (sends === null) return 0;
    let cost = 0;
    walkSends(sends, (socket, multicast, port, _links, bytes) => {
      cost += this.options.costs.send;
      const to = multicast ? -1 : port - 1;
      this.ports.send({ socket: socket === 0 ? 'data' : 'token', to, bytes }, start + cost);
    });
    return cost;
  }

  private sleep(local: number): void {
    if (this.data.length > 0 || this.token.length > 0) {
      this.wake(this.busyUntil);
      return;
    }
    const [command] = this.commands;
    if (command !== undefined) this.wake(command.due);
    const deadline = this.core.deadline();
    if (deadline === Number.POSITIVE_INFINITY) return;
    const due = this.clock.trueTime(Math.max(deadline, local));
    this.wake(due + drawDelay(this.random, this.options.timerDelay));
  }
}

/** The core knows an address by its port; 0 would be none. */
export function portOf(node: number): number {
  return node + 1;
}
