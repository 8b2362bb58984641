/** The calls of one service on one connection: what every client of a service is made of. */
import { type AisError, aisError } from '../ais-error.js';
import { BodyReader } from '../ipc/body.js';
import type { Answer, LibraryLink } from '../ipc/link.js';
import { answeredAtOnce, type Call, type Calls, flagsOf, type Patience, type Wait } from './calls.js';
import { checkOptions, checkPatience } from './check.js';
import type { WaitOptions } from './types.js';

export interface ServiceCall<T> {
  /** 'ckpt.write', … */
  readonly operation: string;
  readonly options: WaitOptions | undefined;
  readonly fn: number;
  /** Not changed until the call settles. */
  readonly body: Uint8Array;
  /** Whether it may have changed anything when it ends without an answer. Default true. */
  readonly hasEffect?: boolean;
  /** Whose call it is: endOwner() rejects what is pending. Default: the service. */
  readonly owner?: object;
  /** What the answer means. */
  readonly result: (answer: BodyReader) => T;
  /** The call took effect after it had timed out or was aborted: undo what nobody holds. */
  readonly late?: (answer: BodyReader) => void;
}

export class ServiceCalls {
  readonly #link: LibraryLink;
  readonly #service: number;
  readonly #calls: Calls;
  readonly #defaults: Patience;
  readonly #room: Wait;
  #lastObject = 0;

  /** `service`: its number on the wire. */
  constructor(link: LibraryLink, service: number, calls: Calls, defaults: Patience) {
    this.#link = link;
    this.#service = service;
    this.#calls = calls;
    this.#defaults = defaults;
    this.#room = (attempt) => link.whenRoom(attempt);
  }

  get nodeId(): number {
    return this.#link.welcome.nodeId;
  }

  /** Options of a call, checked: for those that look at the time-out before they call. */
  patience(operation: string, options: WaitOptions | undefined): Patience {
    return checkPatience(operation, checkOptions(operation, options), this.#defaults);
  }

  /** A time-out of 0 lets the executive answer, and does not let it wait. */
  async call<T>(settings: ServiceCall<T>): Promise<T> {
    const patience = this.patience(settings.operation, settings.options);
    return answeredAtOnce(settings.operation, patience, (limits) => this.#run(settings, limits));
  }

  #run<T>(settings: ServiceCall<T>, patience: Patience): Promise<T> {
    const { operation, fn, body, result, late, owner = this, hasEffect = true } = settings;
    return this.#calls.run<T>({
      operation,
      patience,
      owner,
      hasEffect,
      start: (call) => {
        const answered = (answer: Answer) => settle(call, answer, result, late);
        const tag = this.#link.request(this.#service, fn, flagsOf(patience), body, answered);
        if (tag === false) return this.#room;
        // While it waits for its turn there, giving it up means that it never takes effect.
        call.whenSettled(() => {
          if (!call.isAnswered) this.#link.cancel(tag);
        });
        return undefined;
      },
    });
  }

  /** Sends without an answer, now or when there is room; lost only with the connection. */
  tell(fn: number, body: Uint8Array): void {
    const attempt = () => this.#link.request(this.#service, fn, 0, body) !== false;
    if (!attempt()) this.#link.whenRoom(attempt);
  }

  /** A number for an object that is told of events: unique on this connection for this service. */
  newObject(): number {
    this.#lastObject += 1;
    return this.#lastObject;
  }

  listen(object: number, heard: ((fn: number, body: BodyReader) => void) | undefined): void {
    const hear = heard === undefined ? undefined : (fn: number, body: Buffer) => heard(fn, new BodyReader(body));
    this.#link.listen(this.#service, object, hear);
  }

  /** Rejects what is pending of one owner. */
  endOwner(owner: object, makeError: (operation: string, outcome: 'none' | 'unknown') => AisError): void {
    this.#calls.rejectAll((call) => makeError(call.settings.operation, call.outcome), owner);
  }
}

function settle<T>(
  call: Call<T>,
  answer: Answer,
  result: (answer: BodyReader) => T,
  late: ((answer: BodyReader) => void) | undefined,
): void {
  if (call.isSettled) {
    if (answer.code === 'SA_AIS_OK') late?.(new BodyReader(answer.body));
    return;
  }
  call.isAnswered = true;
  if (answer.code === 'SA_AIS_OK') {
    call.resolve(result(new BodyReader(answer.body)));
    return;
  }
  const { index, mayHaveEffect = false } = answer;
  const outcome = mayHaveEffect && call.settings.hasEffect ? 'unknown' : 'none';
  const details = index === undefined ? {} : { index };
  call.reject(aisError(answer.code, call.settings.operation, answer.what, { outcome, ...details }));
}
