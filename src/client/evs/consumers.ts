/** Consumers of an inbox that are functions of the user. */
import { callHandler } from '../call-handler.js';
import type { Consumer, EvsEvent } from './inbox.js';
import type { Configuration, EvsBatchHandler, EvsHandlers, Message } from './types.js';

/** Each event is consumed when its handler returns, so there is never too much of them. */
export class HandlerConsumer implements Consumer {
  readonly #message: (message: Message) => void;
  readonly #configuration: ((configuration: Configuration) => void) | undefined;

  constructor(handlers: EvsHandlers) {
    this.#message = handlers.message.bind(handlers);
    this.#configuration = handlers.configuration?.bind(handlers);
  }

  message(message: Message): boolean {
    callHandler(this.#message, message);
    return true;
  }

  configuration(configuration: Configuration): boolean {
    if (this.#configuration !== undefined) callHandler(this.#configuration, configuration);
    return true;
  }

  endOfBatch(): void {}
}

export class BatchConsumer implements Consumer {
  readonly #batch: (events: readonly EvsEvent[]) => void;
  #events: EvsEvent[] = [];

  constructor(handler: EvsBatchHandler) {
    this.#batch = handler.batch.bind(handler);
  }

  message(message: Message): boolean {
    this.#events.push(message);
    return true;
  }

  configuration(configuration: Configuration): boolean {
    this.#events.push(configuration);
    return true;
  }

  endOfBatch(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    callHandler(this.#batch, events);
  }
}
