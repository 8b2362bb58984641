/** What `ais status` asks: the status document of an executive. */
import { aisError } from '../ais-error.js';
import { isStatus, type Status } from '../observe/status.js';
import { askExecutive, STATUS } from './executive.js';

const ANSWER_MS = 2000;

/**
 * The status of the executive that listens at `path`.
 * @throws {AisError} As askExecutive(); SA_AIS_ERR_LIBRARY if it answers something else.
 */
export function fetchStatus(path: string, timeout = ANSWER_MS): Promise<Status> {
  return askExecutive(path, { operation: 'status', fn: STATUS, timeout }, (body) => {
    const status = parse(body);
    if (isStatus(status)) return status;
    throw aisError('SA_AIS_ERR_LIBRARY', 'status', 'the answer is no status');
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
