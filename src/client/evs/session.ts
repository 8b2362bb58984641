/** One EVS session, as its user holds it. */
import { type AisError, aisError } from '../../ais-error.js';
import type { EvsRefusal, EvsSettle, PriorityCode } from '../../ipc/evs.js';
import { answeredAtOnce, type CallSettings, type Calls, flagsOf, type Patience, type Wait } from '../calls.js';
import { checkBytes, checkNames, checkOneOf, checkOptions, checkPatience, invalid } from '../check.js';
import type { Deadlines } from '../deadlines.js';
import type { WaitOptions } from '../types.js';
import type { Inbox } from './inbox.js';
import type { RemoteDestination } from './remote-destination.js';
import type { RemoteEvs } from './remote-evs.js';
import type { RemoteSession } from './remote-session.js';
import type { EvsSession, Guarantee, Priority, Route, RouteOptions } from './types.js';

/** Groups of one join. */
const MAX_GROUPS_A_CALL = 50;
/** Groups of one list: that a session has joined, or that a message goes to. */
const MAX_GROUPS_A_LIST = 1024;

/** Characters: none is as long. */
const CONFIGURATION_ID_MAX = 255;

const PRIORITY_CODES: Readonly<Record<Priority, PriorityCode>> = { high: 1, medium: 2, low: 3 };

/** What the sessions of one connection share. */
export interface EvsContext {
  readonly remote: RemoteEvs;
  readonly calls: Calls;
  readonly deadlines: Deadlines;
  readonly defaults: Patience;
  /** For calls that wait for room. */
  readonly room: Wait;
}

/** Asks the executive for something. False: there is no room for it now. */
type Ask = (flags: number, settle: EvsSettle) => boolean;

export function checkGroups(operation: string, groups: unknown): string[] {
  const names = checkNames(operation, groups, 'groups');
  if (names.length > MAX_GROUPS_A_CALL) throw tooManyGroups(operation, MAX_GROUPS_A_CALL);
  return names;
}

function isConfigurationId(id: unknown): boolean {
  return typeof id === 'string' && id.length <= CONFIGURATION_ID_MAX;
}

export function badHandle(operation: string, what = 'the session'): AisError {
  return aisError('SA_AIS_ERR_BAD_HANDLE', operation, `${what} is closed`);
}

function tooManyGroups(operation: string, most: number): AisError {
  return aisError('EVS_ERR_TOO_MANY_GROUPS', operation, `at most ${most} groups`);
}

/** What the executive refused, as the caller sees it. */
export function refused(operation: string, { code, what, index }: EvsRefusal): AisError {
  return aisError(code, operation, what, index === undefined ? {} : { index });
}

export class SessionClient implements EvsSession {
  readonly id: number;
  readonly closed: Promise<AisError | undefined>;
  readonly #context: EvsContext;
  readonly #remote: RemoteSession;
  readonly #inbox: Inbox;
  /** The joined groups. */
  readonly #default: RemoteDestination;
  #end!: (reason: AisError | undefined) => void;
  #isClosed = false;

  constructor(context: EvsContext, remote: RemoteSession, inbox: Inbox) {
    this.#context = context;
    this.#remote = remote;
    this.#inbox = inbox;
    this.id = remote.id;
    this.#default = remote.destination(undefined, PRIORITY_CODES.medium, false);
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    inbox.onEnd = (reason) => this.end(refused('evs.session', reason));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  // --- sending -------------------------------------------------------------------------------------------------------------

  send(data: Uint8Array): boolean {
    return this.sendTo(this.#default, 'evs.send', data);
  }

  sendAll(data: readonly Uint8Array[]): number {
    return this.sendAllTo(this.#default, 'evs.sendAll', data);
  }

  async drain(options?: WaitOptions): Promise<void> {
    return this.drainOf('evs.drain', options);
  }

  route(options: RouteOptions): Route {
    const operation = 'evs.route';
    if (typeof options !== 'object' || options === null) throw invalid(operation, 'options must be an object');
    const destination = this.#destination(operation, options);
    this.#check(operation);
    return new RouteClient(this, destination);
  }

  async mcast(data: Uint8Array, options?: RouteOptions & WaitOptions & { configuration?: string }): Promise<void> {
    const operation = 'evs.mcast';
    checkBytes(operation, data, this.#context.remote.maxMessageSize);
    const checked = checkOptions(operation, options);
    const patience = checkPatience(operation, checked, this.#context.defaults);
    const { configuration } = checked;
    if (configuration !== undefined && !isConfigurationId(configuration))
      throw invalid(operation, 'configuration must be the id of a configuration');
    const destination = this.#destination(operation, checked);
    this.#check(operation);
    if (configuration !== undefined) {
      return this.#request(operation, patience, (flags, settle) =>
        destination.sendIn(configuration, data, flags, settle),
      );
    }
    return this.#context.calls.run<void>({
      operation,
      patience,
      owner: this,
      start: (call) => {
        if (!destination.send(data)) return this.#context.room;
        call.resolve();
        return undefined;
      },
    });
  }

  async flush(options?: WaitOptions): Promise<void> {
    return this.#run('evs.flush', options, (call) => {
      call.whenSettled(this.#remote.whenPassed(() => this.#inbox.whenGiven(() => call.resolve())));
      return undefined;
    });
  }

  /** For routes: send() with the destination given. */
  sendTo(destination: RemoteDestination, operation: string, data: Uint8Array): boolean {
    checkBytes(operation, data, this.#context.remote.maxMessageSize);
    this.#check(operation);
    return !this.#context.calls.isBlocked && destination.send(data);
  }

  sendAllTo(destination: RemoteDestination, operation: string, data: readonly Uint8Array[]): number {
    if (!Array.isArray(data)) throw invalid(operation, 'data must be an array');
    const most = this.#context.remote.maxMessageSize;
    for (let i = 0; i < data.length; i++) checkBytes(operation, data[i], most, i);
    this.#check(operation);
    return this.#context.calls.isBlocked || data.length === 0 ? 0 : destination.sendAll(data);
  }

  async drainOf(operation: string, options?: WaitOptions): Promise<void> {
    const { remote, room } = this.#context;
    return this.#run(operation, options, (call) => {
      if (!remote.hasRoom) return room;
      call.resolve();
      return undefined;
    });
  }

  // --- groups --------------------------------------------------------------------------------------------------------------

  async join(groups: readonly string[], options?: WaitOptions): Promise<void> {
    const operation = 'evs.join';
    const names = checkGroups(operation, groups);
    return this.#membership(operation, options, (flags, settle) => this.#remote.join(names, flags, settle));
  }

  async leave(groups: readonly string[], options?: WaitOptions): Promise<void> {
    const operation = 'evs.leave';
    const names = checkNames(operation, groups, 'groups');
    return this.#membership(operation, options, (flags, settle) => this.#remote.leave(names, flags, settle));
  }

  /** A time-out of 0 lets the executive answer, and does not let it wait. */
  #membership(operation: string, options: WaitOptions | undefined, ask: Ask): Promise<void> {
    const patience = checkPatience(operation, checkOptions(operation, options), this.#context.defaults);
    this.#check(operation);
    return answeredAtOnce(operation, patience, (limits) => this.#request(operation, limits, ask));
  }

  #request(operation: string, patience: Patience, ask: Ask): Promise<void> {
    return this.#context.calls.run<void>({
      operation,
      patience,
      owner: this,
      hasEffect: true,
      start: (call) => {
        const settle = (refusal?: EvsRefusal) => {
          if (refusal === undefined) call.resolve();
          else call.reject(refused(operation, refusal));
        };
        return ask(flagsOf(patience), settle) ? undefined : this.#context.room;
      },
    });
  }

  // --- the end -------------------------------------------------------------------------------------------------------------

  async close(): Promise<void> {
    this.#check('evs.close');
    this.end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.end(undefined);
  }

  /** Ends the session for its user and in the executive. */
  end(reason: AisError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.close();
    this.#remote.close();
    this.onEnd();
    this.#context.calls.rejectAll(
      (call) =>
        aisError('SA_AIS_ERR_BAD_HANDLE', call.settings.operation, 'the session was closed', { outcome: call.outcome }),
      this,
    );
    this.#end(reason);
  }

  /** For what a session with a queue does beside. */
  protected onEnd(): void {}

  #run(operation: string, options: WaitOptions | undefined, start: CallSettings<void>['start']): Promise<void> {
    const patience = checkPatience(operation, checkOptions(operation, options), this.#context.defaults);
    this.#check(operation);
    return this.#context.calls.run<void>({ operation, patience, owner: this, start });
  }

  #check(operation: string): void {
    if (this.#isClosed) throw badHandle(operation);
  }

  #destination(operation: string, options: RouteOptions): RemoteDestination {
    const { to, priority = 'medium', guarantee = 'agreed' } = options;
    checkOneOf<Priority>(operation, priority, 'priority', ['high', 'medium', 'low']);
    checkOneOf<Guarantee>(operation, guarantee, 'guarantee', ['agreed', 'safe']);
    const groups = to === undefined ? undefined : checkNames(operation, to, 'to');
    if (groups !== undefined && groups.length > MAX_GROUPS_A_LIST) throw tooManyGroups(operation, MAX_GROUPS_A_LIST);
    if (groups === undefined && priority === 'medium' && guarantee === 'agreed') return this.#default;
    return this.#remote.destination(groups, PRIORITY_CODES[priority], guarantee === 'safe');
  }
}

class RouteClient implements Route {
  readonly #session: SessionClient;
  readonly #destination: RemoteDestination;

  constructor(session: SessionClient, destination: RemoteDestination) {
    this.#session = session;
    this.#destination = destination;
  }

  send(data: Uint8Array): boolean {
    return this.#session.sendTo(this.#destination, 'evs.send', data);
  }

  sendAll(data: readonly Uint8Array[]): number {
    return this.#session.sendAllTo(this.#destination, 'evs.sendAll', data);
  }

  async drain(options?: WaitOptions): Promise<void> {
    return this.#session.drainOf('evs.drain', options);
  }
}
