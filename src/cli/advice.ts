/** What to do about an error of a service, where the error does not say it itself: by operation and code, else by code alone. */
import type { AisError } from '../ais-error.js';

const advice: Readonly<Record<string, string>> = {
  'ckpt.open SA_AIS_ERR_NOT_EXIST': 'ais ckpt list shows those that there are, ais ckpt create makes one',
  'ckpt.open SA_AIS_ERR_EXIST': 'ais ckpt show shows its attributes, ais ckpt unlink deletes it',
  'ckpt.unlink SA_AIS_ERR_NOT_EXIST': 'ais ckpt list shows those that there are',
  'ckpt.read SA_AIS_ERR_NOT_EXIST': 'ais ckpt sections shows those that there are',
  'ckpt.write SA_AIS_ERR_NOT_EXIST': 'without --offset a section that is missing is created',
  'evt.unlink SA_AIS_ERR_NOT_EXIST': 'ais evt list shows those that there are',
  SA_AIS_ERR_TIMEOUT: 'ais status says whether its services are synchronized and primary; --timeout waits longer',
  SA_AIS_ERR_NO_SPACE: 'ais ckpt show says how full it is',
  SA_AIS_ERR_NO_RESOURCES: 'ais services says how much there is of what',
  SA_AIS_ERR_ACCESS: 'try it as root or as the user of the executive',
  SA_AIS_ERR_LIBRARY: 'ais doctor looks for the reason',
};

/** The message of an error, with what to do. */
export function withAdvice({ message, operation, code, hint }: AisError): string {
  const todo = hint === undefined ? (advice[`${operation} ${code}`] ?? advice[code]) : undefined;
  return todo === undefined ? message : `${message}: ${todo}`;
}
