/** A client, as the service manager knows it: its requests take effect in their order, and the first that has to wait holds the others. */
import { aisError } from '../../ais-error.js';
import { BodyError, BodyReader } from '../../ipc/body.js';
import { ANSWERS_MAX, type Answer, type ExecutiveLink, NO_WAIT, type RequestHandler } from '../../ipc/link.js';
import { failure, type LibraryConnection, type LibraryHandler, type Outcome, type Service } from '../service.js';

/** Bytes that an answer is expected to have whose service says nothing of them. */
const ANSWER_SIZE = 1024;

export interface Waiting {
  readonly service: number;
  readonly fn: number;
  readonly tag: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** Where a request goes that is answered when its message comes by in the total order. */
export interface OrderedRequest {
  readonly service: Service;
  readonly fn: number;
  readonly body: Uint8Array;
  readonly isSafe: boolean;
  readonly connection: ManagedConnection;
  /** Of the request; 0: nobody waits for the answer. */
  readonly tag: number;
  readonly mayWait: boolean;
}

export interface ConnectionHost {
  readonly services: ReadonlyMap<number, Service>;
  /** Whether messages may be ordered now: synchronised, primary, room, and nobody waits for it. */
  readonly isOpen: boolean;
  /** False: there was no room for it. */
  order(request: OrderedRequest): boolean;
  /** Calls back when everything is applied that was ordered before this call. */
  afterBarrier(run: () => void): void;
  /** Calls back, in the order of waiting, when `isOpen`. Returns how to give it up. */
  whenOpen(attempt: () => void): () => void;
  closed(connection: ManagedConnection): void;
}

export class ManagedConnection implements RequestHandler {
  readonly id: number;
  readonly #host: ConnectionHost;
  readonly #link: ExecutiveLink;
  /** Bounded by the request window of the link. */
  #waiting: Waiting[] = [];
  /** Ordered by its handler, and not accepted yet. */
  #stuck: OrderedRequest | undefined;
  #giveUp: (() => void) | undefined;
  readonly #faces = new Map<number, LibraryConnection>();
  #isClosed = false;

  constructor(host: ConnectionHost, link: ExecutiveLink, id: number) {
    this.#host = host;
    this.#link = link;
    this.id = id;
  }

  /** Services that it has asked something of. */
  get faces(): ReadonlyMap<number, LibraryConnection> {
    return this.#faces;
  }

  request(service: number, fn: number, tag: number, flags: number, body: Buffer): void {
    if (this.#isClosed) return;
    const request = { service, fn, tag, flags, body };
    if (this.#giveUp === undefined) {
      this.#waiting.push(request);
      this.#pump();
    } else if ((flags & NO_WAIT) === 0) {
      this.#waiting.push(request);
    } else {
      this.answer(tag, TRY_AGAIN);
      this.#link.takenUp(body.length);
    }
  }

  cancel(tag: number): void {
    const index = this.#waiting.findIndex((request) => request.tag === tag);
    if (index < 0) return;
    const [request] = this.#waiting.splice(index, 1);
    this.#link.takenUp(request!.body.length);
    this.answer(tag, failure('SA_AIS_ERR_INTERRUPT', 'it was given up'));
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#giveUp?.();
    this.#waiting = [];
    this.#stuck = undefined;
    this.#host.closed(this);
  }

  answer(tag: number, outcome: Outcome): void {
    if (this.#isClosed || tag === 0) return;
    this.#link.answer(tag, toAnswer(outcome));
  }

  end(what: string): void {
    this.#link.end(aisError('SA_AIS_ERR_LIBRARY', 'ais.connection', what));
    this.closed();
  }

  #pump(): void {
    while (!this.#isClosed && !this.#isHeld()) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      if (this.#link.waiting >= ANSWERS_MAX) {
        this.#waiting.unshift(first);
        this.#waitUntilRead();
        return;
      }
      if (!this.#handle(first)) {
        this.#waiting.unshift(first);
        this.#wait();
        return;
      }
      this.#link.takenUp(first.body.length);
    }
  }

  /** The message of the last handler has no room: nothing goes before it. */
  #isHeld(): boolean {
    if (this.#stuck === undefined) return false;
    if (!this.#host.order(this.#stuck)) {
      this.#wait();
      return true;
    }
    this.#stuck = undefined;
    return false;
  }

  #wait(): void {
    this.#giveUp ??= this.#host.whenOpen(() => {
      this.#giveUp = undefined;
      this.#pump();
    });
  }

  #waitUntilRead(): void {
    this.#giveUp ??= this.#link.whenRead(() => {
      this.#giveUp = undefined;
      this.#pump();
      return true;
    });
  }

  /** False: it has to wait, and nothing was done. */
  #handle(request: Waiting): boolean {
    const service = this.#host.services.get(request.service);
    const handler = service?.library[request.fn];
    if (service === undefined || handler === undefined) {
      this.answer(request.tag, failure('SA_AIS_ERR_NOT_SUPPORTED', 'the executive knows no such request'));
      return true;
    }
    const mayWait = (request.flags & NO_WAIT) === 0;
    if (handler.flowControl === 'ordered' && !this.#host.isOpen) {
      if (!mayWait) this.answer(request.tag, TRY_AGAIN);
      return !mayWait;
    }
    this.#call(service, handler, request, mayWait);
    return true;
  }

  #call(service: Service, handler: LibraryHandler, request: Waiting, mayWait: boolean): void {
    const { tag } = request;
    const answer = (outcome: Outcome) => this.answer(tag, outcome);
    const connection = this.#face(service);
    try {
      handler.handle({
        connection,
        body: new BodyReader(request.body),
        answer,
        order: (fn, body, options = {}) => {
          const { safe: isSafe = false, about = 0 } = options;
          this.#link.expect(tag, about);
          this.#order({ service, fn, body, isSafe, connection: this, tag, mayWait });
        },
        afterBarrier: (read, about = ANSWER_SIZE) => {
          this.#link.expect(tag, about);
          this.#host.afterBarrier(() => answer(read()));
        },
      });
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      answer(failure('SA_AIS_ERR_INVALID_PARAM', `a malformed request: ${error.message}`));
    }
  }

  #order(request: OrderedRequest): void {
    if (this.#host.order(request)) return;
    if (request.mayWait) this.#stuck = request;
    else this.answer(request.tag, TRY_AGAIN);
  }

  #face(service: Service): LibraryConnection {
    const known = this.#faces.get(service.number);
    if (known !== undefined) return known;
    const face: LibraryConnection = {
      id: this.id,
      event: (object, fn, body) => {
        if (!this.#isClosed) this.#link.event(service.number, object, fn, body);
      },
    };
    this.#faces.set(service.number, face);
    return face;
  }
}

export const TRY_AGAIN = failure('SA_AIS_ERR_TRY_AGAIN', 'the executive takes nothing at present');

function toAnswer(outcome: Outcome): Answer {
  if (outcome.ok) return { code: 'SA_AIS_OK', body: asBuffer(outcome.body) };
  const { ok: _, ...error } = outcome;
  return error;
}

const EMPTY = Buffer.alloc(0);

function asBuffer(bytes: Uint8Array | undefined): Buffer {
  if (bytes === undefined) return EMPTY;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
