/** A client: the real library over a pipe to its executive. Now and then it gives a call up, closes, or dies. */
import { AisError } from '../../ais-error.js';
import { connectThrough } from '../../client/connect.js';
import type { Connection } from '../../client/connection.js';
import type { WaitOptions } from '../../client/types.js';
import { ExecutiveEnd, type ExecutiveEndOptions } from '../../ipc/executive-link.js';
import { LibraryEnd } from '../../ipc/library-link.js';
import type { EventQueue } from '../event-queue.js';
import type { Random } from '../random.js';
import { MILLISECOND } from '../time.js';
import { CkptUser } from './ckpt-user.js';
import { EvtUser } from './evt-user.js';
import type { Call, Journal } from './journal.js';
import { tokenOfRequest } from './message.js';
import { Pipe } from './pipe.js';
import type { ServicePlan } from './plan.js';

export interface ClientParts {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly plan: ServicePlan;
  readonly journal: Journal;
  /** Number of the executive's process. */
  readonly process: number;
  /** Of the connection, in its executive. */
  readonly connection: number;
  readonly executive: Pick<ExecutiveEndOptions, 'welcome' | 'serve'>;
  /** What it asked for, by the tags of requests. */
  readonly requests: Map<number, string>;
  /** Runs in the executive's loop when that comes to it. */
  readonly inExecutive: (run: () => void) => void;
  /** ms since 1970 on this machine. */
  readonly wall: () => number;
}

/** Calls that a client has open at a time. */
const OPEN_CALLS_MAX = 6;
/** ns until a call is given up, in the mean. */
const PATIENCE = 20 * MILLISECOND;

export class Client {
  readonly parts: ClientParts;
  /** Once the executive has answered. */
  connection!: Connection;
  readonly ckpt: CkptUser;
  readonly evt: EvtUser;
  /** Died, closed, or its executive has gone. */
  isOver = false;
  readonly #end: ExecutiveEnd;
  readonly #toExecutive: Pipe;
  readonly #toLibrary: Pipe;
  readonly #open = new Set<Call>();
  #isConnected = false;

  constructor(parts: ClientParts) {
    const { queue, random, executive, inExecutive } = parts;
    this.parts = parts;
    const end = new ExecutiveEnd(executive);
    this.#end = end;
    const library = new LibraryEnd(executive.welcome());
    this.#toExecutive = new Pipe(queue, random.fork('up'), {
      push: (chunk) => inExecutive(() => end.stream.push(chunk)),
      gone: () => inExecutive(() => end.stream.gone()),
    });
    this.#toLibrary = new Pipe(queue, random.fork('down'), library.stream);
    this.#noteRequests(library);
    library.stream.attach(this.#toExecutive);
    end.stream.attach(this.#toLibrary);
    end.open();
    this.ckpt = new CkptUser(this);
    this.evt = new EvtUser(this);
    const over = () => {
      this.isOver = true;
    };
    connectThrough(() => library).then((connection) => {
      this.connection = connection;
      this.#isConnected = true;
      void connection.closed.then(over);
    }, over);
    queue.yieldAfter();
  }

  /** The executive has something for it that has not left. */
  get isAnswered(): boolean {
    return this.#end.stream.packer.pending > 0;
  }

  /** Calls that have not ended. */
  get open(): readonly Call[] {
    return [...this.#open];
  }

  /** Asks for something, unless enough is asked for. */
  step(): void {
    const { random, plan, queue } = this.parts;
    queue.yieldAfter();
    if (this.isOver || !this.#isConnected || this.#open.size >= OPEN_CALLS_MAX) return;
    const isDying = random.chance(plan.deaths);
    const isClosing = !isDying && random.chance(plan.deaths);
    if (isDying) this.die();
    else if (isClosing) this.connection.end(undefined);
    else if (random.chance(plan.events)) this.evt.step();
    else this.ckpt.step();
  }

  /** With everything that is on the way from it. */
  die(): void {
    this.#toExecutive.cut();
    this.isOver = true;
    for (const call of this.#open) call.result = 'unknown';
    this.#open.clear();
    this.connection.end(undefined);
  }

  /** The executive has gone. */
  abandoned(): void {
    this.#toLibrary.cut();
  }

  /** How long the next call may take. */
  options(): WaitOptions {
    const { random, plan, queue } = this.parts;
    if (random.chance(0.05)) return { tryAgain: 'throw' };
    if (!random.chance(plan.impatience)) return {};
    const controller = new AbortController();
    queue.after(Math.ceil(random.exponential(PATIENCE)), () => {
      controller.abort(new Error('given up'));
      queue.yieldAfter();
    });
    return { signal: controller.signal };
  }

  #noteRequests(library: LibraryEnd): void {
    const { requests, process, connection } = this.parts;
    const request = library.request.bind(library);
    library.request = (service, fn, flags, body, answered, rest) => {
      const tag = request(service, fn, flags, body, answered, rest);
      const token =
        tag === false ? undefined : tokenOfRequest(service, fn, Buffer.from(body), `${process}.${connection}`);
      if (tag !== false && token !== undefined) requests.set(tag, token);
      return tag;
    };
  }

  /** Follows a call to its end. */
  follow<T>(about: Omit<Call, 'process' | 'result'>, run: () => Promise<T>, done: (value: T) => void = () => {}): void {
    const { journal, process } = this.parts;
    const call: Call = { ...about, process, result: 'open' };
    journal.calls.push(call);
    this.#open.add(call);
    const finish = (result: Call['result'], code?: string) => {
      this.#open.delete(call);
      // Who has died has no results.
      if (call.result !== 'open') return;
      call.result = result;
      if (code !== undefined) call.code = code;
    };
    run().then(
      (value) => {
        if (typeof value === 'bigint') call.id = value;
        finish('done');
        done(value);
      },
      (error) => {
        if (AisError.is(error)) finish(error.outcome === 'none' ? 'refused' : 'unknown', error.code);
        else finish('unknown');
      },
    );
  }
}
