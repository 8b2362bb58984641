/** Applies ordered messages to services: with the time of the cluster, and a position that is the same on all nodes. */
import { BodyError, type BodyReader } from '../../ipc/body.js';
import { type ExecutiveMessage, failure, type Outcome, type Service } from '../service.js';
import type { OrderedHeader } from './ordered.js';

/** The configuration in which a message is delivered. */
export interface Place {
  readonly viewNumber: number;
  /** Of the ring: a disk that forgot may lead to the same sequence again. */
  readonly nonce: number;
  readonly isTransitional: boolean;
  /** Its first member. */
  readonly first: number;
}

export class Applier {
  readonly #onViolation: (what: string) => void;
  #time = 0;
  /** Messages that were applied since the regular configuration began. */
  #index = 0n;

  constructor(onViolation: (what: string) => void) {
    this.#onViolation = onViolation;
  }

  /** Of the cluster: no message that was applied carried a later one. */
  get time(): number {
    return this.#time;
  }

  /** A regular configuration begins. */
  begin(): void {
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

  apply(
    service: Service,
    fn: number,
    sender: number,
    header: OrderedHeader,
    body: BodyReader,
    place: Place,
  ): Outcome | undefined {
    this.expire(service, header.time);
    const index = this.#index++;
    return this.#handle(service, fn, {
      sender,
      connection: header.connection,
      time: this.#time,
      body,
      get position() {
        return positionOf(place, index);
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

/**
 * Rings of equal sequence that exist beside each other have different first members, and so have the transitional configurations that
 * follow a regular one; what is delivered in the latter may differ between them (totem 2.3).
 */
function positionOf({ viewNumber, nonce, isTransitional, first }: Place, index: bigint): bigint {
  const configuration = (BigInt(viewNumber) << 1n) | (isTransitional ? 1n : 0n);
  return (configuration << 128n) | (BigInt(first) << 96n) | (BigInt(nonce) << 64n) | index;
}
