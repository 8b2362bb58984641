/**
 * What the executive tells the sessions of one connection, in the one order of all of them: while one session holds all that it may,
 * the others wait with it. What is on the way then is kept; the windows bound it. What was handed on is acknowledged: by a
 * session once it is a step, by all of them once it is much together, or many could fill the connection's window, each below its step.
 */
import { BodyReader } from '../../ipc/body.js';
import type { EvsDelivery, PriorityCode } from '../../ipc/evs.js';
import {
  ACKNOWLEDGE_ALL,
  ACKNOWLEDGE_STEP,
  CONFIGURATION,
  DELIVERY_COST,
  ENDED,
  EVS_SERVICE,
  MESSAGE,
  MESSAGE_HEADER_SIZE,
  MESSAGES,
  MESSAGES_HEADER_SIZE,
  paddedFrame,
  SAFE_BIT,
} from '../../ipc/evs-frames.js';
import { FrameError, LENGTH_SIZE } from '../../ipc/frame.js';
import { readCode } from '../../ipc/handshake.js';
import type { WindowLink } from '../../ipc/link.js';
import type { RemoteLists } from './remote-lists.js';
import type { RemoteSession } from './remote-session.js';

/** An event that is kept, or what is to be done once all before it was handed on. */
type Held =
  | { readonly session: RemoteSession; readonly fn: number; readonly body: Buffer; readonly groups: readonly string[] }
  | { readonly session: undefined; readonly done: () => void };

/** Events that were handed on and still have a place in the array. */
const MAX_HANDED = 4096;

const NO_GROUPS: readonly string[] = [];

export class RemoteInflow {
  readonly #link: WindowLink;
  readonly #lists: RemoteLists;
  readonly #sessions = new Map<number, RemoteSession>();
  /** Sessions that hold all that they may. */
  readonly #full = new Set<RemoteSession>();
  #held: Held[] = [];
  /** What all sessions have consumed together. */
  #consumed = 0;
  /** Index of the first that was not handed on. */
  #first = 0;
  readonly #touched: RemoteSession[] = [];
  /** Bytes for sessions that are closed here, by object: the executive may not know yet. */
  readonly #stray = new Map<number, number>();
  #isDrainScheduled = false;
  readonly #delivery: EvsDelivery = {
    groups: NO_GROUPS,
    sender: 0,
    session: 0,
    priority: 2,
    isSafe: false,
    memory: Buffer.alloc(0),
    start: 0,
    end: 0,
    at: -1,
  };

  constructor(link: WindowLink, lists: RemoteLists) {
    this.#link = link;
    this.#lists = lists;
  }

  add(session: RemoteSession): void {
    this.#sessions.set(session.object, session);
  }

  /** The session is closed: nothing of it holds up the others any more. */
  remove(session: RemoteSession): void {
    if (!this.#sessions.delete(session.object)) return;
    let bytes = session.consumed;
    this.#consumed -= bytes;
    session.consumed = 0;
    const held = this.#held.slice(this.#first);
    for (const each of held) if (each.session === session) bytes += costOf(each.fn, each.body);
    this.#held = held.filter((each) => each.session !== session);
    this.#first = 0;
    if (bytes > 0) this.#link.acknowledge(EVS_SERVICE, session.object, bytes);
    if (this.#full.delete(session)) this.#scheduleDrain();
  }

  resume(session: RemoteSession): void {
    if (!this.#full.delete(session)) return;
    this.#acknowledge(session, 1);
    this.#scheduleDrain();
  }

  /** Once all that has come until now was handed on. */
  afterHeld(done: () => void): void {
    if (!this.#hasHeld) done();
    else this.behind(done);
  }

  /** What comes has to wait. */
  get isHolding(): boolean {
    return this.#full.size > 0 || this.#hasHeld;
  }

  /** Where what waits now goes on: to be called while there is some, or while a session is full. */
  behind(done: () => void): void {
    this.#held.push({ session: undefined, done });
  }

  event(object: number, fn: number, memory: Buffer, start: number, end: number): void {
    if (fn === MESSAGES) {
      this.#messages(object, memory, start, end);
    } else if (fn === MESSAGE) {
      if (end - start < MESSAGE_HEADER_SIZE) throw new FrameError('a message that is cut off');
      this.#message(object, memory, start, start + MESSAGE_HEADER_SIZE, end);
    } else {
      const session = this.#sessions.get(object);
      if (session === undefined) return;
      const isOver = fn === ENDED && this.#full.has(session);
      if (isOver || !this.isHolding) this.#hand(session, fn, memory, start, end);
      else this.#held.push({ session, fn, body: Buffer.from(memory.subarray(start, end)), groups: NO_GROUPS });
    }
  }

  #messages(object: number, memory: Buffer, start: number, end: number): void {
    const first = start + MESSAGES_HEADER_SIZE;
    if (first > end) throw new FrameError('messages that are cut off');
    const skip = memory[first - 1]!;
    for (let at = first; at < end; ) {
      const size = end - at < LENGTH_SIZE ? 0 : memory.readUInt32LE(at);
      if (size < Math.max(skip, LENGTH_SIZE) || size > end - at) throw new FrameError(`a message of ${size} bytes`);
      this.#message(object, memory, start, at + skip, at + size);
      at += paddedFrame(size);
    }
  }

  /** The head is at `head`, the data is memory[start, end). */
  #message(object: number, memory: Buffer, head: number, start: number, end: number): void {
    const session = this.#sessions.get(object);
    if (session === undefined) {
      this.#stray.set(object, (this.#stray.get(object) ?? 0) + end - start + DELIVERY_COST);
      return;
    }
    const groups = this.#lists.get(memory.readUInt32LE(head));
    if (!this.isHolding) {
      this.#handMessage(session, groups, memory, head, start, end);
      return;
    }
    const body = Buffer.concat([memory.subarray(head, head + MESSAGE_HEADER_SIZE), memory.subarray(start, end)]);
    this.#held.push({ session, fn: MESSAGE, body, groups });
  }

  endOfBatch(): void {
    if (this.#touched.length > 0) {
      for (const session of this.#touched) {
        session.isTouched = false;
        session.sink.endOfBatch();
        this.#acknowledge(session, ACKNOWLEDGE_STEP);
      }
      this.#touched.length = 0;
    }
    if (this.#consumed >= ACKNOWLEDGE_ALL) for (const session of this.#sessions.values()) this.#acknowledge(session, 1);
    for (const [object, bytes] of this.#stray) this.#link.acknowledge(EVS_SERVICE, object, bytes);
    this.#stray.clear();
  }

  #hand(session: RemoteSession, fn: number, memory: Buffer, start: number, end: number): void {
    this.#touch(session);
    if (fn === CONFIGURATION) {
      const hasRoom = session.sink.configuration(this.#lists.configuration(new BodyReader(memory, start, end)));
      if (!hasRoom) this.#stopAt(session);
    } else if (fn === ENDED) {
      const body = new BodyReader(memory, start, end);
      session.sink.ended({ code: readCode(body), what: body.text() });
    }
  }

  #handMessage(
    session: RemoteSession,
    groups: readonly string[],
    memory: Buffer,
    head: number,
    start: number,
    end: number,
  ): void {
    this.#touch(session);
    const delivery = this.#delivery;
    const kind = memory[head + 12]!;
    delivery.groups = groups;
    delivery.sender = memory.readUInt32LE(head + 4);
    delivery.session = memory.readUInt32LE(head + 8);
    delivery.priority = (kind & ~SAFE_BIT) as PriorityCode;
    delivery.isSafe = (kind & SAFE_BIT) !== 0;
    delivery.memory = memory;
    delivery.start = start;
    delivery.end = end;
    const cost = end - start + DELIVERY_COST;
    session.consumed += cost;
    this.#consumed += cost;
    if (!session.sink.message(delivery)) this.#stopAt(session);
  }

  #touch(session: RemoteSession): void {
    if (session.isTouched) return;
    session.isTouched = true;
    this.#touched.push(session);
  }

  /** It may have been closed meanwhile. */
  #stopAt(session: RemoteSession): void {
    if (this.#sessions.has(session.object)) this.#full.add(session);
  }

  /** What is full holds the executive back until it is no longer. */
  #acknowledge(session: RemoteSession, least: number): void {
    if (session.consumed < least || this.#full.has(session)) return;
    this.#link.acknowledge(EVS_SERVICE, session.object, session.consumed);
    this.#consumed -= session.consumed;
    session.consumed = 0;
  }

  /** Not from inside the call that made room. */
  #scheduleDrain(): void {
    if (this.#isDrainScheduled || this.#full.size > 0 || !this.#hasHeld) return;
    this.#isDrainScheduled = true;
    setImmediate(() => {
      this.#isDrainScheduled = false;
      this.#drain();
    });
  }

  #drain(): void {
    // What is handed on may close sessions, which makes another list.
    while (this.#full.size === 0 && this.#hasHeld) {
      const next = this.#held[this.#first++]!;
      if (next.session === undefined) {
        this.endOfBatch();
        next.done();
      } else this.#handHeld(next.session, next.fn, next.groups, next.body);
    }
    if (!this.#hasHeld || this.#first >= MAX_HANDED) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
    this.endOfBatch();
  }

  #handHeld(session: RemoteSession, fn: number, groups: readonly string[], body: Buffer): void {
    if (fn === MESSAGE) this.#handMessage(session, groups, body, 0, MESSAGE_HEADER_SIZE, body.length);
    else this.#hand(session, fn, body, 0, body.length);
  }

  get #hasHeld(): boolean {
    return this.#first < this.#held.length;
  }
}

function costOf(fn: number, body: Buffer): number {
  return fn === MESSAGE ? body.length - MESSAGE_HEADER_SIZE + DELIVERY_COST : 0;
}
