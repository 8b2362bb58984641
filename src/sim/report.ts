/** How findings are printed. */
import type { Member } from '../totem/boundary.js';
import { formatViolation } from './checker/check.js';
import type { Violation } from './checker/history.js';
import { formatTime } from './time.js';

/** A violation of the checker, or of what holds between the core and who reads from it. */
export type Finding = Omit<Violation, 'predicate'> & {
  readonly predicate: Violation['predicate'] | 'stream' | 'bank' | 'boundary' | 'services' | 'E19' | 'E20';
};

export function formatFinding(finding: Finding): string {
  const { predicate } = finding;
  if (isOfChecker(predicate)) return formatViolation({ ...finding, predicate });
  return `${predicate} at ${memberText(finding.process)}, ${formatTime(finding.time)} s: ${finding.text}`;
}

function isOfChecker(predicate: Finding['predicate']): predicate is Violation['predicate'] {
  return predicate.startsWith('E') && predicate !== 'E19' && predicate !== 'E20';
}

function memberText({ node, incarnation }: Member): string {
  return `${node}.${incarnation}`;
}
