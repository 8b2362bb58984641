/** What users say of channels, events and filters, checked. Each throws AisError. */
import { type AisError, aisError } from '../../ais-error.js';
import { EVT_LIMITS, type FilterRecord, LAST_RESERVED_ID, MAX_FILTERS } from '../../ipc/evt.js';
import { checkName, invalid, isBytes } from '../check.js';
import type { EventAttributes, Filter } from './types.js';

const MAX_ID = 2n ** 64n - 1n;
const FILTER_KEYS = ['prefix', 'suffix', 'exact'] as const;

function tooBig(operation: string, what: string, index?: number): AisError {
  return aisError('SA_AIS_ERR_TOO_BIG', operation, what, index === undefined ? {} : { index });
}

export function checkData(operation: string, data: unknown): Uint8Array {
  if (!isBytes(data)) throw invalid(operation, 'data must be a Uint8Array');
  if (data.length > EVT_LIMITS.maxDataSize)
    throw tooBig(operation, `data has ${data.length} bytes, more than ${EVT_LIMITS.maxDataSize}`);
  return data;
}

function checkPattern(operation: string, pattern: unknown, what: string, index: number): Buffer {
  if (typeof pattern === 'string' && /\p{Surrogate}/u.test(pattern))
    throw invalid(operation, `${what} holds half of a surrogate pair`, index);
  if (typeof pattern !== 'string' && !isBytes(pattern))
    throw invalid(operation, `${what} must be a string or a Uint8Array`, index);
  const bytes = Buffer.from(pattern as Uint8Array);
  if (bytes.length > EVT_LIMITS.maxPatternSize)
    throw tooBig(operation, `${what} has ${bytes.length} bytes, more than ${EVT_LIMITS.maxPatternSize}`, index);
  return bytes;
}

function checkPatterns(operation: string, patterns: unknown): Buffer[] {
  if (!Array.isArray(patterns)) throw invalid(operation, 'patterns must be an array');
  if (patterns.length > EVT_LIMITS.maxPatterns) throw tooBig(operation, `at most ${EVT_LIMITS.maxPatterns} patterns`);
  return Array.from(patterns, (pattern, index) => checkPattern(operation, pattern, `patterns[${index}]`, index));
}

/** With the defaults for what is left out. */
export function checkAttributes(operation: string, attributes: EventAttributes | undefined) {
  if (attributes !== undefined && (typeof attributes !== 'object' || attributes === null))
    throw invalid(operation, 'attributes must be an object');
  const { patterns = [], priority = 3, retentionTime = 0, publisherName } = attributes ?? {};
  const checked = checkPatterns(operation, patterns);
  if (!Number.isInteger(priority) || priority < 0 || priority > 3)
    throw invalid(operation, 'priority must be 0, 1, 2 or 3');
  if (typeof retentionTime !== 'number' || !(retentionTime >= 0))
    throw invalid(operation, 'retentionTime must be 0 or more milliseconds');
  const name = publisherName === undefined ? '' : checkName(operation, publisherName, 'publisherName');
  return { patterns: checked, priority, retentionTime, publisherName: name };
}

export function checkFilters(operation: string, filters: unknown): FilterRecord[] {
  if (!Array.isArray(filters)) throw invalid(operation, 'filters must be an array');
  if (filters.length > MAX_FILTERS) throw tooBig(operation, `at most ${MAX_FILTERS} filters`);
  return Array.from(filters, (filter, index) => checkFilter(operation, filter, index));
}

function checkFilter(operation: string, filter: Filter, index: number): FilterRecord {
  if (filter === 'pass-all') return { kind: filter, pattern: Buffer.alloc(0) };
  const given = (typeof filter === 'object' && filter !== null ? filter : {}) as Record<string, unknown>;
  const kinds = FILTER_KEYS.filter((key) => given[key] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw invalid(operation, `filters[${index}] must be { prefix }, { suffix }, { exact } or 'pass-all'`, index);
  return { kind, pattern: checkPattern(operation, given[kind], `filters[${index}].${kind}`, index) };
}

export function checkEventId(operation: string, id: unknown): bigint {
  if (typeof id !== 'bigint' || id <= LAST_RESERVED_ID || id > MAX_ID)
    throw invalid(operation, `eventId must be a bigint above ${LAST_RESERVED_ID}`);
  return id;
}
