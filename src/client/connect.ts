/** Connecting: the options, and the way through the socket of the executive. */
import { aisError } from '../ais-error.js';
import type { Patience } from './calls.js';
import { checkOptions, checkSignal, checkTimeout, checkTryAgain, invalid } from './check.js';
import { Connection, type Transport } from './connection.js';
import type { Ais, ConnectOptions } from './types.js';
import { negotiate } from './versions.js';

const OPERATION = 'ais.connect';

/** Connects to the executive of this machine through its socket. */
export async function connect(options?: ConnectOptions): Promise<Ais> {
  const { socketPath } = checkOptions(OPERATION, options);
  if (socketPath !== undefined && typeof socketPath !== 'string')
    throw invalid(OPERATION, 'socketPath must be a string');
  checkConnect(options);
  throw aisError('SA_AIS_ERR_NOT_SUPPORTED', OPERATION, 'connections through the socket are not there yet', {
    hint: "embed the executive: Executive.start() of 'openais/executive', then its connect()",
  });
}

/** Over a transport that is there already. */
export function connectThrough(transport: Transport, options?: Omit<ConnectOptions, 'socketPath'>): Connection {
  const { versions, defaults } = checkConnect(options);
  return new Connection(transport, versions, defaults);
}

function checkConnect(given: ConnectOptions | undefined) {
  const options = checkOptions(OPERATION, given);
  const {
    defaultTimeout = Number.POSITIVE_INFINITY,
    defaultTryAgain = 'wait',
    timeout = Number.POSITIVE_INFINITY,
  } = options;
  checkTimeout(OPERATION, timeout);
  const defaults: Patience = {
    timeout: checkTimeout(OPERATION, defaultTimeout, 'defaultTimeout'),
    tryAgain: checkTryAgain(OPERATION, defaultTryAgain, 'defaultTryAgain'),
  };
  const versions = negotiate(OPERATION, options.versions);
  const signal = checkSignal(OPERATION, options.signal);
  signal?.throwIfAborted();
  return { versions, defaults };
}
