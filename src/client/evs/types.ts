/** EVS: group messaging with extended virtual synchrony, as users see it. */
import type { AisError } from '../../ais-error.js';
import type { WaitOptions } from '../types.js';

/** What waits with a higher one is sent first. */
export type Priority = 'high' | 'medium' | 'low';
/** What a delivery promises. 'agreed': in total order. 'safe': delivered once every member of the configuration is known to hold it. */
export type Guarantee = 'agreed' | 'safe';
/** 1 to 255 bytes of UTF-8, compared byte by byte. */
export type GroupName = string;

/** Who is together, at its place among the messages. */
export interface Configuration {
  type: 'configuration';
  kind: 'regular' | 'transitional';
  /** Equal on all members of the same configuration, never used twice. */
  id: string;
  /** Node ids, ascending, as joined and left. */
  members: readonly number[];
  /** Against the previous regular configuration: who came, who did not come along. A node that was away for a moment, or started
   *  again, is in both. In the first event of a session: joined = members, left = []. */
  joined: readonly number[];
  left: readonly number[];
}

/** A message, at its place in the total order. */
export interface Message {
  type: 'message';
  /** Interned: the same list is the same array. */
  groups: readonly GroupName[];
  /** Node id. */
  sender: number;
  /** Session that sent it, unique on its node while that executive lives. */
  session: number;
  /** Sent by the very session that receives it. */
  own: boolean;
  priority: Priority;
  guarantee: Guarantee;
  /** That it is delivered in: one object for all messages of it. */
  configuration: Configuration;
  /** The receiver's own; with `borrow` a view that is valid until the handler returns. */
  data: Buffer;
}

/** Group messaging with extended virtual synchrony. */
export interface Evs {
  /** The current regular configuration; may be ahead of what a session was given. */
  readonly configuration: Configuration;
  /** Bytes; at least 1 MiB. */
  readonly maxMessageSize: number;
  /** Joins groups; none: configurations only. The first event is the current regular configuration; then configurations and
   *  messages in one total order, the same at all members, own messages among them. More than 50 groups in one call:
   *  EVS_ERR_TOO_MANY_GROUPS, and none is joined. */
  join(groups: readonly GroupName[], options?: JoinOptions): Promise<EvsStream>;
  join(
    groups: readonly GroupName[],
    handlers: EvsHandlers | EvsBatchHandler,
    options?: JoinOptions,
  ): Promise<EvsSession>;
}

/** What a session keeps, and how. */
export interface JoinOptions extends WaitOptions {
  /** Bytes delivered but not consumed. At this bound reading stops; after 10 s of that the session ends with
   *  SA_AIS_ERR_NO_RESOURCES. Default 16 MiB. */
  queueBytes?: number;
  borrow?: boolean;
}

/** Called one after the other, in the total order. */
export interface EvsHandlers {
  message(message: Message): void;
  configuration?(configuration: Configuration): void;
}

/** One call for all that came together. */
export interface EvsBatchHandler {
  batch(events: readonly (Message | Configuration)[]): void;
}

/** To whom a message goes, and with what promise. */
export interface RouteOptions {
  /** Default: the joined groups. An empty list reaches nobody. */
  to?: readonly GroupName[];
  /** Default 'medium'. Order of one sender holds within a priority; order between receivers holds always. */
  priority?: Priority;
  /** Default 'agreed'. */
  guarantee?: Guarantee;
}

/** A destination, encoded once. */
export interface Route {
  /** The fast path. True: accepted, and delivered here unless the connection ends. False: flow control refused it; nothing was
   *  sent. */
  send(data: Uint8Array): boolean;
  /** Sends as many as flow control admits, and returns how many. */
  sendAll(data: readonly Uint8Array[]): number;
  /** Resolves when send() of this route's priority may succeed again. */
  drain(options?: WaitOptions): Promise<void>;
}

/** A session is its own default route. */
export interface EvsSession extends Route, AsyncDisposable {
  readonly id: number;
  route(options: RouteOptions): Route;
  /** Waits for room, then sends. Resolves when the message is accepted for ordering. With `configuration` (an id) it is ordered
   *  in that configuration or not at all: resolves when it has its place, else rejects with SA_AIS_ERR_FAILED_OPERATION. */
  mcast(data: Uint8Array, options?: RouteOptions & WaitOptions & { configuration?: string }): Promise<void>;
  /** Resolves when every message accepted from this session before the call has passed its place in the order here; those for
   *  joined groups were given to the handler or, if iterated, queued. */
  flush(options?: WaitOptions): Promise<void>;
  join(groups: readonly GroupName[], options?: WaitOptions): Promise<void>;
  /** In order; stops at the first that is not joined (SA_AIS_ERR_NOT_EXIST), those before it are left. */
  leave(groups: readonly GroupName[], options?: WaitOptions): Promise<void>;
  /** Resolves when the session ends: with undefined after close(), else with the reason. Never rejects. */
  readonly closed: Promise<AisError | undefined>;
  close(): Promise<void>;
}

/** A session that is iterated. */
export interface EvsStream extends EvsSession, AsyncIterable<Message | Configuration> {
  batches(): AsyncIterable<readonly (Message | Configuration)[]>;
}
