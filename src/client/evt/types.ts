/** EVT: event channels, as users see them. */
import type { WaitOptions } from '../types.js';

/** Bytes; a string is its UTF-8. */
export type Pattern = string | Uint8Array;
/** Filter i is compared with pattern i, byte by byte; a missing pattern counts as empty. */
export type Filter = { prefix: Pattern } | { suffix: Pattern } | { exact: Pattern } | 'pass-all';

/** What is published beside the data. */
export interface EventAttributes {
  patterns?: readonly Pattern[];
  /** 0 (highest) to 3 (lowest, the default). */
  priority?: 0 | 1 | 2 | 3;
  /** ms; default 0. A retained event is acknowledged as a write of 'all-replicas' is. */
  retentionTime?: number;
  publisherName?: string;
}

/** An event, as a subscriber gets it. */
export interface ChannelEvent {
  /** 1n marks a lost-event notification. */
  eventId: bigint;
  lost: boolean;
  patterns: Buffer[];
  priority: 0 | 1 | 2 | 3;
  /** ms */
  retentionTime: number;
  /** ms since the Unix epoch, in the time of the cluster. Of a lost-event notification: that of the first event that was lost. */
  publishTime: number;
  publisherName: string;
  data: Buffer;
  /** eventId as decimal text. */
  toJSON(): object;
}

/** Event channels: publish and subscribe, with patterns and retained events. */
export interface Evt {
  readonly limits: Readonly<{
    maxDataSize: number;
    maxPatterns: number;
    maxPatternSize: number;
    maxChannels: number;
    maxRetentionTime: number;
  }>;
  open(
    name: string,
    options: { create?: boolean; publisher?: boolean; subscriber?: boolean } & WaitOptions,
  ): Promise<EventChannel>;
  unlink(name: string, options?: WaitOptions): Promise<void>;
  list(
    options?: WaitOptions,
  ): AsyncIterable<{ name: string; openers: number; retainedEvents: number; unlinked: boolean }>;
}

/** A channel that is open. Its queue: 1000 events, higher priority first, order of publication within a priority. When it is full, one
 *  event with `lost` (id 1n, pattern SA_EVT_LOST_EVENT_PATTERN) is queued, and new events are dropped, or drive out the newest of
 *  a lower priority, until 500 are left. */
export interface EventChannel extends AsyncDisposable {
  readonly name: string;
  /** Events that its queue had no room for. */
  readonly lostCount: number;
  /** At most limits.maxDataSize bytes (65536). Resolves with the id of the event, unique in the cluster. */
  publish(data: Uint8Array, attributes?: EventAttributes, options?: WaitOptions): Promise<bigint>;
  /** Counts from the moment that the promise resolves; retained events that match come first. No filters match all. An event
   *  reaches an open channel at most once: the first matching subscription has it. An iterated subscription takes from the queue
   *  only when asked for the next. After unsubscribe() nothing comes. */
  subscribe(filters: readonly Filter[], options?: WaitOptions): Promise<EventStream>;
  subscribe(
    filters: readonly Filter[],
    handler: (event: ChannelEvent) => void,
    options?: WaitOptions,
  ): Promise<Subscription>;
  clearRetentionTime(eventId: bigint, options?: WaitOptions): Promise<void>;
  close(): Promise<void>;
}

/** What subscribe() with a handler gives. */
export interface Subscription extends AsyncDisposable {
  /** A second time: SA_AIS_ERR_NOT_EXIST. */
  unsubscribe(options?: WaitOptions): Promise<void>;
}
/** A subscription that is iterated. */
export interface EventStream extends Subscription, AsyncIterable<ChannelEvent> {}
