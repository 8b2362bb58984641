/** Clients of EVT over the model of a cluster. */
import { aisError } from '../../../src/ais-error.js';
import { Aborts } from '../../../src/client/aborts.js';
import { Calls } from '../../../src/client/calls.js';
import { Deadlines } from '../../../src/client/deadlines.js';
import { EvtClient } from '../../../src/client/evt/evt.js';
import { ServiceCalls } from '../../../src/client/service-calls.js';
import { EvtService } from '../../../src/services/evt/service.js';
import { ModelCluster, type ModelLink } from '../model.js';

const EVT_NUMBER = 4;

export class EvtCluster extends ModelCluster {
  readonly services = new Map<number, EvtService>();

  constructor() {
    super((node) => {
      const service = new EvtService();
      this.services.set(node, service);
      return service;
    });
  }
}

export interface EvtConnection {
  readonly evt: EvtClient;
  readonly link: ModelLink;
  end(): void;
}

export function connect(cluster: ModelCluster, node: number): EvtConnection {
  const link = cluster.node(node).connect();
  const calls = new Calls(new Deadlines(), new Aborts());
  const patient = { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' } as const;
  const evt = new EvtClient(new ServiceCalls(link, EVT_NUMBER, calls, patient));
  const end = () => {
    calls.rejectAll((call) => aisError('SA_AIS_ERR_BAD_HANDLE', call.settings.operation, 'the connection is closed'));
    evt.end();
    link.close();
  };
  return { evt, link, end };
}
