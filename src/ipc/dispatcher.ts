/**
 * The requests of one connection, in the order in which they came, whoever serves them: while one waits, those behind it wait too.
 *
 * A prompt handler takes a request up at once, or says what it waits for; then it is asked again, and told how much of it it took: what
 * it began is neither refused nor given up. Others hold requests themselves (RequestHandler): while such a one has not taken up what it
 * was given, only more of the same goes to it.
 */
import { aisError } from '../ais-error.js';
import { BodyError } from './body.js';
import {
  ANSWERS_MAX,
  type ExecutiveLink,
  type IncomingRequest,
  type LinkHandler,
  NO_WAIT,
  type RequestHandler,
} from './link.js';

/** Bytes that one connection gets taken up in a turn, before others have theirs. */
export const TURN_BYTES = 64 << 10;

/** Registers for the next turn, and returns how to give it up. The attempt returns false to keep its place. */
export type Wait = (attempt: () => boolean) => () => void;

/** A request that was not taken up, or not as a whole. */
export interface Pending {
  /** What it, or the rest of it, waits for. */
  readonly wait: Wait;
  /** What its handler took of it until now, as the handler counts; 0: nothing was done. */
  readonly taken: number;
}

export interface PromptHandler {
  /** `taken`: what it took of it before. Returns undefined if it is taken up. */
  request(request: IncomingRequest, taken: number): Pending | undefined;
  /** It was taken up, and may not be answered yet. */
  cancel(tag: number): void;
  acknowledged(object: number, bytes: number): void;
  closed(): void;
}

export interface Handlers {
  /** By service number. */
  readonly prompt: ReadonlyMap<number, PromptHandler>;
  readonly others: RequestHandler;
}

interface Held {
  /** With memory of its own. */
  readonly request: IncomingRequest;
  taken: number;
}

export class Dispatcher implements LinkHandler {
  readonly #link: ExecutiveLink;
  readonly #prompt: ReadonlyMap<number, PromptHandler>;
  readonly #others: RequestHandler;
  /** Bounded by the window of the link. */
  readonly #held: Held[] = [];
  /** Requests that the others have and did not take up. */
  #atOthers = 0;
  #wait: Wait | undefined;
  #cancelWait: (() => void) | undefined;
  /** What takes up at once calls from inside. */
  #isDraining = false;
  #isClosed = false;

  /** `make` gets the link that the handlers are to use. */
  constructor(link: ExecutiveLink, make: (link: ExecutiveLink) => Handlers) {
    this.#link = link;
    const { prompt, others } = make(this.#handlersLink());
    this.#prompt = prompt;
    this.#others = others;
  }

  request(request: IncomingRequest): void {
    const { tag, flags } = request;
    let taken = 0;
    let wait: Wait | undefined;
    if (this.#held.length === 0) {
      const pending = this.#pass(request, taken);
      if (pending === undefined) return;
      ({ wait, taken } = pending);
    }
    if ((flags & NO_WAIT) !== 0 && tag !== 0 && taken === 0) {
      this.#refuse(request, 'SA_AIS_ERR_TRY_AGAIN', 'the executive takes nothing at present');
      return;
    }
    const memory = bodyOf(request);
    this.#held.push({ request: { ...request, memory, start: 0, end: memory.length }, taken });
    if (wait !== undefined) this.#register(wait);
  }

  cancel(tag: number): void {
    const index = this.#held.findIndex(({ request }) => request.tag === tag);
    if (index < 0) {
      for (const handler of this.#prompt.values()) handler.cancel(tag);
      this.#others.cancel(tag);
      return;
    }
    const held = this.#held[index]!;
    // What was begun is done as a whole.
    if (held.taken > 0) return;
    this.#held.splice(index, 1);
    this.#refuse(held.request, 'SA_AIS_ERR_INTERRUPT', 'it was given up');
    if (index > 0) return;
    this.#cancelWait?.();
    this.#wait = undefined;
    this.#drain();
  }

  acknowledged(service: number, object: number, bytes: number): void {
    this.#prompt.get(service)?.acknowledged(object, bytes);
  }

  closed(): void {
    this.#isClosed = true;
    this.#cancelWait?.();
    this.#held.length = 0;
    for (const handler of this.#prompt.values()) handler.closed();
    this.#others.closed();
  }

  /** Gives a request to who serves it. Returns undefined if it is taken up. */
  #pass(request: IncomingRequest, taken: number): Pending | undefined {
    const { service, fn, tag, flags } = request;
    if (this.#link.waiting >= ANSWERS_MAX) return { wait: this.#untilRead, taken };
    const prompt = this.#prompt.get(service);
    if (prompt === undefined) {
      this.#atOthers++;
      this.#others.request(service, fn, tag, flags, bodyOf(request));
      return undefined;
    }
    if (this.#atOthers > 0) return { wait: this.#untilOthers, taken };
    const pending = prompt.request(request, taken);
    if (pending === undefined) this.#link.takenUp(request.end - request.start);
    return pending;
  }

  readonly #untilRead: Wait = (attempt) => this.#link.whenRead(attempt);

  /** takenUp() calls, when the others have nothing left. */
  readonly #untilOthers: Wait = () => () => {};

  #handlersLink(): ExecutiveLink {
    const link = this.#link;
    return {
      takenUp: (bytes) => {
        link.takenUp(bytes);
        this.#atOthers--;
        if (this.#atOthers === 0 && this.#wait === this.#untilOthers) this.#drain();
      },
      answer: (tag, answer) => link.answer(tag, answer),
      event: (service, object, fn, body, data, start, end) => link.event(service, object, fn, body, data, start, end),
      expect: (tag, bytes) => link.expect(tag, bytes),
      get waiting() {
        return link.waiting;
      },
      whenRead: (attempt) => link.whenRead(attempt),
      end: (reason) => link.end(reason),
    };
  }

  #refuse(
    { tag, start, end }: IncomingRequest,
    code: 'SA_AIS_ERR_TRY_AGAIN' | 'SA_AIS_ERR_INTERRUPT',
    what: string,
  ): void {
    this.#link.takenUp(end - start);
    this.#link.answer(tag, { code, what });
  }

  #register(wait: Wait): void {
    this.#wait = wait;
    this.#cancelWait = wait(() => this.#turn());
  }

  /** Its turn has come. False: it was refused before anything was done, and keeps its place. */
  #turn(): boolean {
    if (this.#isDraining) return false;
    const before = this.#wait;
    const first = this.#held[0];
    const taken = first?.taken;
    const wait = this.#takeUp(TURN_BYTES);
    if (wait !== undefined && wait === before && this.#held[0] === first && first?.taken === taken) return false;
    this.#goOn(wait);
    return true;
  }

  #drain(): void {
    if (!this.#isDraining) this.#goOn(this.#takeUp(Number.POSITIVE_INFINITY));
  }

  #goOn(wait: Wait | undefined): void {
    if (wait === undefined) this.#wait = undefined;
    else this.#register(wait);
  }

  /** Takes up what it can, in order, until it is `most` bytes. Returns what the first waits for that it could not, or had no turn. */
  #takeUp(most: number): Wait | undefined {
    this.#isDraining = true;
    let bytes = 0;
    try {
      for (let held = this.#held[0]; held !== undefined && !this.#isClosed; held = this.#held[0]) {
        const wait = bytes < most ? this.#attempt(held) : this.#wait;
        if (wait !== undefined) return wait;
        bytes += held.request.end;
        if (this.#held[0] === held) this.#held.shift();
      }
      return undefined;
    } finally {
      this.#isDraining = false;
    }
  }

  #attempt(held: Held): Wait | undefined {
    try {
      const pending = this.#pass(held.request, held.taken);
      if (pending !== undefined) held.taken = pending.taken;
      return pending?.wait;
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      this.#held.length = 0;
      this.#link.end(aisError('SA_AIS_ERR_LIBRARY', 'ipc.connection', `a malformed request: ${error.message}`));
      return undefined;
    }
  }
}

/** A copy. */
function bodyOf({ memory, start, end }: IncomingRequest): Buffer {
  return Buffer.from(memory.subarray(start, end));
}
