/**
 * EVT in the executive. Opening, closing, unlinking, publishing and clearing are ordered messages that every node applies; each node then
 * tells its own clients. docs/EVT.md says what is ordered how, and what a merge makes of it.
 */
import {
  type Component,
  type ExecutiveHandler,
  type ExecutiveMessage,
  type LibraryConnection,
  type LibraryHandler,
  OK,
  type Outcome,
  type Replica,
  type Service,
  type ServiceConfiguration,
  type ServiceContext,
  success,
} from '../../executive/service.js';
import { BodyWriter } from '../../ipc/body.js';
import { EVT } from '../../ipc/evt.js';
import { assignMarks, EventIds } from './event-ids.js';
import { merge } from './merge.js';
import { readDisconnected } from './messages.js';
import { clear, close, open, publish, subscribe, unlink } from './operations.js';
import { libraryHandlers, type RequestHost } from './requests.js';
import { digest, EvtShadow, snapshot } from './snapshot.js';
import { EvtState } from './state.js';
import { Subscribers } from './subscribers.js';

/** Of the service itself, beside the functions that clients ask for: a client is gone. */
const DISCONNECTED = 16;
/** Bytes of a greeting. */
const MARK_SIZE = 4;

/** The queue of an open channel, in its client. */
export interface QueueSettings {
  /** Events. */
  readonly size: number;
  /** After an overflow it takes events again at so many. */
  readonly resume: number;
}

export class EvtService implements Service, RequestHost {
  readonly id = 'evt';
  readonly number = 4;
  readonly library: Record<number, LibraryHandler>;
  readonly executive: Record<number, ExecutiveHandler> = {
    [EVT.open]: (message) => this.#open(message),
    [EVT.close]: (message) => this.#close(message),
    [EVT.unlink]: (message) => outcomeOf(unlink(this.state, message)),
    [EVT.publish]: (message) => this.#publish(message),
    [EVT.subscribe]: (message) => this.#subscribe(message),
    [EVT.clear]: (message) => outcomeOf(clear(this.state, message)),
    [DISCONNECTED]: ({ sender, body }) => {
      this.state.closeConnection(sender, readDisconnected(body));
      return undefined;
    },
  };
  readonly replica: Replica<EvtShadow> = {
    isBlank: () => this.state.isBlank,
    digest: () => digest(this.state),
    snapshot: () => snapshot(this.state),
    shadow: () => new EvtShadow(),
    commit: (components) => this.#commit(components),
    // A merge keeps all that any component acknowledged.
    isKept: () => true,
  };
  readonly subscribers = new Subscribers();
  readonly ids = new EventIds();
  state = new EvtState();
  #queue: QueueSettings;
  readonly #connections = new Map<number, LibraryConnection>();
  #context!: ServiceContext;
  /** The state is one that components made together, and nobody left it since. */
  #isMerged = false;

  constructor(queue: QueueSettings = { size: 1000, resume: 500 }) {
    this.#queue = queue;
    this.library = this.#remembering(libraryHandlers(this));
  }

  /** Of channels that are opened from now on. */
  setQueue(queue: QueueSettings): void {
    this.#queue = queue;
  }

  start(context: ServiceContext): void {
    this.#context = context;
  }

  disconnected({ id }: LibraryConnection): void {
    this.subscribers.removeConnection(id);
    if (this.#connections.delete(id)) this.#context.order(DISCONNECTED, new BodyWriter(8).f64(id).finish());
  }

  /** The mark of its ids; nothing before the first configuration. */
  greeting(): Uint8Array {
    const { mark } = this.ids;
    return mark === undefined ? new Uint8Array() : new BodyWriter(4).u32(mark).finish();
  }

  configurationChanged({ id, members, left, greetings, time }: ServiceConfiguration): void {
    this.ids.mark = assignMarks(id, members, marksTold(greetings)).get(this.#context.nodeId)!;
    this.ids.advance(time);
    // A merge has left out already who did not come along, and knows better: who left one component may have come along with another.
    if (!this.#isMerged) for (const node of left) this.state.closeNode(node);
    this.#isMerged = false;
    if (left.includes(this.#context.nodeId)) this.#rebind();
  }

  nextDeadline(): number {
    return this.state.nextDeadline;
  }

  expire(time: number): void {
    this.ids.advance(time);
    this.state.expire(time);
  }

  status(): object {
    const { state, subscribers } = this;
    let openers = 0;
    let retainedEvents = 0;
    for (const channel of state.channels()) {
      openers += channel.openers.size;
      retainedEvents += channel.retained.size;
    }
    const { retainedBytes } = state;
    const subscriptions = subscribers.size;
    return { channels: state.channelCount, openers, retainedEvents, retainedBytes, subscriptions };
  }

  #commit(components: readonly Component<EvtShadow>[]): void {
    const [first] = components;
    this.state = components.length === 1 ? first!.shadow.state : merge(components);
    this.#isMerged = components.length > 1;
    this.#rebind();
  }

  #rebind(): void {
    this.subscribers.rebind((was) => this.state.opener(was));
  }

  /** Who asks for something is known when it is applied. */
  #remembering(handlers: Record<number, LibraryHandler>): Record<number, LibraryHandler> {
    const remembering = ({ flowControl, handle }: LibraryHandler): LibraryHandler => ({
      flowControl,
      handle: (request) => {
        this.#connections.set(request.connection.id, request.connection);
        handle(request);
      },
    });
    return Object.fromEntries(Object.entries(handlers).map(([fn, handler]) => [fn, remembering(handler)]));
  }

  // --- messages ------------------------------------------------------------------------------------------------------------

  #isOwn({ sender }: ExecutiveMessage): boolean {
    return sender === this.#context.nodeId;
  }

  #open(message: ExecutiveMessage): Outcome {
    const result = open(this.state, message);
    if ('failed' in result) return result.failed;
    const connection = this.#isOwn(message) ? this.#connections.get(message.connection) : undefined;
    if (connection !== undefined) this.subscribers.add(connection, result.done);
    return success(new BodyWriter(8).u32(this.#queue.size).u32(this.#queue.resume).finish());
  }

  #close(message: ExecutiveMessage): Outcome {
    const result = close(this.state, message);
    if ('failed' in result) return result.failed;
    if (this.#isOwn(message)) this.subscribers.remove(message.connection, result.done.handle);
    return OK;
  }

  #publish(message: ExecutiveMessage): Outcome {
    this.ids.advance(message.time);
    const result = publish(this.state, message, (channel) => this.subscribers.has(channel));
    if ('failed' in result) return result.failed;
    const { channel, id, patterns, message: written, retained } = result.done;
    if (written !== undefined) this.subscribers.publish(channel, patterns, written, retained);
    return success(new BodyWriter(8).u64(id).finish());
  }

  #subscribe(message: ExecutiveMessage): Outcome {
    const result = subscribe(this.state, message);
    const { connection, time } = message;
    if ('failed' in result) return result.failed;
    const { handle, subscription } = result.done;
    if (this.#isOwn(message)) this.subscribers.subscribe(connection, handle, subscription, time);
    return OK;
  }
}

function marksTold(greetings: ReadonlyMap<number, Buffer>): Map<number, number> {
  const told = [...greetings].filter(([, greeting]) => greeting.length === MARK_SIZE);
  return new Map(told.map(([node, greeting]) => [node, greeting.readUInt32LE()]));
}

function outcomeOf(result: { readonly done: unknown } | { readonly failed: Outcome }): Outcome {
  return 'failed' in result ? result.failed : OK;
}
