/** One track, as its user holds it. */
import { aisError } from '../../ais-error.js';
import { BodyWriter } from '../../ipc/body.js';
import { CLM, CLM_CHANGED, readChange } from '../../ipc/clm.js';
import { Pull } from '../pull.js';
import type { ServiceCalls } from '../service-calls.js';
import type { ClmTrack, ClusterChange } from './types.js';

export class TrackClient implements ClmTrack {
  readonly object: number;
  readonly #calls: ServiceCalls;
  /** Configurations are seldom; what is not taken is kept. */
  #kept: ClusterChange[] = [];
  readonly #pull = new Pull(() => this.#kept.shift());
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
    if (!this.#pull.offer(change)) this.#kept.push(change);
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

  #end(state: 'stopped' | 'closed'): void {
    this.#state = state;
    this.#calls.listen(this.object, undefined);
    this.#kept = [];
    this.#pull.end();
    this.onEnd();
  }
}
