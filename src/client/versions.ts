/** Version negotiation by the rules of AIS: release letter, major and minor, as 'B.01.01'. */
import { aisError } from '../ais-error.js';
import { invalid } from './check.js';
import type { Versions } from './connection.js';
import type { ServiceName } from './types.js';

/** What this executive has. */
export const SUPPORTED: Versions = { evs: 'B.01.01', clm: 'B.01.01', ckpt: 'B.01.01', evt: 'B.01.01' };

const FORM = /^([A-Z])\.(\d{1,3})\.(\d{1,3})$/;

/** The versions that the connection gets: the supported ones. @throws {AisError} SA_AIS_ERR_VERSION if one asked for is another. */
export function negotiate(operation: string, asked: unknown): Versions {
  if (asked === undefined) return SUPPORTED;
  if (typeof asked !== 'object' || asked === null) throw invalid(operation, 'versions must be an object');
  for (const [service, version] of Object.entries(asked)) {
    if (version !== undefined) check(operation, service as ServiceName, version);
  }
  return SUPPORTED;
}

/** The same release, and a major number of at most the supported one; minor numbers are compatible. */
function check(operation: string, service: ServiceName, asked: unknown): void {
  const parts = typeof asked === 'string' ? FORM.exec(asked) : null;
  if (parts === null) throw invalid(operation, `versions.${service} must be of the form 'B.01.01'`);
  const supported = SUPPORTED[service];
  const [, release, major] = supported === undefined ? [] : FORM.exec(supported)!;
  const isSupported = parts[1] === release && Number(parts[2]) >= 1 && Number(parts[2]) <= Number(major);
  if (isSupported) return;
  const details = supported === undefined ? {} : { supported };
  throw aisError('SA_AIS_ERR_VERSION', operation, `${service} ${asked} is not supported`, details);
}
