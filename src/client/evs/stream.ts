/** A session that is iterated. */
import { aisError } from '../../ais-error.js';
import type { Deadline, Deadlines } from '../deadlines.js';
import type { EventQueue } from './event-queue.js';
import type { EvsEvent, Inbox } from './inbox.js';
import type { RemoteSession } from './remote-session.js';
import { type EvsContext, SessionClient } from './session.js';
import type { EvsStream } from './types.js';

/** Milliseconds for which the user may leave the queue at its bound. */
export const FULL_LIMIT_MS = 10_000;

export class StreamClient extends SessionClient implements EvsStream {
  readonly #queue: EventQueue;
  readonly #deadlines: Deadlines;
  #deadline: Deadline | undefined;

  constructor(context: EvsContext, remote: RemoteSession, inbox: Inbox, queue: EventQueue) {
    super(context, remote, inbox);
    this.#queue = queue;
    this.#deadlines = context.deadlines;
    queue.onFull = () => {
      this.#deadline = this.#deadlines.add(FULL_LIMIT_MS, () => this.#giveUp());
    };
    queue.onRoom = () => {
      this.#hasRoom();
      remote.resume();
    };
  }

  [Symbol.asyncIterator](): AsyncIterator<EvsEvent> {
    return this.#queue.each();
  }

  batches(): AsyncIterable<readonly EvsEvent[]> {
    return this.#queue.batches();
  }

  protected override onEnd(): void {
    this.#hasRoom();
    this.#queue.end();
  }

  #hasRoom(): void {
    if (this.#deadline !== undefined) this.#deadlines.remove(this.#deadline);
    this.#deadline = undefined;
  }

  #giveUp(): void {
    const what = `nothing was taken from a full queue for ${FULL_LIMIT_MS / 1000} s`;
    this.end(aisError('SA_AIS_ERR_NO_RESOURCES', 'evs.session', what, { hint: 'iterate faster, or raise queueBytes' }));
  }
}
