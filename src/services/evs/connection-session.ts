/** A session of a client beyond a link: what it is told goes through a window that the client opens again by acknowledging. */
import { BodyWriter } from '../../ipc/body.js';
import type { ConfigurationEvent, EvsDelivery, EvsRefusal, EvsSink } from '../../ipc/evs.js';
import {
  CONFIGURATION,
  CONNECTION_WINDOW,
  DELIVERY_COST,
  ENDED,
  EVS_SERVICE,
  SESSION_WINDOW,
  writeConfiguration,
} from '../../ipc/evs-frames.js';
import type { RunLink } from '../../ipc/link.js';
import type { GroupNumbers } from './group-numbers.js';
import { MessageRun } from './message-run.js';
import type { Destination, EvsSessionHandler } from './session.js';

/**
 * Milliseconds that a client may take until a window that was full is half open again: to acknowledge a little buys no time. A library
 * ends a session by itself after 10 s of a full queue, which is full before the window is; so this is for those that do not run, and a
 * little longer.
 */
export const STALLED_LIMIT_MS = 11_000;

/** Calls back after so many milliseconds, unless it is given up. */
export type After = (milliseconds: number, expire: () => void) => () => void;

/** What the sessions of one connection share. */
export interface SessionSurroundings {
  readonly link: RunLink;
  readonly groups: GroupNumbers;
  readonly after: After;
  /** Bytes that all of them were told and did not acknowledge. */
  unacknowledged: number;
  /** Ends a session whose client does not go on. */
  readonly giveUp: (session: ConnectionSession, reason: EvsRefusal) => void;
}

export class ConnectionSession implements EvsSink {
  readonly object: number;
  /** By the numbers that the client gave them. */
  readonly destinations: (Destination | undefined)[] = [];
  handler!: EvsSessionHandler;
  readonly #all: SessionSurroundings;
  readonly #run: MessageRun;
  #unacknowledged = 0;
  #cancelTimer: (() => void) | undefined;
  #isOver = false;

  constructor(object: number, surroundings: SessionSurroundings) {
    this.object = object;
    this.#all = surroundings;
    this.#run = new MessageRun(surroundings.link, object, surroundings.groups);
  }

  /** The executive was told to read no further for it. */
  get isHeld(): boolean {
    return this.#cancelTimer !== undefined;
  }

  message(delivery: EvsDelivery): boolean {
    if (this.#isOver) return true;
    this.#run.add(delivery);
    const cost = delivery.end - delivery.start + DELIVERY_COST;
    this.#unacknowledged += cost;
    this.#all.unacknowledged += cost;
    if (!this.#isFull) return true;
    this.#hold();
    return false;
  }

  configuration(configuration: ConfigurationEvent): boolean {
    if (this.#isOver) return true;
    const body = writeConfiguration(new BodyWriter(), configuration).finish();
    this.#all.link.event(EVS_SERVICE, this.object, CONFIGURATION, body);
    return !this.isHeld;
  }

  /** The memory of what was told is given back. */
  endOfBatch(): void {
    this.#all.link.settle();
  }

  /** False: more than it was told. */
  acknowledged(bytes: number): boolean {
    if (bytes > this.#unacknowledged) return false;
    this.#unacknowledged -= bytes;
    this.#all.unacknowledged -= bytes;
    return true;
  }

  /** There is more room: this session acknowledged something, or another one did or is over. */
  lookAgain(): void {
    if (!this.isHeld || !this.#isHalfOpen) return;
    this.#release();
    this.handler.resume();
  }

  ended({ code, what }: EvsRefusal): void {
    this.#all.link.event(EVS_SERVICE, this.object, ENDED, new BodyWriter().text(code).text(what).finish());
    this.close();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    this.#all.unacknowledged -= this.#unacknowledged;
    this.handler.close();
  }

  get #isFull(): boolean {
    return this.#unacknowledged >= SESSION_WINDOW || this.#all.unacknowledged >= CONNECTION_WINDOW;
  }

  get #isHalfOpen(): boolean {
    return this.#unacknowledged <= SESSION_WINDOW / 2 && this.#all.unacknowledged <= CONNECTION_WINDOW / 2;
  }

  #hold(): void {
    this.#cancelTimer ??= this.#all.after(STALLED_LIMIT_MS, () => {
      const what = `the client took too little for ${Math.floor(STALLED_LIMIT_MS / 1000)} s`;
      this.#all.giveUp(this, { code: 'SA_AIS_ERR_NO_RESOURCES', what });
    });
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
