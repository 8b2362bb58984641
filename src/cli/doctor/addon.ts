/** Whether the native addon loads on this machine, without which there is no executive. */
import { AisError } from '../../ais-error.js';
import { loadAddon } from '../../native/load.js';
import { type Finding, ok, wrong } from './finding.js';

export function examineAddon(load: () => unknown = loadAddon): Finding {
  try {
    load();
    return ok('addon', `loads, in Node ${process.version} on ${process.platform} ${process.arch}`);
  } catch (error) {
    if (!AisError.is(error)) throw error;
    return wrong('addon', error.message, error.hint ?? 'install the package again');
  }
}
