/**
 * The service handler interface: what every service is written against, those of third parties as well. A service is a replicated
 * deterministic state machine. Its library handlers check what a client asks and order a message; its executive handlers apply messages
 * in the total order, on every node alike; the node whose client asked answers it with what the executive handler returned there.
 *
 * What a service may rely on:
 * - Nothing of it runs within a call that it makes.
 * - A library handler of class 'ordered' runs when there is room in the send queue, the node is synchronised, and the component is
 *   primary. Until then its request waits, or is answered TRY_AGAIN: in both cases nothing was done.
 * - Executive handlers, expire() and configurationChanged() run in the same order with the same arguments on all synchronised members,
 *   and nowhere else may replicated state change. No clock, no randomness, no iteration over what only this node knows (pitfall 4).
 * - A joiner hears nothing of the order until it has loaded a snapshot; what was ordered meanwhile follows then.
 */
import type { AisErrorCode } from '../ais-error.js';
import type { BodyReader } from '../ipc/body.js';

/** Bytes of a message that a service orders. */
export { MAX_PAYLOAD } from '../gmi/group-messaging.js';
/** Bytes of a chunk of a snapshot. */
export const CHUNK_MAX = 60 * 1024;

/** What a request comes to. An error had no effect on any state, unless it says that it may have had one. */
export type Outcome =
  | { readonly ok: true; readonly body?: Uint8Array }
  | {
      readonly ok: false;
      readonly code: AisErrorCode;
      readonly what: string;
      readonly index?: number;
      readonly mayHaveEffect?: true;
    };

/** It went well, and there is nothing to tell. */
export const OK: Outcome = { ok: true };

/** It went well; `body` is for the client. */
export function success(body: Uint8Array): Outcome {
  return { ok: true, body };
}

/** It had no effect, for this reason. */
export function failure(code: AisErrorCode, what: string, index?: number): Outcome {
  return index === undefined ? { ok: false, code, what } : { ok: false, code, what, index };
}

/** It was ordered, and may be part of the state or not. */
export function uncertain(code: AisErrorCode, what: string): Outcome {
  return { ok: false, code, what, mayHaveEffect: true };
}

/** A client of this node: one for each connection and service. */
export interface LibraryConnection {
  /** Unique on this node while its executive lives; from 1. */
  readonly id: number;
  /** To one object of the client: a track, a channel, a watch … numbers that the service and its client agree on. */
  event(object: number, fn: number, body: Uint8Array): void;
}

/** What a client asks. */
export interface LibraryRequest {
  readonly connection: LibraryConnection;
  /** What is malformed throws BodyError; the manager answers SA_AIS_ERR_INVALID_PARAM. */
  readonly body: BodyReader;
  /** Answers now. Either this, or order(), or afterBarrier(), once. */
  answer(outcome: Outcome): void;
  /**
   * Orders a message for executive handler `fn`; what that returns on this node answers the request. `safe`: it is delivered once every
   * member holds it, and answered then; after a configuration change only when its synchronisation is committed. A client that will not
   * wait may be answered SA_AIS_ERR_TRY_AGAIN instead: what the handler did before it called this stays. `about`: bytes that the client
   * is told because of it; nothing more is taken up from a client that is to read much.
   */
  order(fn: number, body: Uint8Array, options?: { readonly safe?: boolean; readonly about?: number }): void;
  /** Calls back, to answer, when everything that was ordered anywhere before this call has been applied here. Class 'ordered'.
   *  `about`: bytes of the answer, as in order(). */
  afterBarrier(read: () => Outcome, about?: number): void;
}

/** What answers the requests of one function. */
export interface LibraryHandler {
  /** 'local' handlers run at once whatever the state of the ring. */
  readonly flowControl: 'ordered' | 'local';
  handle(request: LibraryRequest): void;
}

/** A message in the total order. */
export interface ExecutiveMessage {
  /** Node that sent it. */
  readonly sender: number;
  /** Connection of its client there; 0: the service itself. With `sender` unique in a configuration. */
  readonly connection: number;
  /** The time of the cluster in ms since the Unix epoch: the same on all nodes, and never less than before. */
  readonly time: number;
  /** Place in the total order: unique while the cluster lives, grows, equal on all nodes. Below 2^192: BodyWriter.position(). */
  readonly position: bigint;
  /** BodyError counts as a violation: the message is dropped, on every node. Valid during the call. */
  readonly body: BodyReader;
}

/** Returns what the client is answered; ignored if there is none. */
export type ExecutiveHandler = (message: ExecutiveMessage) => Outcome | undefined;

/** A regular configuration, as services see it: before any message of it is applied. */
export interface ServiceConfiguration {
  readonly id: string;
  /** Grows, equal on all members; below 2^53. */
  readonly viewNumber: number;
  /** Ascending. */
  readonly members: readonly number[];
  /** Of the members who had this service's state before: those who did not come along, among them nodes that left and are back already.
   *  Everything that they held open is closed. */
  readonly left: readonly number[];
  /** Members that were not in the configuration before, or are back without what they held open. */
  readonly joined: readonly number[];
  /** What each member's service said of itself (Service.greeting). */
  readonly greetings: ReadonlyMap<number, Buffer>;
  readonly time: number;
}

/** A part of a cluster that comes together with others, with the state that it had. */
export interface Component<Shadow> {
  /** Ascending. Members that came along with this state. */
  readonly members: readonly number[];
  readonly shadow: Shadow;
  /** Ids of the regular configurations that it went through, oldest first: as far back as is remembered (HISTORY_MAX). Two components
   *  were together up to the last one that both have. */
  readonly history: readonly string[];
}

/** State that is received in chunks, before it counts. */
export interface ShadowState {
  /** @throws {BodyError} This is no chunk of a snapshot. */
  load(chunk: BodyReader): void;
}

/** Replicated state, as synchronisation sees it. Services without any leave it out. */
export interface Replica<Shadow extends ShadowState = ShadowState> {
  /** Nothing was ever changed: such a state is nobody's loss. */
  isBlank(): boolean;
  /** Equal for equal state, at most 32 bytes. Openers, deadlines and counters belong to it. */
  digest(): Uint8Array;
  /** The state as it is now, in chunks of at most CHUNK_MAX bytes; changes while it is iterated don't show. return() gives it up. */
  snapshot(): Iterator<Uint8Array>;
  shadow(): Shadow;
  /**
   * The state is from now on what these components make together: the same for the same components in the same order, on every node.
   * One component: a joiner takes over its state. Several: a merge by the service's documented rule; components come in the order of
   * precedence (what is there for longest, then most members, then the lowest node id); of each, what nodes outside its members
   * held is void. configurationChanged() follows.
   */
  commit(components: readonly Component<Shadow>[]): void;
  /** Right after a merge: whether a change that a client of this node had asked for, and that was applied here before, is in the state now.
   *  Left out: if its component had precedence. What is not kept is answered SA_AIS_ERR_BAD_HANDLE, its outcome unknown. */
  isKept?(change: { readonly fn: number; readonly connection: number; readonly body: BodyReader }): boolean;
}

/** What the service manager gives a service. */
export interface ServiceContext {
  readonly nodeId: number;
  /** Orders a message of the service itself. It waits for room, in order; lost only with this executive. */
  order(fn: number, body: Uint8Array): void;
  /** Something malformed came in the total order. */
  violation(what: string): void;
  /** For the log: what operators should know, such as what a merge took and what it gave up. */
  notice(fields: object, message: string): void;
}

/** A service, as it is registered. `id` names it for clients; `number` stands on the wire: 2 to 63 built in, 64 to 255 for others. */
export interface Service {
  readonly id: string;
  readonly number: number;
  /** By function number. */
  readonly library: Readonly<Record<number, LibraryHandler>>;
  readonly executive: Readonly<Record<number, ExecutiveHandler>>;
  start(context: ServiceContext): void;
  /** A client of this service is gone: whatever it held is given up, for what is replicated by an ordered message. */
  disconnected?(connection: LibraryConnection): void;
  /** At most 1024 bytes for the others, told with each configuration. */
  greeting?(): Uint8Array;
  /** All members who have the state call it at the same place of the order; a joiner after commit(). */
  configurationChanged?(configuration: ServiceConfiguration): void;
  readonly replica?: Replica;
  /** The earliest absolute deadline in the state; Infinity: none. */
  nextDeadline?(): number;
  /** Everything with a deadline at or before `time` ends. Ordered like a message. */
  expire?(time: number): void;
  /** For operators: counts and sizes. */
  status?(): object;
}
