/** One EVS session, as its user holds it. */
import { type AisError, aisError } from '../../ais-error.js';
import type {
  EvsDestination,
  EvsPatience,
  EvsPort,
  EvsRefusal,
  EvsSessionPort,
  EvsSettle,
  PriorityCode,
} from '../../ipc/evs.js';
import { answeredAtOnce, type CallSettings, type Calls, type Patience, type Wait } from '../calls.js';
import { checkBytes, checkNames, checkOneOf, checkOptions, checkPatience, invalid } from '../check.js';
import type { Deadlines } from '../deadlines.js';
import type { WaitOptions } from '../types.js';
import type { Inbox } from './inbox.js';
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
  readonly port: EvsPort;
  readonly calls: Calls;
  readonly deadlines: Deadlines;
  readonly defaults: Patience;
  /** For calls that wait for room, by priority: one object each, so that they can be told apart. */
  readonly room: readonly Wait[];
}

/** Asks the executive for something. False: there is no room for it now. */
type Ask = (patience: EvsPatience, settle: EvsSettle) => boolean;

interface Target {
  readonly destination: EvsDestination;
  readonly priority: PriorityCode;
}

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
  readonly #port: EvsSessionPort;
  readonly #inbox: Inbox;
  readonly #default: Target;
  #end!: (reason: AisError | undefined) => void;
  #isClosed = false;

  constructor(context: EvsContext, port: EvsSessionPort, inbox: Inbox) {
    this.#context = context;
    this.#port = port;
    this.#inbox = inbox;
    this.id = port.id;
    this.#default = { destination: port.destination(undefined, PRIORITY_CODES.medium, false), priority: 2 };
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
    return this.drainOf(this.#default, 'evs.drain', options);
  }

  route(options: RouteOptions): Route {
    const operation = 'evs.route';
    if (typeof options !== 'object' || options === null) throw invalid(operation, 'options must be an object');
    const target = this.#target(operation, options);
    this.#check(operation);
    return new RouteClient(this, target);
  }

  async mcast(data: Uint8Array, options?: RouteOptions & WaitOptions & { configuration?: string }): Promise<void> {
    const operation = 'evs.mcast';
    checkBytes(operation, data, this.#context.port.maxMessageSize);
    const checked = checkOptions(operation, options);
    const patience = checkPatience(operation, checked, this.#context.defaults);
    const { configuration } = checked;
    if (configuration !== undefined && !isConfigurationId(configuration))
      throw invalid(operation, 'configuration must be the id of a configuration');
    const { destination, priority } = this.#target(operation, checked);
    this.#check(operation);
    const blockedOn = this.#context.room[priority]!;
    if (configuration !== undefined) {
      return this.#request(operation, patience, priority, (limits, settle) =>
        destination.sendIn(configuration, data, limits, settle),
      );
    }
    return this.#context.calls.run<void>({
      operation,
      patience,
      owner: this,
      start: (call) => {
        if (!destination.send(data)) return blockedOn;
        call.resolve();
        return undefined;
      },
    });
  }

  async flush(options?: WaitOptions): Promise<void> {
    return this.#run('evs.flush', options, (call) => {
      call.whenSettled(this.#port.whenPassed(() => this.#inbox.whenGiven(() => call.resolve())));
      return undefined;
    });
  }

  /** For routes: send() with the destination given. */
  sendTo(target: Target, operation: string, data: Uint8Array): boolean {
    checkBytes(operation, data, this.#context.port.maxMessageSize);
    this.#check(operation);
    return !this.#context.calls.isBlocked && target.destination.send(data);
  }

  sendAllTo(target: Target, operation: string, data: readonly Uint8Array[]): number {
    if (!Array.isArray(data)) throw invalid(operation, 'data must be an array');
    const most = this.#context.port.maxMessageSize;
    for (let i = 0; i < data.length; i++) checkBytes(operation, data[i], most, i);
    this.#check(operation);
    return this.#context.calls.isBlocked || data.length === 0 ? 0 : target.destination.sendAll(data);
  }

  async drainOf(target: Target, operation: string, options?: WaitOptions): Promise<void> {
    const { port, room } = this.#context;
    return this.#run(operation, options, (call) => {
      if (!port.hasRoom(target.priority)) return room[target.priority];
      call.resolve();
      return undefined;
    });
  }

  // --- groups --------------------------------------------------------------------------------------------------------------

  async join(groups: readonly string[], options?: WaitOptions): Promise<void> {
    const operation = 'evs.join';
    const names = checkGroups(operation, groups);
    const port = this.#port;
    return this.#membership(operation, options, (patience, settle) => port.join(names, patience, settle));
  }

  async leave(groups: readonly string[], options?: WaitOptions): Promise<void> {
    const operation = 'evs.leave';
    const names = checkNames(operation, groups, 'groups');
    const port = this.#port;
    return this.#membership(operation, options, (patience, settle) => port.leave(names, patience, settle));
  }

  /** A time-out of 0 lets the executive answer, and does not let it wait. */
  #membership(operation: string, options: WaitOptions | undefined, ask: Ask): Promise<void> {
    const patience = checkPatience(operation, checkOptions(operation, options), this.#context.defaults);
    this.#check(operation);
    return answeredAtOnce(operation, patience, (limits) => this.#request(operation, limits, 2, ask));
  }

  #request(operation: string, patience: Patience, priority: PriorityCode, ask: Ask): Promise<void> {
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
        return ask({ isWaiting: patience.tryAgain === 'wait' }, settle) ? undefined : this.#context.room[priority];
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
    this.#port.close();
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

  #target(operation: string, options: RouteOptions): Target {
    const { to, priority = 'medium', guarantee = 'agreed' } = options;
    checkOneOf<Priority>(operation, priority, 'priority', ['high', 'medium', 'low']);
    checkOneOf<Guarantee>(operation, guarantee, 'guarantee', ['agreed', 'safe']);
    const groups = to === undefined ? undefined : checkNames(operation, to, 'to');
    if (groups !== undefined && groups.length > MAX_GROUPS_A_LIST) throw tooManyGroups(operation, MAX_GROUPS_A_LIST);
    if (groups === undefined && priority === 'medium' && guarantee === 'agreed') return this.#default;
    const code = PRIORITY_CODES[priority];
    return { destination: this.#port.destination(groups, code, guarantee === 'safe'), priority: code };
  }
}

class RouteClient implements Route {
  readonly #session: SessionClient;
  readonly #target: Target;

  constructor(session: SessionClient, target: Target) {
    this.#session = session;
    this.#target = target;
  }

  send(data: Uint8Array): boolean {
    return this.#session.sendTo(this.#target, 'evs.send', data);
  }

  sendAll(data: readonly Uint8Array[]): number {
    return this.#session.sendAllTo(this.#target, 'evs.sendAll', data);
  }

  async drain(options?: WaitOptions): Promise<void> {
    return this.#session.drainOf(this.#target, 'evs.drain', options);
  }
}
