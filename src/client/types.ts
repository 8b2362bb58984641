/** What every service of a connection shares: the options of calls, and the connection itself. */
import type { AisError } from '../ais-error.js';
import type { Ckpt } from './ckpt/types.js';
import type { Clm } from './clm/types.js';
import type { Evs } from './evs/types.js';
import type { Evt } from './evt/types.js';

/** How long a call waits, and for what. */
export interface WaitOptions {
  /** Milliseconds. Default: the connection's defaultTimeout. With 0 a call that needs no waiting succeeds, and any other fails. */
  timeout?: number;
  signal?: AbortSignal;
  /** What the call does while the executive answers TRY_AGAIN (send queue full, synchronising, not in the primary component):
   *  'wait' (default) waits its turn, 'throw' rejects with SA_AIS_ERR_TRY_AGAIN, and nothing was done. */
  tryAgain?: 'wait' | 'throw';
}

/** Which executive, and what later calls do unless they say otherwise. */
export interface ConnectOptions {
  /** Unix socket of the local executive. Default: $AIS_SOCKET, else /run/ais/ais.sock. */
  socketPath?: string;
  /** Versions that the caller was written for, by service, as 'B.01.01'; negotiated by the rules of AIS. */
  versions?: Partial<Record<ServiceName, string>>;
  /** Milliseconds, for later calls. Default Infinity. */
  defaultTimeout?: number;
  defaultTryAgain?: 'wait' | 'throw';
  /** Milliseconds, for the connecting alone. */
  timeout?: number;
  signal?: AbortSignal;
}

/** Services of AIS; this version has evs, clm, ckpt and evt. */
export type ServiceName = 'evs' | 'clm' | 'ckpt' | 'evt' | 'lck' | 'msg' | 'tmr' | 'amf';

/** One connection to an executive, through its socket or in process: the same services, the same behaviour. */
export interface Ais extends AsyncDisposable {
  readonly nodeId: number;
  readonly versions: Readonly<Partial<Record<ServiceName, string>>>;
  readonly evs: Evs;
  readonly clm: Clm;
  readonly ckpt: Ckpt;
  readonly evt: Evt;
  /** The client of a service that a third party added to the executive: an OtherService, which carries bytes. */
  service<T>(id: string): T;
  /** Resolves when the connection ends: with undefined after close(), else with the reason. Never rejects. */
  readonly closed: Promise<AisError | undefined>;
  close(): Promise<void>;
}
