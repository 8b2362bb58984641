/** The library's way to the executive of its machine: through the Unix socket. Needs no native code. */
import { connect } from 'node:net';
import { type AisError, type AisErrorCode, aisError } from '../ais-error.js';
import { LibraryEnd } from './library-link.js';
import type { WindowLink } from './link.js';
import { carry } from './socket-carrier.js';

/** Bytes of a path that the kernel takes; Node cuts a longer one without a word. */
export const PATH_MAX = 107;
const OPERATION = 'ais.connect';

export interface ConnectLinkOptions {
  /** Milliseconds; default Infinity. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws {AisError} SA_AIS_ERR_TRY_AGAIN: no executive is there. SA_AIS_ERR_ACCESS: the socket is not for this user.
 *   SA_AIS_ERR_SECURITY: the executive does not admit it. SA_AIS_ERR_VERSION: it has another protocol. SA_AIS_ERR_TIMEOUT.
 */
export function connectLink(path: string, options: ConnectLinkOptions = {}): Promise<WindowLink> {
  const { timeout = Number.POSITIVE_INFINITY, signal } = options;
  if (Buffer.byteLength(path) > PATH_MAX || path.length === 0 || path.includes('\0')) {
    const what = `a socket path has 1 to ${PATH_MAX} bytes`;
    return Promise.reject(aisError('SA_AIS_ERR_INVALID_PARAM', OPERATION, what));
  }
  return new Promise((resolve, reject) => {
    const link = new LibraryEnd();
    const { stream } = link;
    const socket = connect({
      path,
      onread: {
        buffer: () => stream.space(),
        callback: (bytes) => {
          stream.received(bytes);
          return true;
        },
      },
    });
    carry(stream, socket);
    let timer: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      settle();
      link.close();
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(signal?.reason);
    link.onEnd = (reason) => fail(connectFailure(path, reason));
    link.onWelcome = () => {
      settle();
      link.forgetOnEnd();
      resolve(link);
    };
    signal?.addEventListener('abort', abort, { once: true });
    timer = deadline(timeout, () => {
      fail(aisError('SA_AIS_ERR_TIMEOUT', OPERATION, `no welcome at ${path} within ${timeout} ms`));
    });
  });
}

/** A timer of Node takes at most 2^31 - 1 ms; nobody waits longer for a welcome. */
function deadline(ms: number, expire: () => void): NodeJS.Timeout | undefined {
  return ms < 2 ** 31 ? setTimeout(expire, ms) : undefined;
}

const CODES: Readonly<Record<string, AisErrorCode>> = {
  ENOENT: 'SA_AIS_ERR_TRY_AGAIN',
  ECONNREFUSED: 'SA_AIS_ERR_TRY_AGAIN',
  ECONNRESET: 'SA_AIS_ERR_TRY_AGAIN',
  EAGAIN: 'SA_AIS_ERR_TRY_AGAIN',
  ENOTDIR: 'SA_AIS_ERR_TRY_AGAIN',
  EACCES: 'SA_AIS_ERR_ACCESS',
  EPERM: 'SA_AIS_ERR_ACCESS',
};

function connectFailure(path: string, reason: AisError): AisError {
  const { code } = (reason.cause ?? {}) as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : CODES[code];
  if (known === undefined) return aisError(reason.code, OPERATION, `${path}: ${reason.message}`, { cause: reason });
  const what = known === 'SA_AIS_ERR_ACCESS' ? `no permission to connect to ${path}` : `no executive runs at ${path}`;
  const hint = known === 'SA_AIS_ERR_ACCESS' ? {} : { hint: 'start it with aisexec' };
  return aisError(known, OPERATION, what, { cause: reason.cause, ...hint });
}
