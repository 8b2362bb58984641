/**
 * Where what is delivered to a session becomes events of its user: at once to handlers, once a batch to a batch handler, or into a
 * queue that is iterated. One inbox a session; it is the sink of src/ipc/evs.ts.
 */
import {
  type ConfigurationEvent,
  type EvsDelivery,
  type EvsRefusal,
  type EvsSink,
  PRIORITY_NAMES,
} from '../../ipc/evs.js';
import type { Configuration, Message, Priority } from './types.js';

export type EvsEvent = Message | Configuration;

/** Bytes that a queued event counts beside its data: about what its objects take. */
export const EVENT_OVERHEAD = 64;

/** Where an inbox puts events. False from the first two: it holds all that it may. */
export interface Consumer {
  message(message: Message): boolean;
  configuration(configuration: Configuration): boolean;
  endOfBatch(): void;
}

export class Inbox implements EvsSink {
  /** The executive ended the session. */
  onEnd: (reason: EvsRefusal) => void = () => {};
  readonly #nodeId: number;
  readonly #isBorrowing: boolean;
  readonly #consumer: Consumer;
  #sessionId = 0;
  #configuration!: Configuration;
  /** What came before the user had the session in hand; then undefined. It stops the reading, or other sessions would get ahead. */
  #early: EvsEvent[] | undefined = [];
  #onStart: (() => void)[] = [];
  #isClosed = false;

  constructor(nodeId: number, consumer: Consumer, isBorrowing: boolean) {
    this.#nodeId = nodeId;
    this.#consumer = consumer;
    this.#isBorrowing = isBorrowing;
  }

  /** Names the session that the inbox belongs to, before anything but configurations comes. */
  attach(sessionId: number): void {
    this.#sessionId = sessionId;
  }

  /**
   * To be called in a turn of the event loop of its own, so that the promise of join() has settled before the first handler runs. True:
   * the reading, which stopped at what came before, may go on.
   */
  start(): boolean {
    const early = this.#early ?? [];
    this.#early = undefined;
    let hasRoom = true;
    for (const event of early) {
      if (this.#isClosed) return true;
      hasRoom = event.type === 'message' ? this.#consumer.message(event) : this.#consumer.configuration(event);
    }
    this.endOfBatch();
    for (const done of this.#onStart.splice(0)) done();
    return hasRoom;
  }

  /** Calls back once none of the session's own messages is held back from the user any more: at once, if none is. */
  whenGiven(done: () => void): void {
    if (this.#early?.some((event) => event.type === 'message' && event.own)) this.#onStart.push(done);
    else done();
  }

  close(): void {
    this.#isClosed = true;
    this.#early = undefined;
    this.#onStart = [];
  }

  message(delivery: EvsDelivery): boolean {
    if (this.#isClosed) return true;
    const { sender, session, memory, start, end } = delivery;
    const message: Message = {
      type: 'message',
      groups: delivery.groups,
      sender,
      session,
      own: session === this.#sessionId && sender === this.#nodeId,
      priority: PRIORITY_NAMES[delivery.priority] as Priority,
      guarantee: delivery.isSafe ? 'safe' : 'agreed',
      configuration: this.#configuration,
      data: this.#isBorrowing && this.#early === undefined ? memory.subarray(start, end) : copy(memory, start, end),
    };
    if (this.#early === undefined) return this.#consumer.message(message);
    this.#early.push(message);
    return false;
  }

  configuration(configuration: ConfigurationEvent): boolean {
    if (this.#isClosed) return true;
    this.#configuration = configuration;
    if (this.#early === undefined) return this.#consumer.configuration(configuration);
    this.#early.push(configuration);
    return false;
  }

  ended(reason: EvsRefusal): void {
    this.onEnd(reason);
  }

  endOfBatch(): void {
    if (this.#early === undefined && !this.#isClosed) this.#consumer.endOfBatch();
  }
}

function copy(memory: Buffer, start: number, end: number): Buffer {
  const data = Buffer.allocUnsafe(end - start);
  memory.copy(data, 0, start, end);
  return data;
}
