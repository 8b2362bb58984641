/** One track, as its user holds it. */
import { aisError } from '../../ais-error.js';
import { BodyWriter } from '../../ipc/body.js';
import { CLM, CLM_CHANGED, readChange } from '../../ipc/clm.js';
import { Pull } from '../pull.js';
import type { ServiceCalls } from '../service-calls.js';
import type { ClmTrack, ClusterChange } from './types.js';

/** Nodes of the changes that are kept for whoever takes them; a change counts as one more. */
export const BACKLOG_NODES = 65_536;

export class TrackClient implements ClmTrack {
  readonly object: number;
  readonly #calls: ServiceCalls;
  /** Configurations are seldom; what is not taken is kept. */
  #kept: ClusterChange[] = [];
  #keptNodes = 0;
  readonly #pull = new Pull(() => this.#take());
  #state: 'tracking' | 'stopped' | 'closed' = 'tracking';
  /** It is over, by its user or by the connection. */
  onEnd: () => void = () => {};

  constructor(calls: ServiceCalls) {
    this.#calls = calls;
    this.object = calls.newObject();
    calls.listen(this.object, (fn, body) => {
      if (fn === CLM_CHANGED) this.give(readChange(body));
    });
  }

  give(change: ClusterChange): void {
    if (this.#pull.offer(change)) return;
    if (this.#keptNodes >= BACKLOG_NODES) {
      this.#overflow();
      return;
    }
    this.#kept.push(change);
    this.#keptNodes += costOf(change);
  }

  async stop(): Promise<void> {
    const operation = 'clm.stop';
    if (this.#state === 'closed') throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed');
    if (this.#state === 'stopped') throw aisError('SA_AIS_ERR_NOT_EXIST', operation, 'the track is stopped');
    this.#end('stopped');
    await this.tellStop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'tracking') await this.stop();
  }

  [Symbol.asyncIterator](): AsyncIterator<ClusterChange> {
    return this.#pull[Symbol.asyncIterator]();
  }

  /** The executive is to forget it. */
  tellStop(): Promise<void> {
    return this.#calls.call({
      operation: 'clm.stop',
      options: { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' },
      fn: CLM.stop,
      body: new BodyWriter().u32(this.object).finish(),
      result: () => {},
    });
  }

  /** The connection has ended. */
  close(): void {
    this.#end('closed');
  }

  #take(): ClusterChange | undefined {
    const change = this.#kept.shift();
    if (change !== undefined) this.#keptNodes -= costOf(change);
    return change;
  }

  /** Nothing is dropped in between: what is kept is all that there will be. */
  #overflow(): void {
    this.#state = 'stopped';
    this.#calls.listen(this.object, undefined);
    this.#pull.fail(aisError('SA_AIS_ERR_NO_RESOURCES', 'clm.track', 'the changes of the cluster were not taken'));
    void this.tellStop().catch(() => {});
  }

  #end(state: 'stopped' | 'closed'): void {
    this.#state = state;
    this.#calls.listen(this.object, undefined);
    this.#kept = [];
    this.#pull.end();
    this.onEnd();
  }
}

function costOf({ nodes }: ClusterChange): number {
  return 1 + nodes.length;
}
