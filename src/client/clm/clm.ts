/** CLM of one connection. */
import { aisError } from '../../ais-error.js';
import { BodyWriter } from '../../ipc/body.js';
import { CLM, readChange, readNode } from '../../ipc/clm.js';
import { checkFlag, checkOptions, invalid } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import { TrackClient } from './track.js';
import type { Clm, ClmTrack, ClusterChange, ClusterNode } from './types.js';

const MAX_NODE_ID = 0xffff_ffff;
const NOTHING = new Uint8Array();

export class ClmClient implements Clm {
  readonly #calls: ServiceCalls;
  readonly #tracks = new Set<TrackClient>();
  #isClosed = false;

  constructor(calls: ServiceCalls) {
    this.#calls = calls;
  }

  async node(nodeId: number | 'local', options?: WaitOptions): Promise<ClusterNode> {
    const operation = 'clm.node';
    if (nodeId !== 'local' && !(Number.isInteger(nodeId) && nodeId > 0 && nodeId <= MAX_NODE_ID))
      throw invalid(operation, "nodeId must be a node id or 'local'");
    if (this.#calls.patience(operation, options).timeout === 0)
      throw aisError('SA_AIS_ERR_TIMEOUT', operation, 'a time-out of 0 leaves no time');
    this.#check(operation);
    const body = new BodyWriter().u32(nodeId === 'local' ? this.#calls.nodeId : nodeId).finish();
    return this.#calls.call({ operation, options, fn: CLM.node, body, hasEffect: false, result: readNode });
  }

  async current(options?: WaitOptions): Promise<ClusterChange> {
    const operation = 'clm.current';
    this.#calls.patience(operation, options);
    this.#check(operation);
    return this.#calls.call({
      operation,
      options,
      fn: CLM.current,
      body: NOTHING,
      hasEffect: false,
      result: readChange,
    });
  }

  async track(options?: { current?: boolean; changesOnly?: boolean } & WaitOptions): Promise<ClmTrack> {
    const operation = 'clm.track';
    const checked = checkOptions(operation, options);
    const isCurrent = checkFlag(operation, checked.current, 'current');
    const isChangesOnly = checkFlag(operation, checked.changesOnly, 'changesOnly');
    this.#calls.patience(operation, checked);
    this.#check(operation);
    const track = new TrackClient(this.#calls);
    this.#tracks.add(track);
    track.onEnd = () => this.#tracks.delete(track);
    try {
      return await this.#calls.call({
        operation,
        options,
        fn: CLM.track,
        body: new BodyWriter().u32(track.object).bool(isChangesOnly).finish(),
        result: (answer) => {
          const state = readChange(answer);
          if (isCurrent) track.give(state);
          return track;
        },
        late: () => void track.tellStop().catch(() => {}),
      });
    } catch (error) {
      track.close();
      throw error;
    }
  }

  /** The connection has ended. */
  end(): void {
    this.#isClosed = true;
    for (const track of [...this.#tracks]) track.close();
  }

  #check(operation: string): void {
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed');
  }
}
