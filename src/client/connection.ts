/** One connection to an executive, whatever carries it. */
import { type AisError, aisError } from '../ais-error.js';
import { FIRST_OTHER_SERVICE, type LibraryLink } from '../ipc/link.js';
import { Aborts } from './aborts.js';
import { Calls, type Patience } from './calls.js';
import { checkName } from './check.js';
import { CkptClient } from './ckpt/ckpt.js';
import type { Ckpt } from './ckpt/types.js';
import { ClmClient } from './clm/clm.js';
import type { Clm } from './clm/types.js';
import { Deadlines } from './deadlines.js';
import { EvsClient } from './evs/evs.js';
import type { RemoteEvs } from './evs/remote-evs.js';
import type { Evs } from './evs/types.js';
import { EvtClient } from './evt/evt.js';
import type { Evt } from './evt/types.js';
import { OtherServiceClient } from './other-service.js';
import { ServiceCalls } from './service-calls.js';
import type { Ais, ServiceName } from './types.js';

export type Versions = Readonly<Partial<Record<ServiceName, string>>>;

export class Connection implements Ais {
  readonly nodeId: number;
  readonly versions: Versions;
  readonly closed: Promise<AisError | undefined>;
  readonly #evs: EvsClient;
  readonly #clm: ClmClient;
  readonly #ckpt: CkptClient;
  readonly #evt: EvtClient;
  readonly #calls: Calls;
  readonly #deadlines = new Deadlines();
  readonly #link: LibraryLink;
  readonly #defaults: Patience;
  readonly #others = new Map<string, OtherServiceClient>();
  #end!: (reason: AisError | undefined) => void;
  #isClosed = false;

  constructor(link: LibraryLink, evs: RemoteEvs, versions: Versions, defaults: Patience) {
    this.#link = link;
    this.#defaults = defaults;
    this.versions = versions;
    this.nodeId = link.welcome.nodeId;
    this.#calls = new Calls(this.#deadlines, new Aborts());
    this.#evs = new EvsClient(evs, this.#calls, this.#deadlines, defaults);
    this.#clm = new ClmClient(this.#callsOf('clm'));
    this.#ckpt = new CkptClient(this.#callsOf('ckpt'));
    this.#evt = new EvtClient(this.#callsOf('evt'));
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    link.onEnd = (reason) => this.end(reason);
  }

  get evs(): Evs {
    return this.#evs;
  }

  get clm(): Clm {
    return this.#clm;
  }

  get ckpt(): Ckpt {
    return this.#ckpt;
  }

  get evt(): Evt {
    return this.#evt;
  }

  service<T>(id: string): T {
    const operation = 'ais.service';
    checkName(operation, id, 'id');
    this.#check(operation);
    const number = this.#link.welcome.services.get(id);
    if (number === undefined || number < FIRST_OTHER_SERVICE) {
      throw aisError('SA_AIS_ERR_NOT_EXIST', operation, `the executive has no service '${id}'`);
    }
    let client = this.#others.get(id);
    if (client === undefined) {
      const calls = new ServiceCalls(this.#link, number, this.#calls, this.#defaults);
      client = new OtherServiceClient(id, calls, (of) => this.#check(of));
      this.#others.set(id, client);
    }
    return client as T;
  }

  async close(): Promise<void> {
    this.#check('ais.close');
    this.end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(undefined);
  }

  /** The connection is over: by its user (no reason), or because the executive is gone. */
  end(reason: AisError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const why = reason?.message.replace(` [${reason.code}]`, '') ?? 'the connection was closed';
    const code = reason === undefined ? 'SA_AIS_ERR_BAD_HANDLE' : reason.code;
    this.#calls.close((call) => aisError(code, call.settings.operation, why, { outcome: call.outcome }));
    this.#evs.close(reason);
    this.#clm.end();
    this.#ckpt.close();
    this.#evt.end();
    this.#deadlines.clear();
    this.#link.close();
    this.#end(reason);
  }

  /** An executive without the service answers that it has none. */
  #callsOf(id: ServiceName): ServiceCalls {
    const number = this.#link.welcome.services.get(id) ?? 0;
    return new ServiceCalls(this.#link, number, this.#calls, this.#defaults);
  }

  #check(operation: string): void {
    if (this.#isClosed) throw aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed');
  }
}
