/** One connection to an executive, whatever carries it. */
import { type AisError, aisError } from '../ais-error.js';
import type { EvsPort } from '../ipc/evs.js';
import { Aborts } from './aborts.js';
import { Calls, type Patience } from './calls.js';
import { checkName } from './check.js';
import { Deadlines } from './deadlines.js';
import { EvsClient } from './evs/evs.js';
import type { Evs } from './evs/types.js';
import type { Ais, ServiceName } from './types.js';

export type Versions = Readonly<Partial<Record<ServiceName, string>>>;

/** What carries a connection: the executive's half of every service. */
export interface Transport {
  readonly evs: EvsPort;
  /** The user closed the connection. */
  close(): void;
}

export class Connection implements Ais {
  readonly nodeId: number;
  readonly versions: Versions;
  readonly closed: Promise<AisError | undefined>;
  readonly #evs: EvsClient;
  readonly #calls: Calls;
  readonly #deadlines = new Deadlines();
  readonly #transport: Transport;
  #end!: (reason: AisError | undefined) => void;
  #isClosed = false;

  constructor(transport: Transport, versions: Versions, defaults: Patience) {
    this.#transport = transport;
    this.versions = versions;
    this.nodeId = transport.evs.nodeId;
    this.#calls = new Calls(this.#deadlines, new Aborts());
    this.#evs = new EvsClient(transport.evs, this.#calls, this.#deadlines, defaults);
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get evs(): Evs {
    return this.#evs;
  }

  service<T>(id: string): T {
    checkName('ais.service', id, 'id');
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', 'ais.service', 'the connection is closed');
    throw aisError('SA_AIS_ERR_NOT_EXIST', 'ais.service', `the executive has no service '${id}'`);
  }

  async close(): Promise<void> {
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', 'ais.close', 'the connection is closed');
    this.end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(undefined);
  }

  /** The connection is over: by its user (no reason), or because the executive is gone. */
  end(reason: AisError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const why = reason === undefined ? 'the connection was closed' : reason.message;
    const code = reason === undefined ? 'SA_AIS_ERR_BAD_HANDLE' : reason.code;
    this.#calls.rejectAll((call) => aisError(code, call.settings.operation, why, { outcome: call.outcome }));
    this.#evs.close(reason);
    this.#deadlines.clear();
    this.#transport.close();
    this.#end(reason);
  }
}
