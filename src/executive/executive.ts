/** One executive: the ring, membership, group messaging and the services, from start to end. */
import { type AisError, aisError } from '../ais-error.js';
import { checkOptions, checkSignal } from '../client/check.js';
import { connectThrough } from '../client/connect.js';
import { Deadlines } from '../client/deadlines.js';
import type { Ais, ConnectOptions } from '../client/types.js';
import { ConfigError, type ExecutiveConfig, loadConfig, type ResolvedConfig, resolveConfig } from '../config/index.js';
import { GroupMessaging } from '../gmi/group-messaging.js';
import type { WindowLink } from '../ipc/link.js';
import { connectLocally, type LocalLink } from '../ipc/local.js';
import { type ConnectionServer, serveConnections } from '../ipc/server.js';
import { RingThreadPort } from '../native/ring-thread.js';
import { publish } from '../observe/channels.js';
import { type Health, isWell } from '../observe/health.js';
import { Log, type Logger, silent } from '../observe/log.js';
import type { Overview, Status } from '../observe/status.js';
import { ClmService } from '../services/clm/service.js';
import { EvsService } from '../services/evs/service.js';
import { type Eviction, Membership, type Output } from '../totem/membership.js';
import { type Admission, admission, admitted, isOperator } from './admission.js';
import { Driver } from './driver.js';
import { random64, takeIdentity } from './identity.js';
import { type LibraryService, serveLibraries } from './libraries.js';
import { ServiceManager } from './manager/manager.js';
import { Observation } from './observation.js';
import { compareConfigurations, type Reload } from './reload.js';
import { ringOptions, windows } from './ring-options.js';
import type { Service } from './service.js';
import { allServices, countsAndDigestsOf, countsOf, quorumOptions, reconfigure } from './services.js';
import { StateFile, type StoredState } from './state-file.js';
import { overviewOf, type StatusSources, statusOf } from './status.js';
import type { ServiceDefinition } from './types.js';

/** What an executive is started with, beside its configuration. */
export interface StartOptions {
  /** Gives up the start; later it means nothing. */
  signal?: AbortSignal;
  /** Default: as the section `logging` says; without one silent. */
  logger?: Logger;
  services?: readonly ServiceDefinition[];
}

const OPERATION = 'executive.start';

/** An executive in this process: a node of the cluster. */
export class Executive implements AsyncDisposable {
  readonly nodeId: number;
  /** Resolves when it has ended: with undefined after stop(), else with the reason. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #config: ResolvedConfig;
  /** As it was read last. */
  #lastConfig: ResolvedConfig;
  readonly #log: Logger;
  /** Undefined: the log is somebody else's. */
  readonly #ownLog: Log | undefined;
  readonly #observation: Observation;
  readonly #messaging = new GroupMessaging();
  readonly #evs: EvsService;
  /** Of connections in this process. */
  readonly #links = new Set<LocalLink>();
  readonly #deadlines = new Deadlines();
  #clm: ClmService | undefined;
  #manager: ServiceManager | undefined;
  #library!: LibraryService;
  #file!: StateFile;
  /** What is on the disk. */
  #stored!: StoredState;
  #port: RingThreadPort | undefined;
  #membership: Membership | undefined;
  #driver: Driver | undefined;
  #server: ConnectionServer | undefined;
  #admission: Admission = admission([]);
  #ending: Promise<void> | undefined;
  #left: () => void = () => {};
  /** Who asked for the end and is answered when the ring is left. Bounded by the open requests of all clients. */
  readonly #leavers: (() => void)[] = [];
  #synchronized: () => void = () => {};
  #resolveClosed!: (reason: Error | undefined) => void;

  /**
   * `config` is the object form of openais.conf, or the path of such a file. Resolves when the first regular configuration is delivered,
   * its services have their state, and the socket listens.
   * @throws {ConfigError} Everything that is wrong with the configuration. {AisError} AIS_ERR_NATIVE_UNAVAILABLE, SA_AIS_ERR_INIT (no
   *   sockets), SA_AIS_ERR_EXIST (another executive has the Unix socket). Errors of the file system for the state directory.
   */
  static async start(config: ExecutiveConfig | string, options: StartOptions = {}): Promise<Executive> {
    const { services = [] } = checkOptions(OPERATION, options);
    const signal = checkSignal(OPERATION, options.signal);
    signal?.throwIfAborted();
    const resolved = await read(config);
    // Who embeds an executive and says nothing about logs wants none.
    const isSilent = options.logger !== undefined || (typeof config === 'object' && config.logging === undefined);
    const ownLog = isSilent ? undefined : new Log(resolved.logging);
    const executive = new Executive(resolved, options.logger ?? ownLog ?? silent, ownLog);
    try {
      await executive.#start(signal, services);
    } catch (error) {
      await executive.#end(error as Error);
      throw error;
    }
    return executive;
  }

  private constructor(config: ResolvedConfig, log: Logger, ownLog: Log | undefined) {
    this.#config = this.#lastConfig = config;
    this.#log = log;
    this.#ownLog = ownLog;
    const isEnding = () => this.#ending !== undefined;
    this.#observation = new Observation(config, log, {
      overview: () => this.overview(),
      figures: () => statusOf(this.#sources, countsOf(this.#services)),
      ring: () => this.#port?.stats(),
      get hasEnded() {
        return isEnding();
      },
    });
    this.nodeId = config.nodeId;
    this.#evs = new EvsService(this.#messaging);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** A connection in this process: the same services and behaviour as through the socket. */
  async connect(options?: Omit<ConnectOptions, 'socketPath'>): Promise<Ais> {
    if (this.#ending !== undefined) throw aisError('SA_AIS_ERR_TRY_AGAIN', 'ais.connect', 'the executive has ended');
    return connectThrough(() => this.#connectLocally(), options);
  }

  /** The same document that `ais status --json` prints. */
  status(): Status {
    return statusOf(this.#sources, countsAndDigestsOf(this.#services));
  }

  /** Of that, what costs nothing to tell, however much the services hold. */
  overview(): Overview {
    return overviewOf(this.#sources);
  }

  get #services(): readonly Service[] {
    return [...(this.#manager?.services.values() ?? [])];
  }

  get #sources(): StatusSources {
    return {
      config: this.#config,
      messaging: this.#messaging,
      evs: this.#evs,
      clm: this.#clm,
      manager: this.#manager,
      membership: this.#membership,
      port: this.#port,
    };
  }

  /** Whether it is alive, and whether it is ready, check by check. */
  health(): Health {
    return this.#observation.health();
  }

  /** False: its ring thread stands still. Only a new process helps. */
  get isAlive(): boolean {
    return isWell(this.health().live);
  }

  /**
   * Reads a configuration again, and applies what may change while it runs. What may not is named, and waits for the next start.
   * @throws {ConfigError} Everything that is wrong with the configuration; nothing was changed then. {AisError} SA_AIS_ERR_LIBRARY: the
   *   executive has ended.
   */
  async reload(config: ExecutiveConfig | string): Promise<Reload> {
    const next = await read(config).catch((error) => {
      const problems = error instanceof ConfigError ? error.lines : [String(error)];
      this.#log.error({ problems }, 'configuration refused; everything stays as it is');
      throw error;
    });
    const entries = await admitted(next.ipc, (what) => this.#log.warn({}, what));
    if (this.#ending !== undefined) throw aisError('SA_AIS_ERR_LIBRARY', 'executive.reload', 'the executive has ended');
    const reload = compareConfigurations(this.#config, this.#lastConfig, next);
    this.#lastConfig = next;
    this.#ownLog?.reconfigure(next.logging);
    this.#admission = admission(entries);
    reconfigure(this.#services, next);
    this.#observation.reconfigure(next);
    for (const warning of next.warnings) this.#log.warn({}, warning);
    this.#log.info(reload, 'configuration read again');
    publish('openais:reload', this.nodeId, reload);
    return reload;
  }

  /** Leaves the ring cleanly, answers or refuses what is pending, closes all sockets. */
  stop(): Promise<void> {
    return this.#end(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #connectLocally(): WindowLink {
    const link = connectLocally({ ...this.#library, ended: () => this.#links.delete(link) });
    this.#links.add(link);
    return link.library;
  }

  // --- start ---------------------------------------------------------------------------------------------------------------

  async #start(signal: AbortSignal | undefined, services: readonly ServiceDefinition[]): Promise<void> {
    const config = this.#config;
    for (const warning of config.warnings) this.#log.warn({}, warning);
    this.#file = await StateFile.open(config.stateDirectory, config.nodeId);
    const { state: stored, problem } = await this.#file.read();
    if (problem !== undefined) this.#log.warn({ file: this.#file.path }, `${problem}; going on without it`);
    const self = await takeIdentity(this.#file, stored, config.nodeId, Date.now());
    this.#stored = { ...stored, incarnation: self.incarnation };
    signal?.throwIfAborted();
    await this.#observation.serve();
    this.#serve(services);

    const port = RingThreadPort.start(ringOptions(config, self), {
      event: (event) => this.#driver?.event(event),
      deliveries: this.#messaging,
    });
    this.#port = port;
    this.#messaging.attach(port);
    const { timers } = config;
    const membershipConfig = { self, timers, ringSeq: stored.ringSeq, seed: random64() };
    const membership = new Membership({ ...membershipConfig, ...windows(config, port.windowOffer) }, performance.now());
    this.#membership = membership;
    this.#driver = new Driver(port, membership, this.#messaging, {
      persist: (ringSeq) => this.#store({ ringSeq }),
      onStep: (input, outputs) => this.#observation.step(input, outputs),
      onEnd: (reason) => this.#onEnd(reason),
      onFailure: (error) => void this.#end(error),
    });
    this.#log.info({ node: this.nodeId, incarnation: self.incarnation, ...port.info }, 'executive starts');
    await this.#firstConfiguration(signal);
    if (config.ipc.socketPath !== undefined) {
      this.#admission = admission(await admitted(config.ipc, (what) => this.#log.warn({}, what)));
      this.#server = await serveConnections(config.ipc.socketPath, {
        ...this.#library,
        isOperator: (fd) => isOperator(fd),
        refuse: (fd) => this.#admission(fd),
        ended: (reason) => {
          if (this.#ending === undefined) this.#log.warn({ error: reason }, 'a client was ended');
        },
      });
    }
    signal?.throwIfAborted();
  }

  #store(changed: Partial<StoredState>): Promise<void> {
    this.#stored = { ...this.#stored, ...changed };
    return this.#file.write(this.#stored);
  }

  /** Services, before the ring that they hear of. */
  #serve(services: readonly ServiceDefinition[]): void {
    const { nodeId } = this;
    const manager = new ServiceManager(this.#messaging, {
      nodeId,
      start: `${this.#stored.incarnation}`,
      rememberedView: this.#stored.primaryView,
      onPrimary: (primaryView) => {
        this.#store({ primaryView }).catch((error) => void this.#end(error));
      },
      quorum: quorumOptions(this.#config),
      clock: {
        now: () => Date.now(),
        after: (ms, run) => {
          const deadline = this.#deadlines.add(ms, run);
          return () => this.#deadlines.remove(deadline);
        },
      },
      onFailure: (error) => void this.#end(error),
      onViolation: (what) => this.#log.warn({ what }, 'a malformed message'),
      onAwaited: (nodes) => this.#driver?.awaits(nodes),
      onNotice: (fields, message) => this.#log.info(fields, message),
      onSynchronized: () => {
        this.#observation.synchronized();
        this.#synchronized();
      },
    });
    this.#manager = manager;
    const named = new Map<string, number>();
    for (const service of allServices(this.#config, services)) {
      manager.register(service);
      if (service instanceof ClmService) this.#clm = service;
      named.set(service.id, service.number);
    }
    this.#library = serveLibraries({
      nodeId,
      evs: this.#evs,
      status: () => this.status(),
      leave: (left) => {
        this.#leavers.push(left);
        void this.stop();
      },
      services: named,
      serve: (link) => manager.serve(link),
    });
  }

  #firstConfiguration(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      void this.closed.then((reason) => reject(reason ?? aisError('SA_AIS_ERR_INIT', OPERATION, 'stopped')));
      this.#messaging.onConfiguration = ({ configuration }) => this.#observation.configuration(configuration);
      this.#synchronized = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      this.#driver?.boot();
    });
  }

  // --- end -----------------------------------------------------------------------------------------------------------------

  #onEnd(reason: 'left' | Extract<Output, { type: 'selfEvict' }>): void {
    // A stop() waits for this, whichever end came first.
    this.#left();
    if (reason !== 'left') void this.#evicted(reason);
  }

  /** Membership gave up this process. A stale incarnation is put right on the disk, for the next start. */
  async #evicted({ reason, highest }: Extract<Output, { type: 'selfEvict' }>): Promise<void> {
    const error = aisError('SA_AIS_ERR_LIBRARY', 'executive', EVICTIONS[reason]);
    try {
      if (highest !== undefined) await this.#file.write({ ...(await this.#file.read()).state, incarnation: highest });
    } catch (cause) {
      this.#log.error({ error: cause }, 'the state file could not be written');
    }
    await this.#end(error);
  }

  #end(reason: Error | undefined): Promise<void> {
    this.#ending ??= this.#finish(reason);
    return this.#ending;
  }

  async #finish(reason: Error | undefined): Promise<void> {
    const why: AisError = aisError('SA_AIS_ERR_LIBRARY', 'executive', 'the executive has ended', { cause: reason });
    // A service may have asked for this from inside a call.
    await new Promise(setImmediate);
    for (const link of this.#links) link.end(why);
    // They end in a turn of their own.
    await new Promise(setImmediate);
    // Who is answered from now on asked for something that is sent before this node leaves.
    this.#messaging.flow.close();
    this.#evs.leave();
    if (reason === undefined && this.#driver !== undefined) {
      await this.#leave(this.#driver);
      for (const left of this.#leavers) left();
    }
    this.#driver?.stop();
    this.#manager?.end('the executive has ended');
    await this.#server?.close(why);
    await this.#port?.stop();
    // Whatever was delivered until now may have set one, for as long as something is retained.
    this.#deadlines.clear();
    await this.#observation.end(reason);
    if (reason === undefined) this.#log.info({ node: this.nodeId }, 'executive ends');
    else this.#log.error({ node: this.nodeId, error: reason }, 'executive ends');
    await this.#ownLog?.close();
    this.#resolveClosed(reason);
  }

  /** What was accepted is sent, then the others are told. */
  #leave(driver: Driver): Promise<void> {
    return new Promise((resolve) => {
      this.#left = resolve;
      if (driver.isOver) resolve();
      else driver.leave();
    });
  }
}

function read(config: ExecutiveConfig | string): Promise<ResolvedConfig> {
  return typeof config === 'string' ? loadConfig(config) : resolveConfig(config);
}

const EVICTIONS: Readonly<Record<Eviction['reason'], string>> = {
  slowConsumer: 'the application took nothing for too long; the ring goes on without this node',
  staleIncarnation: 'the others know a later incarnation of this node: the state directory is an old one',
  owedState: 'services of this node did not send the state that others waited for; the ring goes on without this node',
};
