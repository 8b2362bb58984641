/** Connecting: the options, and the ways to the executive. */
import { AisError, aisError } from '../ais-error.js';
import { type ConnectLinkOptions, connectLink } from '../ipc/connect.js';
import type { LibraryLink, WindowLink } from '../ipc/link.js';
import type { Patience } from './calls.js';
import { checkOptions, checkSignal, checkTimeout, checkTryAgain, invalid } from './check.js';
import { Connection } from './connection.js';
import { LONGEST_TIMER_MS } from './deadlines.js';
import { RemoteEvs } from './evs/remote-evs.js';
import type { Ais, ConnectOptions } from './types.js';
import { negotiate } from './versions.js';

const OPERATION = 'ais.connect';

/** Where an executive listens that was told nothing else; src/config/schema.ts has the same. */
const DEFAULT_SOCKET_PATH = '/run/ais/ais.sock';

/** Connects to the executive of this machine through its socket. */
export async function connect(options?: ConnectOptions): Promise<Ais> {
  const { socketPath = process.env.AIS_SOCKET || DEFAULT_SOCKET_PATH } = checkOptions(OPERATION, options);
  if (typeof socketPath !== 'string') throw invalid(OPERATION, 'socketPath must be a string');
  return connectThrough((limits) => connectLink(socketPath, limits), options);
}

/** Over whatever link is made. */
export async function connectThrough(
  makeLink: (limits: ConnectLinkOptions) => WindowLink | Promise<WindowLink>,
  options?: Omit<ConnectOptions, 'socketPath'>,
): Promise<Connection> {
  const { versions, defaults, timeout, signal } = checkConnect(options);
  const end = performance.now() + timeout;
  const link = await makeLink({ timeout, signal });
  try {
    const evs = await within(link, RemoteEvs.connect(link), end - performance.now(), signal);
    return new Connection(link, evs, versions, defaults);
  } catch (error) {
    link.close();
    throw error;
  }
}

/** What the promise gives, unless time, signal or link end before. */
function within<T>(link: LibraryLink, promise: Promise<T>, ms: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => done(() => reject(signal?.reason));
    const expire = () => done(() => reject(aisError('SA_AIS_ERR_TIMEOUT', OPERATION, 'the executive does not answer')));
    const timer = ms < LONGEST_TIMER_MS ? setTimeout(expire, Math.max(0, ms)) : undefined;
    const done = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    signal?.addEventListener('abort', abort, { once: true });
    link.onEnd = (reason) => done(() => reject(reason));
    promise.then(
      (value) => done(() => resolve(value)),
      (error) => done(() => reject(AisError.is(error) ? error : noAnswer(error))),
    );
  });
}

function noAnswer(cause: unknown): AisError {
  return aisError('SA_AIS_ERR_LIBRARY', OPERATION, 'what the executive answers cannot be understood', { cause });
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
  return { versions, defaults, timeout, signal };
}
