/** Requests to the executive itself (service 0): its status, and to leave the ring. */
import { AisError, type AisErrorCode, aisError } from '../ais-error.js';
import type { Status } from '../observe/status.js';
import { connectLink } from './connect.js';
import type { PromptHandler } from './dispatcher.js';
import type { Answer, ExecutiveLink, LibraryLink } from './link.js';

/** The service number of the executive itself, and its functions. Their requests have no body. */
export const EXECUTIVE = 0;
/** → the status document, as JSON. */
export const STATUS = 1;
/** → nothing, once the ring is left; then the executive ends. */
export const LEAVE = 2;

export interface ExecutiveRequests {
  readonly status: () => Status;
  /** Calls back when the ring is left. Undefined: this client is not one who may ask for it. */
  readonly leave: ((left: () => void) => void) | undefined;
}

/** Serves the executive's own requests. */
export function executiveHandler(link: ExecutiveLink, { status, leave }: ExecutiveRequests): PromptHandler {
  const refuse = (tag: number, code: AisErrorCode, what: string) => link.answer(tag, { code, what });
  return {
    request({ fn, tag, start, end }) {
      const answer = (body = Buffer.alloc(0)) => link.answer(tag, { code: 'SA_AIS_OK', body });
      if (fn !== STATUS && fn !== LEAVE) refuse(tag, 'SA_AIS_ERR_NOT_SUPPORTED', `the executive has no function ${fn}`);
      else if (start !== end) refuse(tag, 'SA_AIS_ERR_INVALID_PARAM', 'a request to the executive has no body');
      else if (fn === STATUS) answer(Buffer.from(toJson(status())));
      else if (leave === undefined) refuse(tag, 'SA_AIS_ERR_ACCESS', 'only root and the user of the executive may');
      else leave(() => answer());
      return undefined;
    },
    cancel() {},
    acknowledged() {},
    closed() {},
  };
}

/** A bigint becomes text: JSON has no other place for it. */
function toJson(value: object): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
}

export interface Asked {
  readonly operation: string;
  readonly fn: number;
  /** Milliseconds, for connecting and answer together. */
  readonly timeout: number;
}

/**
 * Asks the executive that listens at `path`, and gives `use` the body of its answer, and the end of the connection as a promise; the
 * connection is closed after `use`.
 * @throws {AisError} SA_AIS_ERR_UNAVAILABLE if none listens, SA_AIS_ERR_ACCESS, SA_AIS_ERR_SECURITY, SA_AIS_ERR_TIMEOUT, and what it
 *   answers.
 */
export async function askExecutive<T>(
  path: string,
  { operation, fn, timeout }: Asked,
  use: (body: Buffer, ended: Promise<unknown>) => T | Promise<T>,
): Promise<T> {
  const end = performance.now() + timeout;
  const link = await connectLink(path, { timeout }).catch((error: AisError) => {
    throw unavailable(operation, path, error);
  });
  const ended = new Promise<AisError>((resolve) => {
    link.onEnd = resolve;
  });
  try {
    const answer = await request(link, ended, operation, fn, Math.max(0, end - performance.now()));
    if (answer.code !== 'SA_AIS_OK') throw aisError(answer.code, operation, answer.what);
    return await use(answer.body, ended);
  } finally {
    link.close();
  }
}

function request(
  link: LibraryLink,
  ended: Promise<AisError>,
  operation: string,
  fn: number,
  timeout: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(aisError('SA_AIS_ERR_TIMEOUT', operation, 'the executive does not answer'));
    }, timeout);
    const done = () => clearTimeout(timer);
    link.request(EXECUTIVE, fn, 0, new Uint8Array(0), (answer) => {
      done();
      resolve(answer);
    });
    void ended.then((reason) => {
      done();
      reject(reason);
    });
  });
}

/** Nothing is tried again here, so an executive that is not there is plainly that. */
function unavailable(operation: string, path: string, error: AisError): AisError {
  const isAbsent = error.code === 'SA_AIS_ERR_TRY_AGAIN';
  const code: AisErrorCode = isAbsent ? 'SA_AIS_ERR_UNAVAILABLE' : error.code;
  if (!isAbsent) return AisError.is(error) ? error : aisError(code, operation, String(error));
  const missing = (error.cause as NodeJS.ErrnoException).code === 'ENOENT';
  const what = missing ? `${path} does not exist` : `nobody listens at ${path}`;
  const hint = 'start it with aisexec, or name its socket with --socket';
  return aisError(code, operation, `no executive runs here: ${what}`, { hint, cause: error.cause });
}
