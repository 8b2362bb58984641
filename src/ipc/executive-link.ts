/** The executive's end of a connection. What comes from the client is checked before anybody hears of it. */
import { AisError, aisError } from '../ais-error.js';
import { type BodyError, BodyReader, BodyWriter } from './body.js';
import {
  ACKNOWLEDGE,
  ANSWER,
  ANSWER_HEADER_SIZE,
  CANCEL,
  CREDIT,
  EVENT,
  EVENT_HEADER_SIZE,
  FRAME_MAX,
  FrameError,
  HELLO_MAX,
  REQUEST,
  REQUEST_COST,
  REQUEST_HEADER_SIZE,
} from './frame.js';
import { FrameStream, type StreamUser } from './frame-stream.js';
import { checkHello, send, sendEnd, sendWelcome } from './handshake.js';
import {
  ANSWERS_MAX,
  type Answer,
  type Growing,
  type LinkHandler,
  OPEN_REQUESTS_MAX,
  OUTBOX_MAX,
  REQUEST_WINDOW,
  type RunLink,
  type Welcome,
} from './link.js';
import { Turns } from './turns.js';

/** Bytes that were taken up before the library is told: they are told together. */
const CREDIT_STEP = REQUEST_WINDOW / 4;
/** Milliseconds that a client which was dropped because it did not read has to hear why. */
const LATE_READER_MS = 60_000;
const OPERATION = 'ipc.connection';
const TEXT_MAX = 1024;

export interface ExecutiveEndOptions {
  readonly welcome: () => Welcome;
  /** Why this client is not admitted. */
  readonly refusal?: AisError | undefined;
  readonly serve: (link: RunLink) => LinkHandler;
  /** Why it ended: undefined if the client closed it. Called once. */
  readonly ended?: (reason: AisError | undefined) => void;
}

export class ExecutiveEnd implements RunLink, StreamUser {
  readonly stream = new FrameStream(this);
  readonly #options: ExecutiveEndOptions;
  growing: Growing | undefined;
  #handler: LinkHandler | undefined;
  /** Bytes of requests that were heard and not taken up. */
  #held = 0;
  /** Bytes that were taken up, and the library does not know. */
  #credit = 0;
  /** Tags that are to be answered, and what is expected of each answer. */
  readonly #open = new Map<number, number>();
  #expected = 0;
  readonly #readers = new Turns();
  #isEnded = false;

  constructor(options: ExecutiveEndOptions) {
    this.#options = options;
    this.stream.limit(HELLO_MAX);
  }

  /** The client is there: after its hello, or at once if it needs none. */
  open(): void {
    this.stream.limit(FRAME_MAX);
    this.#handler = this.#options.serve(this);
  }

  get isOpen(): boolean {
    return this.#handler !== undefined;
  }

  get waiting(): number {
    return this.stream.waiting + this.#expected;
  }

  expect(tag: number, bytes: number): void {
    const before = this.#open.get(tag);
    if (before === undefined) return;
    this.#open.set(tag, before + bytes);
    this.#expected += bytes;
  }

  whenRead(attempt: () => boolean): () => void {
    return this.#readers.wait(attempt);
  }

  takenUp(bytes: number): void {
    this.#held -= bytes + REQUEST_COST;
    this.#credit += bytes + REQUEST_COST;
    if (this.#credit < CREDIT_STEP || this.#isEnded) return;
    const at = this.stream.packer.begin(CREDIT, 4);
    this.stream.packer.memory.writeUInt32LE(this.#credit, at);
    this.#credit = 0;
  }

  answer(tag: number, answer: Answer): void {
    this.settle();
    const expected = this.#open.get(tag);
    if (expected === undefined || this.#isEnded) return;
    this.#open.delete(tag);
    this.#expected -= expected;
    if (answer.code === 'SA_AIS_OK') {
      const { body } = answer;
      const at = this.stream.packer.begin(ANSWER, ANSWER_HEADER_SIZE + body.length);
      const { memory } = this.stream.packer;
      memory.writeUInt32LE(tag, at);
      memory[at + 4] = 0;
      memory.set(body, at + ANSWER_HEADER_SIZE);
    } else {
      const { code, index = -1, what, mayHaveEffect = false } = answer;
      const body = new BodyWriter()
        .u32(tag)
        .u8(mayHaveEffect ? 2 : 1)
        .text(code);
      send(this.stream, ANSWER, body.u32(index + 1).text(what.slice(0, TEXT_MAX)));
    }
    this.#checkOutbox();
  }

  event(
    service: number,
    object: number,
    fn: number,
    body: Uint8Array,
    data?: Buffer,
    start = 0,
    end = data?.length ?? 0,
  ) {
    this.settle();
    if (this.#isEnded) return;
    const at = this.stream.packer.begin(EVENT, EVENT_HEADER_SIZE + body.length + end - start);
    const { memory } = this.stream.packer;
    memory[at] = service;
    memory.writeUInt16LE(fn, at + 1);
    memory.writeUInt32LE(object, at + 3);
    memory.set(body, at + EVENT_HEADER_SIZE);
    data?.copy(memory, at + EVENT_HEADER_SIZE + body.length, start, end);
    this.#checkOutbox();
  }

  grow(event: Growing): void {
    this.growing = event;
  }

  settle(): void {
    const { growing } = this;
    if (growing === undefined) return;
    this.growing = undefined;
    growing.write();
  }

  end(reason: AisError, graceMs?: number): void {
    this.settle();
    if (this.#isEnded) return;
    sendEnd(this.stream, reason);
    this.#finish(reason);
    this.stream.end(graceMs);
  }

  // --- what comes ----------------------------------------------------------------------------------------------------------

  frame(kind: number, memory: Buffer, start: number, end: number): void {
    const handler = this.#handler;
    if (handler === undefined) {
      this.#hello(kind, new BodyReader(memory, start, end));
      return;
    }
    switch (kind) {
      case REQUEST:
        this.#request(handler, memory, start, end);
        return;
      case CANCEL: {
        const tag = new BodyReader(memory, start, end).u32();
        // Tag 0 is that of every request without an answer.
        if (tag === 0) throw new FrameError('a cancel of no request');
        handler.cancel(tag);
        return;
      }
      case ACKNOWLEDGE: {
        const body = new BodyReader(memory, start, end);
        handler.acknowledged(body.u8(), body.u32(), body.u32());
        return;
      }
      default:
        throw new FrameError(`a frame of kind ${kind}`);
    }
  }

  endOfBatch(): void {}

  sent(): void {
    this.#readers.serve(() => this.waiting < ANSWERS_MAX && !this.#isEnded);
  }

  failed(error: FrameError | BodyError): void {
    this.end(aisError('SA_AIS_ERR_LIBRARY', OPERATION, `what came is none of this protocol: ${error.message}`));
  }

  gone(): void {
    this.#finish(undefined);
  }

  #hello(kind: number, body: BodyReader): void {
    try {
      checkHello(kind, body);
    } catch (error) {
      if (!AisError.is(error)) throw error;
      this.end(error);
      return;
    }
    const { refusal, welcome } = this.#options;
    if (refusal !== undefined) {
      this.end(refusal);
      return;
    }
    sendWelcome(this.stream, welcome());
    this.open();
  }

  #request(handler: LinkHandler, memory: Buffer, start: number, end: number): void {
    const at = start + REQUEST_HEADER_SIZE;
    if (at > end) throw new FrameError('a request that is cut off');
    if (this.#held + this.#credit >= REQUEST_WINDOW + CREDIT_STEP)
      throw new FrameError(`more than ${REQUEST_WINDOW} bytes of requests that were not taken up`);
    const tag = memory.readUInt32LE(start + 4);
    if (tag !== 0) {
      if (this.#open.has(tag)) throw new FrameError(`tag ${tag} twice`);
      if (this.#open.size >= OPEN_REQUESTS_MAX) throw new FrameError(`more than ${OPEN_REQUESTS_MAX} requests`);
      this.#open.set(tag, 0);
    }
    this.#held += end - at + REQUEST_COST;
    const [service, fn, flags] = [memory[start]!, memory.readUInt16LE(start + 1), memory[start + 3]!];
    handler.request({ service, fn, tag, flags, memory, start: at, end });
  }

  #checkOutbox(): void {
    if (this.stream.waiting <= OUTBOX_MAX) return;
    const what = `the client is ${this.stream.waiting} bytes behind, more than ${OUTBOX_MAX}`;
    this.stream.drop();
    this.end(aisError('SA_AIS_ERR_NO_RESOURCES', OPERATION, what), LATE_READER_MS);
  }

  #finish(reason: AisError | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#readers.clear();
    const handler = this.#handler;
    // A service may be in the middle of telling its clients something.
    queueMicrotask(() => {
      handler?.closed();
      this.#options.ended?.(reason);
    });
  }
}
