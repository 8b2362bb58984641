/** One open channel, as its user holds it. */
import { type AisError, aisError } from '../../ais-error.js';
import { type BodyReader, BodyWriter } from '../../ipc/body.js';
import {
  EVT,
  EVT_CLOSED,
  EVT_EVENT,
  type FilterRecord,
  PUBLISHER,
  ROOM_FOR_ID,
  SUBSCRIBER,
  writeFilters,
  writePublication,
} from '../../ipc/evt.js';
import { invalid } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import { checkAttributes, checkData, checkEventId, checkFilters } from './arguments.js';
import { toEvent } from './event.js';
import { ChannelQueue } from './queue.js';
import { type AnySubscription, HandledSubscription, StreamSubscription } from './subscription.js';
import type { ChannelEvent, EventAttributes, EventChannel, EventStream, Filter, Subscription } from './types.js';

type Handler = (event: ChannelEvent) => void;

/** For what has to come to pass whatever its user waits for. */
const SURELY: WaitOptions = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' };

/** Gives an open channel up in the executive. */
export function closeHandle(calls: ServiceCalls, handle: number): Promise<void> {
  const body = new BodyWriter(4).u32(handle).finish();
  return calls.call({ operation: 'evt.close', options: SURELY, fn: EVT.close, body, result: () => {} });
}

export class ChannelClient implements EventChannel {
  readonly name: string;
  readonly queue: ChannelQueue;
  /** It is over, by its user, the executive or the connection. */
  onEnd: () => void = () => {};
  readonly #calls: ServiceCalls;
  readonly handle: number;
  readonly #flags: number;
  readonly #subscriptions = new Map<number, AnySubscription>();
  #lastSubscription = 0;
  #isClosed = false;

  /** `opened`: the answer of the executive. */
  constructor(calls: ServiceCalls, name: string, handle: number, flags: number, opened: BodyReader) {
    this.#calls = calls;
    this.name = name;
    this.handle = handle;
    this.#flags = flags;
    this.queue = new ChannelQueue(opened.u32(), opened.u32());
    calls.listen(handle, (fn, body) => this.#heard(fn, body));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get lostCount(): number {
    return this.queue.lostCount;
  }

  async publish(data: Uint8Array, attributes?: EventAttributes, options?: WaitOptions): Promise<bigint> {
    const operation = 'evt.publish';
    checkData(operation, data);
    const checked = checkAttributes(operation, attributes);
    this.#check(operation, options);
    if ((this.#flags & PUBLISHER) === 0) throw noAccess(operation, 'publishing');
    const writer = new BodyWriter(256 + data.length).u64(ROOM_FOR_ID).u32(this.handle);
    return this.#calls.call({
      operation,
      options,
      fn: EVT.publish,
      body: writePublication(writer, { ...checked, data }).finish(),
      owner: this,
      result: (answer) => answer.u64(),
    });
  }

  subscribe(filters: readonly Filter[], options?: WaitOptions): Promise<EventStream>;
  subscribe(filters: readonly Filter[], handler: Handler, options?: WaitOptions): Promise<Subscription>;
  async subscribe(
    filters: readonly Filter[],
    first?: Handler | WaitOptions,
    second?: WaitOptions,
  ): Promise<EventStream | Subscription> {
    const operation = 'evt.subscribe';
    const checked = checkFilters(operation, filters);
    const handler = typeof first === 'function' ? first : undefined;
    if (handler === undefined && second !== undefined) throw invalid(operation, 'handler must be a function');
    const options = handler === undefined ? (first as WaitOptions | undefined) : second;
    this.#check(operation, options);
    if ((this.#flags & SUBSCRIBER) === 0) throw noAccess(operation, 'subscribing');
    return this.#subscribe(operation, checked, handler, options);
  }

  async clearRetentionTime(eventId: bigint, options?: WaitOptions): Promise<void> {
    const operation = 'evt.clearRetentionTime';
    const id = checkEventId(operation, eventId);
    this.#check(operation, options);
    const body = new BodyWriter(12).u32(this.handle).u64(id).finish();
    return this.#calls.call({ operation, options, fn: EVT.clear, body, owner: this, result: () => {} });
  }

  async close(): Promise<void> {
    if (this.#isClosed) throw closed('evt.close');
    this.end();
    await closeHandle(this.#calls, this.handle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.close();
  }

  /** Ends it for its user. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.listen(this.handle, undefined);
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#calls.endOwner(this, closed);
    this.onEnd();
  }

  /** For a subscription: it is over here at once, and in the executive as soon as that can be told. */
  async unsubscribe(number: number, options: WaitOptions | undefined): Promise<void> {
    this.#check('evt.unsubscribe', options);
    this.#forget(number);
    try {
      await this.#tellUnsubscribe(number, { ...options, tryAgain: 'wait' });
    } catch (error) {
      void this.#tellUnsubscribe(number, SURELY).catch(() => {});
      throw error;
    }
  }

  #tellUnsubscribe(number: number, options: WaitOptions): Promise<void> {
    const body = new BodyWriter(8).u32(this.handle).u32(number).finish();
    return this.#calls.call({ operation: 'evt.unsubscribe', options, fn: EVT.unsubscribe, body, result: () => {} });
  }

  // --- events --------------------------------------------------------------------------------------------------------------

  #heard(fn: number, body: BodyReader): void {
    if (fn === EVT_CLOSED) this.end();
    if (fn === EVT_EVENT) this.#subscriptions.get(body.u32())?.receive(toEvent(body.rest()));
  }

  async #subscribe(
    operation: string,
    filters: readonly FilterRecord[],
    handler: Handler | undefined,
    options: WaitOptions | undefined,
  ): Promise<EventStream | Subscription> {
    const number = ++this.#lastSubscription;
    const subscription =
      handler === undefined ? new StreamSubscription(this, number) : new HandledSubscription(this, number, handler);
    // What is retained comes before the answer.
    this.#subscriptions.set(number, subscription);
    try {
      return await this.#calls.call({
        operation,
        options,
        fn: EVT.subscribe,
        body: writeFilters(new BodyWriter().u32(this.handle).u32(number), filters).finish(),
        owner: this,
        result: () => {
          subscription.start();
          return subscription;
        },
        late: () => void this.unsubscribe(number, undefined).catch(() => {}),
      });
    } catch (error) {
      this.#forget(number);
      // The executive keeps the filters from when it hears of them until they have their place, which they may never get.
      if (!this.#isClosed) void this.#tellUnsubscribe(number, SURELY).catch(() => {});
      throw error;
    }
  }

  #forget(number: number): void {
    this.#subscriptions.get(number)?.end();
    this.#subscriptions.delete(number);
  }

  #check(operation: string, options: WaitOptions | undefined): void {
    this.#calls.patience(operation, options);
    if (this.#isClosed) throw closed(operation);
  }
}

function closed(operation: string, outcome: 'none' | 'unknown' = 'none'): AisError {
  return aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the channel is closed', { outcome });
}

function noAccess(operation: string, what: string): AisError {
  return aisError('SA_AIS_ERR_ACCESS', operation, `the channel is not open for ${what}`);
}
