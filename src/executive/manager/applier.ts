/** Applies ordered messages to services: with the time of the cluster, and a position that is the same on all nodes. */
import { BodyError, type BodyReader } from '../../ipc/body.js';
import { type ExecutiveMessage, failure, type Outcome, type Service } from '../service.js';
import type { OrderedHeader } from './ordered.js';

export class Applier {
  readonly #onViolation: (what: string) => void;
  #time = 0;
  #viewNumber = 0;
  #representative = 0;
  /** Messages that were applied in this configuration. */
  #index = 0n;

  constructor(onViolation: (what: string) => void) {
    this.#onViolation = onViolation;
  }

  /** Of the cluster: no message that was applied carried a later one. */
  get time(): number {
    return this.#time;
  }

  /** A regular configuration begins. */
  begin(viewNumber: number, representative: number): void {
    this.#viewNumber = viewNumber;
    this.#representative = representative;
    this.#index = 0n;
  }

  /** Time goes on. */
  advance(time: number): void {
    this.#time = Math.max(this.#time, time);
  }

  /** What is over by then ends first. */
  expire(service: Service, time: number): void {
    this.advance(time);
    if ((service.nextDeadline?.() ?? Number.POSITIVE_INFINITY) <= this.#time) service.expire?.(this.#time);
  }

  apply(service: Service, fn: number, sender: number, header: OrderedHeader, body: BodyReader): Outcome | undefined {
    this.expire(service, header.time);
    // Rings of equal sequence that exist beside each other have different representatives.
    const [view, representative, index] = [this.#viewNumber, this.#representative, this.#index++];
    return this.#handle(service, fn, {
      sender,
      connection: header.connection,
      time: this.#time,
      body,
      get position() {
        return (BigInt(view) << 96n) | (BigInt(representative) << 64n) | index;
      },
    });
  }

  #handle(service: Service, fn: number, message: ExecutiveMessage): Outcome | undefined {
    try {
      const handler = service.executive[fn];
      if (handler === undefined) throw new BodyError(`there is no function ${fn}`);
      return handler(message);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      this.#onViolation(`node ${message.sender}, service ${service.id}: ${error.message}`);
      return failure('SA_AIS_ERR_LIBRARY', 'the message was malformed');
    }
  }
}
