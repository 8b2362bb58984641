/** An executive's socket with nothing behind it but its status. */
import { aisError } from '../../../src/ais-error.js';
import { Dispatcher } from '../../../src/ipc/dispatcher.js';
import { EXECUTIVE, executiveHandler } from '../../../src/ipc/executive.js';
import { serveConnections } from '../../../src/ipc/server.js';
import type { Status } from '../../../src/observe/status.js';
import { noOtherServices } from './no-services.js';

export interface StatusServer {
  close(): Promise<void>;
}

export async function serveStatus(path: string, status: () => Status): Promise<StatusServer> {
  const server = await serveConnections(path, {
    refuse: () => undefined,
    welcome: () => ({ nodeId: 1, services: new Map() }),
    serve: (link) =>
      new Dispatcher(link, (own) => ({
        prompt: new Map([[EXECUTIVE, executiveHandler(own, { status, leave: undefined })]]),
        others: noOtherServices(own),
      })),
    ended: () => {},
  });
  return { close: () => server.close(aisError('SA_AIS_ERR_LIBRARY', 'test', 'the test is over')) };
}
