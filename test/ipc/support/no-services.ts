/** Serves an executive that has no services but EVS. */
import type { ExecutiveLink, RequestHandler } from '../../../src/ipc/link.js';

export function noOtherServices(link: ExecutiveLink): RequestHandler {
  return {
    request(service, _fn, tag, _flags, body) {
      link.takenUp(body.length);
      link.answer(tag, { code: 'SA_AIS_ERR_NOT_EXIST', what: `the executive has no service ${service}` });
    },
    cancel() {},
    closed() {},
  };
}
