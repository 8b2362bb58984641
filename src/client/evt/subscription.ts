/** Subscriptions of an open channel, as their users hold them. */
import { aisError } from '../../ais-error.js';
import { callHandler } from '../call-handler.js';
import { Pull } from '../pull.js';
import type { WaitOptions } from '../types.js';
import { type ChannelQueue, SubscriptionQueue } from './queue.js';
import type { ChannelEvent, EventStream, Subscription } from './types.js';

/** What a subscription needs of its channel. */
export interface SubscriptionHost {
  readonly queue: ChannelQueue;
  readonly isClosed: boolean;
  /** Forgets it, here and in the executive. */
  unsubscribe(number: number, options: WaitOptions | undefined): Promise<void>;
}

abstract class SubscriptionClient implements Subscription {
  readonly number: number;
  protected readonly host: SubscriptionHost;
  #isOver = false;

  /** `number`: unique in the channel. */
  constructor(host: SubscriptionHost, number: number) {
    this.host = host;
    this.number = number;
  }

  abstract receive(event: ChannelEvent): void;

  /** The user has it in hand. */
  start(): void {}

  async unsubscribe(options?: WaitOptions): Promise<void> {
    const operation = 'evt.unsubscribe';
    if (this.host.isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the channel is closed');
    if (this.#isOver) throw aisError('SA_AIS_ERR_NOT_EXIST', operation, 'it is unsubscribed');
    await this.host.unsubscribe(this.number, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.unsubscribe();
  }

  /** Nothing comes any more, and what waits is gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd();
  }

  protected get isOver(): boolean {
    return this.#isOver;
  }

  protected abstract onEnd(): void;
}

export type AnySubscription = SubscriptionClient;

/** Its handler takes events at once: none of them waits in the queue. */
export class HandledSubscription extends SubscriptionClient {
  readonly #handler: (event: ChannelEvent) => void;
  /** What came before the user had it in hand; then undefined. */
  #early: ChannelEvent[] | undefined = [];

  constructor(host: SubscriptionHost, number: number, handler: (event: ChannelEvent) => void) {
    super(host, number);
    this.#handler = handler;
  }

  receive(event: ChannelEvent): void {
    if (this.#early === undefined) callHandler(this.#handler, event);
    else this.#early.push(event);
  }

  /** In a turn of the event loop of its own, so that the promise of subscribe() has settled before. */
  override start(): void {
    setImmediate(() => {
      for (let event = this.#early?.shift(); event !== undefined; event = this.#early?.shift()) {
        callHandler(this.#handler, event);
      }
      if (!this.isOver) this.#early = undefined;
    });
  }

  protected onEnd(): void {
    this.#early = [];
  }
}

export class StreamSubscription extends SubscriptionClient implements EventStream {
  readonly #waiting: SubscriptionQueue = new SubscriptionQueue((event) => this.#pull.offer(event));
  readonly #pull: Pull<ChannelEvent> = new Pull(() => this.host.queue.take(this.#waiting));

  constructor(host: SubscriptionHost, number: number) {
    super(host, number);
    host.queue.add(this.#waiting);
  }

  receive(event: ChannelEvent): void {
    this.host.queue.put(this.#waiting, event);
  }

  [Symbol.asyncIterator](): AsyncIterator<ChannelEvent> {
    return this.#pull[Symbol.asyncIterator]();
  }

  protected onEnd(): void {
    this.host.queue.remove(this.#waiting);
    this.#pull.end();
  }
}
