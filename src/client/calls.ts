/**
 * The calls of one connection, in the order in which they were made: while the first waits for the executive to take it, those behind
 * it wait too. A call that failed, timed out or was aborted is skipped.
 */
import { AisError, aisError } from '../ais-error.js';
import { NO_WAIT } from '../ipc/link.js';
import type { Aborts } from './aborts.js';
import type { Deadline, Deadlines } from './deadlines.js';
import type { WaitOptions } from './types.js';

/** Calls of one connection that wait. */
export const MAX_WAITING_CALLS = 65536;

/** Registers for the next turn and returns how to give it up. The attempt returns false to keep its place. */
export type Wait = (attempt: () => boolean) => () => void;

/** What the caller chose, or the connection's defaults. */
export type Patience = Required<Pick<WaitOptions, 'timeout' | 'tryAgain'>> & Pick<WaitOptions, 'signal'>;

/** Of the request that a call becomes. */
export function flagsOf({ tryAgain }: Patience): number {
  return tryAgain === 'throw' ? NO_WAIT : 0;
}

export interface CallSettings<T> {
  readonly operation: string;
  readonly patience: Patience;
  /** Whose call it is: rejectAll() ends the calls of one owner. */
  readonly owner: object;
  /** Takes effect, or returns what has to be waited for; nothing was done then. It settles the call now or later. */
  readonly start: (call: Call<T>) => Wait | undefined;
  /** Whether a call that took effect and is not answered may have changed anything. */
  readonly hasEffect?: boolean;
}

export class Call<T> {
  readonly settings: CallSettings<T>;
  readonly promise: Promise<T>;
  isStarted = false;
  isSettled = false;
  /** The executive has answered it. */
  isAnswered = false;
  /** It stands in the queue of those that wait. */
  isWaiting = false;
  readonly #cleanups: (() => void)[] = [];
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;

  constructor(settings: CallSettings<T>) {
    this.settings = settings;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    if (this.#settle()) this.#resolve(value);
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  /** Called once, when it settles: gives up what was asked for. */
  whenSettled(cleanup: () => void): void {
    if (this.isSettled) cleanup();
    else this.#cleanups.push(cleanup);
  }

  /** For one that ends before its answer. */
  get outcome(): 'none' | 'unknown' {
    return this.isStarted && this.settings.hasEffect ? 'unknown' : 'none';
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    return true;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a queue holds calls of every result.
type AnyCall = Call<any>;

export class Calls {
  /** In order; those that ended meanwhile stand in it until it is swept. */
  #waiting: AnyCall[] = [];
  #ended = 0;
  /** Started and not settled. */
  readonly #open = new Set<AnyCall>();
  readonly #deadlines: Deadlines;
  readonly #aborts: Aborts;
  #isClosed = false;
  #blockedOn: Wait | undefined;
  #cancelWait: (() => void) | undefined;

  constructor(deadlines: Deadlines, aborts: Aborts) {
    this.#deadlines = deadlines;
    this.#aborts = aborts;
  }

  /** A call waits, so nothing else may take effect before it. */
  get isBlocked(): boolean {
    return this.#waiting.length > this.#ended;
  }

  run<T>(settings: CallSettings<T>): Promise<T> {
    const { operation, patience } = settings;
    if (this.#isClosed) return Promise.reject(aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed'));
    if (patience.signal?.aborted) return Promise.reject(patience.signal.reason);
    const call = new Call(settings);
    const blockedOn = this.isBlocked ? this.#blockedOn : this.#start(call);
    if (blockedOn === undefined) {
      if (!call.isSettled) this.#keep(call, this.#open);
    } else if (patience.tryAgain === 'throw') {
      call.reject(aisError('SA_AIS_ERR_TRY_AGAIN', operation, 'the executive takes nothing at present'));
    } else if (this.#waiting.length - this.#ended >= MAX_WAITING_CALLS) {
      call.reject(aisError('SA_AIS_ERR_NO_RESOURCES', operation, `${MAX_WAITING_CALLS} calls wait already`));
    } else {
      call.isWaiting = true;
      this.#waiting.push(call);
      this.#keep(call);
      if (call.isWaiting && this.#waiting[0] === call) this.#wait(blockedOn);
    }
    return call.promise;
  }

  /** The connection is over: ends all calls, and those that are still to be made. */
  close(makeError: (call: AnyCall) => unknown): void {
    this.#isClosed = true;
    this.rejectAll(makeError);
  }

  /** Ends all calls, or those of one owner. None of them takes effect because another one ends. */
  rejectAll(makeError: (call: AnyCall) => unknown, owner?: object): void {
    const isEnded = (call: AnyCall) => owner === undefined || call.settings.owner === owner;
    const [first] = this.#waiting;
    this.#sweep();
    const waiting = this.#waiting.filter(isEnded);
    const left = this.#waiting.filter((call) => !isEnded(call));
    for (const call of waiting) call.isWaiting = false;
    this.#waiting = left;
    for (const call of [...this.#open].filter(isEnded)) call.reject(makeError(call));
    for (const call of waiting) call.reject(makeError(call));
    if (first !== undefined && first !== left[0]) this.#restart();
  }

  #start(call: AnyCall): Wait | undefined {
    const blockedOn = call.settings.start(call);
    call.isStarted = blockedOn === undefined;
    return blockedOn;
  }

  /** Watches time and signal of a call that is not settled. */
  #keep(call: AnyCall, among?: Set<AnyCall>): void {
    const { timeout, signal } = call.settings.patience;
    if (timeout === 0) {
      this.#expire(call);
      this.#remove(call);
      return;
    }
    among?.add(call);
    const deadline: Deadline | undefined =
      timeout === Number.POSITIVE_INFINITY ? undefined : this.#deadlines.add(timeout, () => this.#expire(call));
    const abort = (reason: unknown) => call.reject(reason);
    if (signal !== undefined) this.#aborts.add(signal, abort);
    call.whenSettled(() => {
      if (deadline !== undefined) this.#deadlines.remove(deadline);
      if (signal !== undefined) this.#aborts.remove(signal, abort);
      this.#remove(call);
    });
  }

  #expire(call: AnyCall): void {
    const { operation, patience } = call.settings;
    const what = `not done within ${patience.timeout} ms`;
    call.reject(aisError('SA_AIS_ERR_TIMEOUT', operation, what, { outcome: call.outcome }));
  }

  #remove(call: AnyCall): void {
    if (this.#open.delete(call) || !call.isWaiting) return;
    call.isWaiting = false;
    this.#ended++;
    // Once for all that end together: each may be one of ten thousands.
    if (this.#ended === 1) queueMicrotask(() => this.#tidy());
  }

  #tidy(): void {
    const [first] = this.#waiting;
    this.#sweep();
    if (first !== this.#waiting[0]) this.#restart();
  }

  #sweep(): void {
    if (this.#ended > 0) this.#waiting = this.#waiting.filter((call) => call.isWaiting);
    this.#ended = 0;
  }

  /** The first call is another one. */
  #restart(): void {
    this.#cancelWait?.();
    this.#advance();
  }

  /** Takes the first calls until one has to wait. */
  #advance(): void {
    this.#cancelWait = undefined;
    this.#blockedOn = undefined;
    this.#sweep();
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const blockedOn = this.#attempt(first);
      if (blockedOn !== undefined) {
        this.#wait(blockedOn);
        return;
      }
    }
  }

  /** Starts the first call, and takes it out of the queue if that succeeds. */
  #attempt(first: AnyCall): Wait | undefined {
    this.#waiting.shift();
    first.isWaiting = false;
    const blockedOn = this.#start(first);
    if (blockedOn !== undefined) {
      first.isWaiting = true;
      this.#waiting.unshift(first);
    } else if (!first.isSettled) this.#open.add(first);
    return blockedOn;
  }

  #wait(blockedOn: Wait): void {
    this.#blockedOn = blockedOn;
    this.#cancelWait = blockedOn(() => this.#resume());
  }

  /** Its turn has come. */
  #resume(): boolean {
    this.#sweep();
    const first = this.#waiting[0];
    if (first !== undefined) {
      const blockedOn = this.#attempt(first);
      if (blockedOn !== undefined) {
        if (blockedOn === this.#blockedOn) return false;
        this.#wait(blockedOn);
        return true;
      }
    }
    this.#advance();
    return true;
  }
}

/** For calls that the executive answers: a time-out of 0 lets it answer, and does not let it wait. */
export async function answeredAtOnce<T>(
  operation: string,
  patience: Patience,
  run: (patience: Patience) => Promise<T>,
): Promise<T> {
  if (patience.timeout > 0) return run(patience);
  try {
    return await run({ ...patience, timeout: Number.POSITIVE_INFINITY, tryAgain: 'throw' });
  } catch (error) {
    if (!AisError.is(error) || error.code !== 'SA_AIS_ERR_TRY_AGAIN') throw error;
    throw aisError('SA_AIS_ERR_TIMEOUT', operation, 'it would have had to wait', { cause: error });
  }
}
