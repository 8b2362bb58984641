/** E22: what has a bound keeps it. */

import type { Findings } from './findings.js';
import type { HistoryIndex } from './index-history.js';

export function checkBounds({ history }: HistoryIndex, findings: Findings): void {
  for (const { process, time, name, value } of history.samples ?? []) {
    const limit = history.limits?.[name];
    if (limit === undefined) findings.outside('E22', process, time, `${name} is ${value} and has no limit`);
    else if (!(value >= 0 && value <= limit))
      findings.outside('E22', process, time, `${name} is ${value}, limit ${limit}`);
  }
}
