/** `ais status`: one request to the executive itself (service 0), answered with a document of JSON. */
import { AisError, type AisErrorCode, aisError } from '../ais-error.js';
import { isStatus, type Status } from '../observe/status.js';
import { connectLink } from './connect.js';
import type { PromptHandler } from './dispatcher.js';
import type { Answer, ExecutiveLink, LibraryLink } from './link.js';

/** The service number of the executive itself, and its function. */
export const EXECUTIVE = 0;
const STATUS = 1;
const ANSWER_MS = 2000;

/** Serves the executive's own requests. */
export function statusHandler(link: ExecutiveLink, status: () => Status): PromptHandler {
  return {
    request({ fn, tag }) {
      if (fn === STATUS) link.answer(tag, { code: 'SA_AIS_OK', body: Buffer.from(toJson(status())) });
      else link.answer(tag, { code: 'SA_AIS_ERR_NOT_SUPPORTED', what: `the executive has no function ${fn}` });
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

/**
 * The status of the executive that listens at `path`.
 * @throws {AisError} SA_AIS_ERR_UNAVAILABLE if none does, SA_AIS_ERR_ACCESS, SA_AIS_ERR_SECURITY, SA_AIS_ERR_TIMEOUT,
 *   SA_AIS_ERR_LIBRARY if it answers something else.
 */
export async function fetchStatus(path: string, timeout = ANSWER_MS): Promise<Status> {
  const end = performance.now() + timeout;
  const link = await connectLink(path, { timeout }).catch((error: AisError) => {
    throw unavailable(path, error);
  });
  try {
    const answer = await ask(link, Math.max(0, end - performance.now()));
    if (answer.code !== 'SA_AIS_OK') throw aisError(answer.code, 'status', answer.what);
    const status = parse(answer.body);
    if (isStatus(status)) return status;
    throw aisError('SA_AIS_ERR_LIBRARY', 'status', 'the answer is no status');
  } finally {
    link.close();
  }
}

function ask(link: LibraryLink, timeout: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(aisError('SA_AIS_ERR_TIMEOUT', 'status', 'the executive does not answer'));
    }, timeout);
    const done = () => clearTimeout(timer);
    link.onEnd = (reason) => {
      done();
      reject(reason);
    };
    link.request(EXECUTIVE, STATUS, 0, new Uint8Array(0), (answer) => {
      done();
      resolve(answer);
    });
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Nothing is tried again here, so an executive that is not there is plainly that. */
function unavailable(path: string, error: AisError): AisError {
  const isAbsent = error.code === 'SA_AIS_ERR_TRY_AGAIN';
  const code: AisErrorCode = isAbsent ? 'SA_AIS_ERR_UNAVAILABLE' : error.code;
  if (!isAbsent) return AisError.is(error) ? error : aisError(code, 'status', String(error));
  const missing = (error.cause as NodeJS.ErrnoException).code === 'ENOENT';
  const what = missing ? `${path} does not exist` : `nobody listens at ${path}`;
  const hint = 'start it with aisexec, or name its socket with --socket';
  return aisError(code, 'status', `no executive runs here: ${what}`, { hint, cause: error.cause });
}
