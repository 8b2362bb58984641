/** What others may see of an executive: health and metrics over HTTP, the flight recorder, channels for those who trace. */
import type { ResolvedConfig } from '../config/index.js';
import type { Configuration } from '../gmi/configuration.js';
import type { RingThreadStats } from '../native/ring-thread.js';
import { publish } from '../observe/channels.js';
import { FlightRecorder } from '../observe/flight-recorder.js';
import { type Health, health, Pulse } from '../observe/health.js';
import { ObserveServer } from '../observe/http.js';
import type { Logger } from '../observe/log.js';
import { ProcessWatch } from '../observe/process-watch.js';
import { renderMetrics } from '../observe/prometheus.js';
import type { Overview, Status } from '../observe/status.js';
import type { Input, Output } from '../totem/membership.js';
import { MembershipLog } from './membership-log.js';

export interface ObservedExecutive {
  overview(): Overview;
  /** The status without digests and ring. */
  figures(): Status;
  /** Undefined before there is a ring. */
  ring(): RingThreadStats | undefined;
  readonly hasEnded: boolean;
}

export class Observation {
  readonly #config: ResolvedConfig;
  readonly #log: Logger;
  readonly #executive: ObservedExecutive;
  readonly #recorder: FlightRecorder;
  readonly #membership: MembershipLog;
  readonly #pulse = new Pulse();
  #served: { readonly server: ObserveServer; readonly watch: ProcessWatch } | undefined;

  constructor(config: ResolvedConfig, log: Logger, executive: ObservedExecutive) {
    const { nodeId: node } = config;
    this.#config = config;
    this.#log = log;
    this.#executive = executive;
    this.#recorder = new FlightRecorder({
      directory: config.stateDirectory,
      node,
      capacity: config.flightRecords,
      onWritten: (file, records) => publish('openais:flight', node, { file, records }),
      onFailure: (error) => log.warn({ error }, 'the flight recorder could not be written'),
    });
    this.#membership = new MembershipLog(node, this.#recorder, log);
  }

  /** Listens where the configuration says so. @throws errors of the system. */
  async serve(): Promise<void> {
    const { metrics, clusterName } = this.#config;
    if (metrics === undefined) return;
    const watch = new ProcessWatch();
    const text = () =>
      renderMetrics({
        clusterName,
        status: this.#executive.figures(),
        health: this.health(),
        membership: this.#membership.counts,
        ring: this.#executive.ring(),
        process: watch.figures(),
      });
    const server = new ObserveServer(metrics, { health: () => this.health(), metrics: text });
    this.#served = { server, watch };
    await server.listen(metrics.address, metrics.port);
  }

  health(): Health {
    const { hasEnded } = this.#executive;
    // Before there is a thread none can stand still.
    const passes = this.#executive.ring()?.io.passes;
    const isRingThreadMoving = passes === undefined || this.#pulse.isMoving(performance.now(), passes);
    return health({ overview: this.#executive.overview(), isRingThreadMoving, hasEnded });
  }

  step(input: Input, outputs: readonly Output[]): void {
    this.#membership.step(input, outputs, Date.now());
  }

  configuration({ kind, id, members, joined, left }: Configuration): void {
    const change = { kind, id, members, joined, left };
    this.#log.info(change, 'configuration');
    this.#membership.configuration(change, Date.now());
    publish('openais:configuration', this.#config.nodeId, change);
  }

  synchronized(): void {
    const { configuration, primary } = this.#executive.overview();
    publish('openais:synchronized', this.#config.nodeId, { id: configuration.id, primary });
  }

  /** Who may ask from now on. */
  reconfigure({ metrics }: ResolvedConfig): void {
    // Another address needs a restart, and says nothing about who may ask at this one.
    const isHere = metrics?.address === this.#config.metrics?.address && metrics?.port === this.#config.metrics?.port;
    if (this.#served !== undefined && metrics !== undefined && isHere) this.#served.server.access = metrics;
  }

  async end(reason: Error | undefined): Promise<void> {
    const time = Date.now();
    this.#recorder.add({ time, kind: 'end', ...(reason && { reason: reason.message }) });
    // Without an end that was asked for, what led to it is wanted, if there was a ring at all.
    if (reason !== undefined && this.#executive.ring() !== undefined) this.#recorder.changed();
    await Promise.all([this.#recorder.flush(), this.#served?.server.close()]);
    this.#served?.watch.end();
    publish('openais:end', this.#config.nodeId, reason === undefined ? {} : { reason });
  }
}
