/** The library's end of a connection. */
import { AisError, aisError } from '../ais-error.js';
import { type BodyError, BodyReader } from './body.js';
import {
  ACKNOWLEDGE,
  ANSWER,
  CANCEL,
  CREDIT,
  END,
  EVENT,
  EVENT_HEADER_SIZE,
  FrameError,
  LENGTH_SIZE,
  REQUEST,
  REQUEST_COST,
  REQUEST_HEADER_SIZE,
  WELCOME,
} from './frame.js';
import { FrameStream, type StreamUser } from './frame-stream.js';
import { readCode, readEnd, readWelcome, sendHello } from './handshake.js';
import {
  type Answer,
  BODY_MAX,
  type EventListener,
  OPEN_REQUESTS_MAX,
  OUTBOX_MAX,
  REQUEST_WINDOW,
  type Welcome,
  type WindowLink,
} from './link.js';
import { Turns } from './turns.js';

type Heard = (fn: number, body: Buffer) => void;

const OPERATION = 'ais.connection';
const TAG_MAX = 0xffffffff;
/** Bytes of a request of several items: it is taken up as a whole. */
const ITEMS_MAX = 32 << 10;
/** What an event that is held counts beside its body. */
const HELD_COST = 64;

export class LibraryEnd implements WindowLink, StreamUser {
  readonly stream = new FrameStream(this);
  welcome!: Welcome;
  /** The executive said who it is. */
  onWelcome: () => void = () => {};
  #onEnd: ((reason: AisError) => void) | undefined;
  /** Why it ended, while nobody wanted to know. */
  #reason: AisError | undefined;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #heard = new Map<number, Heard>();
  readonly #listeners: (EventListener | undefined)[] = [];
  readonly #turns = new Turns();
  /** Bytes of events that wait behind what a listener keeps back. */
  #held = 0;
  /** Bytes of requests that the executive has not taken up. */
  #onTheWay = 0;
  #lastTag = 0;
  /** Of the request of items that may grow, while `begun` of the packer is this. */
  #itemsHead: Uint8Array | undefined;
  #itemsFrame = 0;
  #isEnded = false;

  /** With a welcome there is no hello: both ends are in this process. */
  constructor(welcome?: Welcome) {
    if (welcome === undefined) sendHello(this.stream);
    else this.welcome = welcome;
  }

  get onEnd(): (reason: AisError) => void {
    return this.#onEnd ?? (() => {});
  }

  /** Told later, also if the link has ended before. */
  set onEnd(onEnd: (reason: AisError) => void) {
    this.#onEnd = onEnd;
    const reason = this.#reason;
    if (reason !== undefined) queueMicrotask(() => this.#tell(reason));
  }

  /** Whoever is told next is told, also of an end until then. */
  forgetOnEnd(): void {
    this.#onEnd = undefined;
  }

  get hasRoom(): boolean {
    return this.#turns.isOpen && this.#isBelowBounds();
  }

  request(
    service: number,
    fn: number,
    flags: number,
    body: Uint8Array,
    answered?: (answer: Answer) => void,
    rest?: Uint8Array,
  ): number | false {
    const size = body.length + (rest === undefined ? 0 : rest.length);
    if (this.#isEnded || (size <= BODY_MAX && !this.hasRoom)) return false;
    if (size > BODY_MAX) throw aisError('SA_AIS_ERR_TOO_BIG', OPERATION, `a request of ${size} bytes`);
    const tag = answered === undefined ? 0 : this.#newTag(answered);
    const at = this.#begin(service, fn, flags, tag, size);
    const { memory } = this.stream.packer;
    memory.set(body, at);
    if (rest !== undefined) memory.set(rest, at + body.length);
    return tag;
  }

  requestItem(service: number, fn: number, head: Uint8Array, item: Uint8Array): boolean {
    if (!this.hasRoom) return false;
    const { packer } = this.stream;
    const size = LENGTH_SIZE + item.length;
    const isSame = head === this.#itemsHead && packer.begun === this.#itemsFrame;
    let at = isSame ? packer.extend(size, ITEMS_MAX) : -1;
    if (at < 0) {
      const start = this.#begin(service, fn, 0, 0, head.length + size);
      packer.memory.set(head, start);
      at = start + head.length;
      this.#itemsHead = head;
      this.#itemsFrame = packer.begun;
    } else {
      this.#onTheWay += size;
    }
    packer.memory.writeUInt32LE(item.length, at);
    packer.memory.set(item, at + LENGTH_SIZE);
    return true;
  }

  cancel(tag: number): void {
    if (this.#isEnded || !this.#answers.has(tag)) return;
    const at = this.stream.packer.begin(CANCEL, 4);
    this.stream.packer.memory.writeUInt32LE(tag, at);
  }

  acknowledge(service: number, object: number, bytes: number): void {
    if (this.#isEnded) return;
    const at = this.stream.packer.begin(ACKNOWLEDGE, 9);
    const { memory } = this.stream.packer;
    memory[at] = service;
    memory.writeUInt32LE(object, at + 1);
    memory.writeUInt32LE(bytes, at + 5);
  }

  whenRoom(attempt: () => boolean): () => void {
    return this.#turns.wait(attempt);
  }

  listen(service: number, object: number, heard: Heard | undefined): void {
    const key = keyOf(service, object);
    if (heard === undefined) this.#heard.delete(key);
    else this.#heard.set(key, heard);
  }

  listenAll(service: number, listener: EventListener): void {
    this.#listeners[service] = listener;
  }

  close(): void {
    if (this.#isEnded) return;
    this.#finish();
    this.stream.end();
  }

  // --- what comes ----------------------------------------------------------------------------------------------------------

  frame(kind: number, memory: Buffer, start: number, end: number): void {
    if (this.welcome === undefined && kind !== WELCOME && kind !== END)
      throw new FrameError(`frame ${kind} for a welcome`);
    switch (kind) {
      case EVENT:
        this.#event(memory, start, end);
        return;
      case ANSWER:
        this.#answer(new BodyReader(memory, start, end));
        return;
      case CREDIT:
        this.#credit(new BodyReader(memory, start, end).u32());
        return;
      case WELCOME:
        this.welcome = readWelcome(new BodyReader(memory, start, end));
        this.onWelcome();
        return;
      case END:
        this.#end(readEnd(new BodyReader(memory, start, end)));
        return;
      default:
        throw new FrameError(`a frame of kind ${kind}`);
    }
  }

  endOfBatch(): void {
    for (const listener of this.#listeners) listener?.endOfBatch();
  }

  failed(error: FrameError | BodyError): void {
    const what = `the executive sends what is none of this protocol: ${error.message}`;
    this.#end(aisError('SA_AIS_ERR_LIBRARY', OPERATION, what, { cause: error }));
  }

  gone(cause?: Error): void {
    const what = 'the executive is gone';
    this.#end(AisError.is(cause) ? cause : aisError('SA_AIS_ERR_LIBRARY', OPERATION, what, cause && { cause }));
  }

  /** Returns where its body goes. */
  #begin(service: number, fn: number, flags: number, tag: number, size: number): number {
    this.#onTheWay += size + REQUEST_COST;
    const at = this.stream.packer.begin(REQUEST, REQUEST_HEADER_SIZE + size);
    const { memory } = this.stream.packer;
    memory[at] = service;
    memory.writeUInt16LE(fn, at + 1);
    memory[at + 3] = flags;
    memory.writeUInt32LE(tag, at + 4);
    return at + REQUEST_HEADER_SIZE;
  }

  #event(memory: Buffer, start: number, end: number): void {
    const at = start + EVENT_HEADER_SIZE;
    if (at > end) throw new FrameError('an event that is cut off');
    const service = memory[start]!;
    const fn = memory.readUInt16LE(start + 1);
    const object = memory.readUInt32LE(start + 3);
    const key = keyOf(service, object);
    const heard = this.#heard.size === 0 ? undefined : this.#heard.get(key);
    if (heard === undefined) {
      this.#listeners[service]?.event(object, fn, memory, at, end);
      return;
    }
    // All services of a connection are told in one order.
    this.endOfBatch();
    const holder = this.#listeners.find((listener) => listener?.isHolding);
    if (holder === undefined) heard(fn, memory.subarray(at, end));
    else this.#hold(holder, key, fn, Buffer.from(memory.subarray(at, end)));
  }

  #hold(holder: EventListener, key: number, fn: number, body: Buffer): void {
    const cost = HELD_COST + body.length;
    this.#held += cost;
    if (this.#held > OUTBOX_MAX) {
      const what = `${this.#held} bytes of events wait behind a session that is not read, more than ${OUTBOX_MAX}`;
      this.#end(aisError('SA_AIS_ERR_NO_RESOURCES', OPERATION, what));
      return;
    }
    holder.behind(() => {
      this.#held -= cost;
      this.#heard.get(key)?.(fn, body);
    });
  }

  #answer(body: BodyReader): void {
    const tag = body.u32();
    const answered = this.#answers.get(tag);
    if (answered === undefined) throw new FrameError(`an answer to ${tag}, which was not asked`);
    this.#answers.delete(tag);
    answered(readAnswer(body));
    this.#turns.serve(() => this.#isBelowBounds());
  }

  #credit(bytes: number): void {
    if (bytes > this.#onTheWay) throw new FrameError(`a credit of ${bytes} bytes, more than was sent`);
    this.#onTheWay -= bytes;
    this.#turns.serve(() => this.#isBelowBounds());
  }

  #isBelowBounds(): boolean {
    return this.#onTheWay < REQUEST_WINDOW && this.#answers.size < OPEN_REQUESTS_MAX && !this.#isEnded;
  }

  #newTag(answered: (answer: Answer) => void): number {
    do this.#lastTag = this.#lastTag === TAG_MAX ? 1 : this.#lastTag + 1;
    while (this.#answers.has(this.#lastTag));
    this.#answers.set(this.#lastTag, answered);
    return this.#lastTag;
  }

  #end(reason: AisError): void {
    if (this.#isEnded) return;
    this.#finish();
    this.stream.end();
    this.#reason = reason;
    if (this.#onEnd !== undefined) this.#tell(reason);
  }

  #tell(reason: AisError): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#onEnd?.(reason);
  }

  #finish(): void {
    this.#isEnded = true;
    this.#answers.clear();
    this.#heard.clear();
    this.#listeners.length = 0;
    this.#turns.clear();
  }
}

function keyOf(service: number, object: number): number {
  return service * 2 ** 32 + object;
}

/** The body is the receiver's own. */
function readAnswer(body: BodyReader): Answer {
  const kind = body.u8();
  if (kind === 0) return { code: 'SA_AIS_OK', body: Buffer.from(body.rest()) };
  if (kind > 2) throw new FrameError(`an answer of kind ${kind}`);
  const code = readCode(body);
  const index = body.u32();
  const what = body.text();
  const effect = kind === 2 ? ({ mayHaveEffect: true } as const) : {};
  return index === 0 ? { code, what, ...effect } : { code, what, index: index - 1, ...effect };
}
