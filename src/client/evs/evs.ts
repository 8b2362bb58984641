/** EVS of one connection: opens sessions. */
import { answeredAtOnce, type Calls, flagsOf, type Patience } from '../calls.js';
import { checkOptions, checkPatience, invalid } from '../check.js';
import type { Deadlines } from '../deadlines.js';
import { BatchConsumer, HandlerConsumer } from './consumers.js';
import { EventQueue } from './event-queue.js';
import { type Consumer, Inbox } from './inbox.js';
import type { RemoteEvs } from './remote-evs.js';
import type { RemoteSession } from './remote-session.js';
import { badHandle, checkGroups, type EvsContext, refused, SessionClient } from './session.js';
import { StreamClient } from './stream.js';
import type { Configuration, Evs, EvsBatchHandler, EvsHandlers, EvsSession, EvsStream, JoinOptions } from './types.js';

/** Bytes that are delivered to an iterated session and not taken yet. */
export const DEFAULT_QUEUE_BYTES = 16 << 20;

type Handlers = EvsHandlers | EvsBatchHandler;

/** What join() was asked for. */
interface Opening {
  readonly names: readonly string[];
  readonly handlers: Handlers | undefined;
  readonly queueBytes: number;
  readonly isBorrowing: boolean;
}

export class EvsClient implements Evs {
  readonly #context: EvsContext;
  readonly #sessions = new Set<SessionClient>();
  #isClosed = false;

  constructor(remote: RemoteEvs, calls: Calls, deadlines: Deadlines, defaults: Patience) {
    this.#context = { remote, calls, deadlines, defaults, room: (attempt) => remote.whenRoom(attempt) };
  }

  get configuration(): Configuration {
    return this.#context.remote.configuration;
  }

  get maxMessageSize(): number {
    return this.#context.remote.maxMessageSize;
  }

  join(groups: readonly string[], options?: JoinOptions): Promise<EvsStream>;
  join(groups: readonly string[], handlers: Handlers, options?: JoinOptions): Promise<EvsSession>;
  async join(
    groups: readonly string[],
    first?: Handlers | JoinOptions,
    second?: JoinOptions,
  ): Promise<EvsSession | EvsStream> {
    const operation = 'evs.join';
    const names = checkGroups(operation, groups);
    const handlers = handlersOf(operation, first, second);
    const options = checkOptions(operation, handlers === undefined ? (first as JoinOptions | undefined) : second);
    const patience = checkPatience(operation, options, this.#context.defaults);
    const isBorrowing = checkBorrow(operation, options.borrow) && handlers !== undefined;
    const queueBytes = checkQueueBytes(operation, options.queueBytes);
    if (this.#isClosed) throw badHandle(operation, 'the connection');
    const opening: Opening = { names: [...new Set(names)], handlers, queueBytes, isBorrowing };
    return answeredAtOnce(operation, patience, (limits) => this.#open(operation, opening, limits));
  }

  /** The connection has ended. */
  close(reason: Parameters<SessionClient['end']>[0]): void {
    this.#isClosed = true;
    for (const session of this.#sessions) session.end(reason);
  }

  #open(operation: string, opening: Opening, patience: Patience): Promise<SessionClient> {
    const { remote, calls, room } = this.#context;
    const queue = new EventQueue(opening.queueBytes);
    const { handlers } = opening;
    const inbox = new Inbox(remote.nodeId, handlers === undefined ? queue : consumerOf(handlers), opening.isBorrowing);
    return calls.run<SessionClient>({
      operation,
      patience,
      owner: this,
      start: (call) => {
        const isTaken = remote.open(inbox, opening.names, flagsOf(patience), (opened) => {
          if ('code' in opened) call.reject(refused(operation, opened));
          else if (call.isSettled) opened.close();
          else call.resolve(this.#begin(opened, inbox, handlers === undefined ? queue : undefined));
        });
        return isTaken ? undefined : room;
      },
    });
  }

  #begin(remote: RemoteSession, inbox: Inbox, queue: EventQueue | undefined): SessionClient {
    inbox.attach(remote.id);
    const session =
      queue === undefined
        ? new SessionClient(this.#context, remote, inbox)
        : new StreamClient(this.#context, remote, inbox, queue);
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
    setImmediate(() => {
      if (inbox.start()) remote.resume();
    });
    return session;
  }
}

function consumerOf(handlers: Handlers): Consumer {
  return 'batch' in handlers ? new BatchConsumer(handlers) : new HandlerConsumer(handlers);
}

/** The second argument is handlers if it has any, or if a third one follows. */
function handlersOf(operation: string, first: unknown, second: unknown): Handlers | undefined {
  if (first === undefined && second === undefined) return undefined;
  if (typeof first !== 'object' || first === null) throw invalid(operation, 'handlers or options must be an object');
  const { message, configuration, batch } = first as Record<string, unknown>;
  if (message === undefined && configuration === undefined && batch === undefined && second === undefined)
    return undefined;
  const isHandlers =
    typeof message === 'function' && (configuration === undefined || typeof configuration === 'function');
  if (batch !== undefined ? typeof batch === 'function' && message === undefined : isHandlers) return first as Handlers;
  throw invalid(operation, 'handlers must be { message, configuration? } or { batch }, each a function');
}

function checkQueueBytes(operation: string, bytes: unknown): number {
  if (bytes === undefined) return DEFAULT_QUEUE_BYTES;
  if (typeof bytes !== 'number' || !(bytes >= 1)) throw invalid(operation, 'queueBytes must be at least 1');
  return bytes;
}

function checkBorrow(operation: string, borrow: unknown): boolean {
  if (borrow === undefined) return false;
  if (typeof borrow !== 'boolean') throw invalid(operation, 'borrow must be a boolean');
  return borrow;
}
