/** Filters against patterns, byte by byte: filter i is compared with pattern i; a missing pattern counts as empty. */
import type { FilterRecord } from '../../ipc/evt.js';

const EMPTY = Buffer.alloc(0);

export function matches(filters: readonly FilterRecord[], patterns: readonly Buffer[]): boolean {
  return filters.every((filter, index) => matchesOne(filter, patterns[index] ?? EMPTY));
}

function matchesOne({ kind, pattern: wanted }: FilterRecord, pattern: Buffer): boolean {
  if (kind === 'pass-all') return true;
  if (wanted.length > pattern.length) return false;
  switch (kind) {
    case 'prefix':
      return wanted.equals(pattern.subarray(0, wanted.length));
    case 'suffix':
      return wanted.equals(pattern.subarray(pattern.length - wanted.length));
    case 'exact':
      return wanted.equals(pattern);
  }
}
