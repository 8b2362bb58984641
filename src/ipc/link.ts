/**
 * A connection between library and executive, as services see it: frames in both directions, in order. Through a socket they are
 * packed into one write a tick; in process they are handed over, and never from inside a call (pitfall 7), so both behave alike.
 *
 * | direction | frame | meaning |
 * |---|---|---|
 * | to the executive | request(service, fn, tag, flags, body) | tag 0: no answer is wanted |
 * | | cancel(tag) | if it waits still, and no part of it was taken, it is dropped, and answered SA_AIS_ERR_INTERRUPT; never tag 0 |
 * | | acknowledge(service, object, bytes) | so much of what the object was told is consumed |
 * | to the library | answer(tag, result, body) | one for each request with a tag |
 * | | event(service, object, fn, body) | what an object of the client (track, channel, watch …) is told |
 *
 * Flow: a library begins no request while REQUEST_WINDOW bytes of requests are on the way that the executive has not taken up; so the
 * executive holds no more for a client than that and one request. While ANSWERS_MAX bytes wait for a client, nothing more is taken up from
 * it, so one that asks for much gets it as fast as it reads. What else the executive has for a client that does not read is bounded by
 * OUTBOX_MAX: a client that is further behind is dropped. A service that sends much has a window of its own (EVS): hence acknowledge().
 */
import type { AisError, AisErrorCode } from '../ais-error.js';

/** Bytes of requests that the executive has not taken up. */
export const REQUEST_WINDOW = 1 << 20;
/** Bytes that wait for a client, and that its requests will be answered with: beyond it no more requests are taken up. */
export const ANSWERS_MAX = 16 << 20;
/** Bytes that wait for a client: beyond it the client is ended. */
export const OUTBOX_MAX = 64 << 20;
/** Bytes of one frame's body. */
export const BODY_MAX = (1 << 20) + 4096;
/** Requests of one client that wait for an answer. */
export const OPEN_REQUESTS_MAX = 65536;

/** Flag of a request: answer TRY_AGAIN rather than let it wait. */
export const NO_WAIT = 1;

/** Services of third parties have numbers from here on. */
export const FIRST_OTHER_SERVICE = 64;

/** An event of any object of a service. The body is memory[start, end): valid until endOfBatch(). */
export interface EventListener {
  event(object: number, fn: number, memory: Buffer, start: number, end: number): void;
  /** All that came together has been told, or an event of another service follows. */
  endOfBatch(): void;
  /** It keeps events back: those of other services that come now have their place behind them. */
  readonly isHolding: boolean;
  /** Calls back when what is kept back now was told. */
  behind(tell: () => void): void;
}

/** Result of an answer: a body, which is the receiver's own, or an error. */
export type Answer =
  | { readonly code: 'SA_AIS_OK'; readonly body: Buffer }
  | {
      readonly code: AisErrorCode;
      readonly what: string;
      readonly index?: number;
      /** It was ordered, and what came of it cannot be told. */
      readonly mayHaveEffect?: true;
    };

/** The library's end. */
export interface LibraryLink {
  /**
   * False: the window is full, or others wait for it; nothing was sent. `answered` is called once, later, unless the link ends before.
   * Body and `rest` together are the body: both are copied.
   */
  request(
    service: number,
    fn: number,
    flags: number,
    body: Uint8Array,
    answered?: (answer: Answer) => void,
    rest?: Uint8Array,
  ): number | false;
  /** `tag`: what request() returned. */
  cancel(tag: number): void;
  /** Calls back, in the order of waiting, when the window has room. Returns how to give it up. */
  whenRoom(attempt: () => boolean): () => void;
  /** Events of one object of a service; undefined: no more of them. The body is valid during the call. */
  listen(service: number, object: number, heard: ((fn: number, body: Buffer) => void) | undefined): void;
  /** What the executive said of itself when the link was made. */
  readonly welcome: Welcome;
  close(): void;
  /** Called once when the link ends and close() was not called. */
  onEnd: (reason: AisError) => void;
}

/** The library's end, for a service with a window of its own. */
export interface WindowLink extends LibraryLink {
  /** Events of all objects of a service that nobody listens to alone. */
  listenAll(service: number, listener: EventListener): void;
  /** For services with a window of their own; never held back. */
  acknowledge(service: number, object: number, bytes: number): void;
  /** Whether request() may succeed. */
  readonly hasRoom: boolean;
  /**
   * As request() without an answer, of a body that is the head and then items, each behind its u32 length: while nothing else is sent,
   * items for one head are one request. False: nothing was sent.
   */
  requestItem(service: number, fn: number, head: Uint8Array, item: Uint8Array): boolean;
}

export interface Welcome {
  readonly nodeId: number;
  /** Numbers of the services on the wire, by name. */
  readonly services: ReadonlyMap<string, number>;
}

/** The executive's end, for those who serve requests. */
export interface ExecutiveLink {
  /** A request is taken up: the bytes of its body count no longer. To be called once for each request that was heard. */
  takenUp(bytes: number): void;
  answer(tag: number, answer: Answer): void;
  /** Body and data[start, end) together are the body: both are copied. */
  event(
    service: number,
    object: number,
    fn: number,
    body: Uint8Array,
    data?: Buffer,
    start?: number,
    end?: number,
  ): void;
  /** The answer to this request, and what comes with it, will be about so many bytes. */
  expect(tag: number, bytes: number): void;
  /** Bytes that wait for the client, and that are expected. From ANSWERS_MAX on nothing more is to be taken up. */
  readonly waiting: number;
  /** Calls back, in the order of waiting, when less waits than ANSWERS_MAX. Returns how to give it up. */
  whenRead(attempt: () => boolean): () => void;
  /** Ends it; the client is told why. */
  end(reason: AisError): void;
}

/** An event that may still grow. */
export interface Growing {
  /** Calls event(), once. */
  write(): void;
}

/** The executive's end, for a service that tells much. */
export interface RunLink extends ExecutiveLink {
  /** What was begun last, and has its place: before whatever else is told. */
  readonly growing: Growing | undefined;
  grow(event: Growing): void;
  /** Writes it. */
  settle(): void;
}

/** A request where it came: valid during the call. */
export interface IncomingRequest {
  readonly service: number;
  readonly fn: number;
  readonly tag: number;
  readonly flags: number;
  /** The body is memory[start, end). */
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Who serves a link itself, in place. */
export interface LinkHandler {
  /** @throws {BodyError} Ends the link. */
  request(request: IncomingRequest): void;
  cancel(tag: number): void;
  acknowledged(service: number, object: number, bytes: number): void;
  /** The client is gone, or was ended. Nothing follows. Not called from inside a call of the link. */
  closed(): void;
}

/** Who serves the requests of a link for some of its services: src/ipc/dispatcher.ts keeps them in order. */
export interface RequestHandler {
  /** The body is the handler's own. */
  request(service: number, fn: number, tag: number, flags: number, body: Buffer): void;
  /** If it waits still, it is to be answered SA_AIS_ERR_INTERRUPT. */
  cancel(tag: number): void;
  /** The client is gone, or was ended. Nothing follows. */
  closed(): void;
}
