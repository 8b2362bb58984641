/** The cluster of conformance statements, over services that run in the model of test/services/model.ts. */
import { type AisError, aisError } from '../../src/ais-error.js';
import { Aborts } from '../../src/client/aborts.js';
import { Calls } from '../../src/client/calls.js';
import { ClmClient } from '../../src/client/clm/clm.js';
import { Deadlines } from '../../src/client/deadlines.js';
import { EvtClient } from '../../src/client/evt/evt.js';
import { ServiceCalls } from '../../src/client/service-calls.js';
import { ClmService } from '../../src/services/clm/service.js';
import { EvtService } from '../../src/services/evt/service.js';
import { ModelCluster, settled } from '../services/model.js';
import type { ClmEvtClient, ConformanceCluster } from './cluster.js';

const PATIENT = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' } as const;

/** A connection to one node of the models. */
class ModelClient implements ClmEvtClient {
  readonly nodeId: number;
  readonly clm: ClmClient;
  readonly evt: EvtClient;
  readonly #links: readonly { close(): void }[];
  readonly #deadlines = new Deadlines();
  readonly #calls = new Calls(this.#deadlines, new Aborts());

  constructor(clm: ModelCluster, evt: ModelCluster, node: number) {
    this.nodeId = node;
    const links = [clm, evt].map((cluster) => cluster.node(node).connect());
    const [clmCalls, evtCalls] = links.map((link) => {
      const [number] = [...link.welcome.services.values()];
      return new ServiceCalls(link, number!, this.#calls, PATIENT);
    });
    this.#links = links;
    this.clm = new ClmClient(clmCalls!);
    this.evt = new EvtClient(evtCalls!);
  }

  async close(): Promise<void> {
    this.end(aisError('SA_AIS_ERR_BAD_HANDLE', 'ais.close', 'the connection was closed'));
    await settled();
  }

  end({ code, message }: AisError): void {
    this.#calls.rejectAll((call) => aisError(code, call.settings.operation, message, { outcome: call.outcome }));
    this.clm.end();
    this.evt.end();
    this.#deadlines.clear();
    for (const link of this.#links) link.close();
  }
}

class ModelledCluster implements ConformanceCluster<ClmEvtClient> {
  readonly #clm = new ModelCluster(
    (node) =>
      new ClmService({
        name: `node${node}`,
        address: `10.0.0.${node}`,
        family: 'IPv4',
        bootTimestamp: 1_600_000_000_000,
      }),
  );
  readonly #evt = new ModelCluster(() => new EvtService());
  readonly #clients: { readonly node: number; readonly client: ModelClient }[] = [];

  constructor() {
    for (const model of this.#models) model.start(1, 2, 3);
  }

  get #models(): ModelCluster[] {
    return [this.#clm, this.#evt];
  }

  async connect(node: number): Promise<ClmEvtClient> {
    const client = new ModelClient(this.#clm, this.#evt, node);
    this.#clients.push({ node, client });
    return client;
  }

  async restart(node: number): Promise<void> {
    for (const model of this.#models) model.start(node);
    await this.merge();
  }

  async crash(node: number): Promise<void> {
    for (const model of this.#models) model.crash(node);
    for (const each of this.#clients) {
      if (each.node === node) each.client.end(aisError('SA_AIS_ERR_LIBRARY', 'ais', 'the executive is gone'));
    }
    await this.merge();
  }

  async partition(...parts: readonly number[][]): Promise<void> {
    for (const model of this.#models) for (const part of parts) model.form(...part);
    await settled();
  }

  async merge(): Promise<void> {
    for (const model of this.#models) model.form(...model.nodes.keys());
    await settled();
  }

  now(): number {
    return this.#evt.time;
  }

  async wait(ms: number): Promise<void> {
    await settled();
    for (const model of this.#models) model.advance(ms);
    await settled();
  }

  async close(): Promise<void> {
    for (const { client } of this.#clients) client.end(aisError('SA_AIS_ERR_BAD_HANDLE', 'ais', 'the test is over'));
    await settled();
  }
}

export async function makeModel(): Promise<ConformanceCluster<ClmEvtClient>> {
  return new ModelledCluster();
}
