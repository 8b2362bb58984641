/** Arguments of checkpoint calls, checked. Each check throws SA_AIS_ERR_INVALID_PARAM unless it says otherwise. */
import {
  type Attributes,
  CHOSEN,
  type Chosen,
  faultOf,
  MAX_ELEMENTS,
  MAX_SECTION_ID_SIZE,
  UPDATES,
} from '../../ipc/ckpt.js';
import { checkBytes, checkOneOf, checkTimeout, invalid, isBytes } from '../check.js';
import type { CheckpointAttributes, ReadElement, SectionFilter, SectionId, WriteElement } from './types.js';

export function checkObject<T extends object>(operation: string, value: T, what: string, index?: number): T {
  if (typeof value !== 'object' || value === null) throw invalid(operation, `${what} must be an object`, index);
  return value;
}

export function checkAttributes(operation: string, given: CheckpointAttributes): Attributes {
  checkObject(operation, given, 'create');
  const { update = 'all-replicas', collocated = false } = given;
  checkOneOf(operation, update, 'update', UPDATES);
  if (typeof collocated !== 'boolean') throw invalid(operation, 'collocated must be a boolean');
  const { checkpointSize, retentionDuration, maxSections, maxSectionSize, maxSectionIdSize } = given;
  const sizes = { checkpointSize, retentionDuration, maxSections, maxSectionSize, maxSectionIdSize };
  for (const [what, value] of Object.entries(sizes))
    if (typeof value !== 'number') throw invalid(operation, `${what} must be a number`);
  const attributes = { update, collocated, ...sizes };
  const fault = faultOf(attributes);
  if (fault !== undefined) throw invalid(operation, fault);
  return attributes;
}

export function checkFlag(operation: string, flag: unknown, what: string): boolean {
  if (flag === undefined) return false;
  if (typeof flag !== 'boolean') throw invalid(operation, `${what} must be a boolean`);
  return flag;
}

/** Undefined: the default section. The bytes are the caller's. */
export function checkSectionId(operation: string, id: SectionId | undefined, index?: number): Uint8Array {
  if (id === undefined) return Buffer.alloc(0);
  if (typeof id === 'string') {
    if (/\p{Surrogate}/u.test(id)) throw invalid(operation, 'the id holds half of a surrogate pair', index);
  } else if (!isBytes(id)) {
    throw invalid(operation, 'an id must be a string or a Uint8Array', index);
  }
  const bytes = typeof id === 'string' ? Buffer.from(id) : id;
  if (bytes.length > MAX_SECTION_ID_SIZE)
    throw invalid(operation, `an id has at most ${MAX_SECTION_ID_SIZE} bytes`, index);
  return bytes;
}

/** For calls that need one: there is no default. */
export function checkGivenId(operation: string, id: SectionId): Uint8Array {
  if (id === undefined) throw invalid(operation, 'the id of a section is missing');
  return checkSectionId(operation, id);
}

export interface CheckedElement {
  readonly id: Uint8Array;
  readonly offset: number;
}

export function checkVector<T>(operation: string, elements: T | readonly T[]): readonly T[] {
  const vector: readonly T[] = Array.isArray(elements) ? elements : [elements as T];
  if (vector.length > MAX_ELEMENTS) throw invalid(operation, `more than ${MAX_ELEMENTS} elements`);
  if (!Array.isArray(elements)) checkObject(operation, elements as object, 'the element');
  return vector;
}

export function checkWrite(
  operation: string,
  element: WriteElement,
  most: number,
  index: number,
): CheckedElement & { readonly data: Uint8Array } {
  const { section, data, offset } = checkObject(operation, element, 'an element', index);
  const id = checkSectionId(operation, section, index);
  checkBytes(operation, data, Number.POSITIVE_INFINITY, index);
  if (data.length === 0) throw invalid(operation, 'there is nothing to write', index);
  const checked = { id, offset: checkOffset(operation, offset, index), data };
  if (checked.offset + data.length > most) throw invalid(operation, `a section has at most ${most} bytes`, index);
  return checked;
}

export function checkRead(
  operation: string,
  element: ReadElement,
  most: number,
  index: number,
): CheckedElement & { readonly length: number } {
  const { section, offset, length } = checkObject(operation, element, 'an element', index);
  const id = checkSectionId(operation, section, index);
  const wanted = length === undefined ? Number.POSITIVE_INFINITY : checkCount(operation, length, 'length', index);
  if (length !== undefined && wanted > most) throw invalid(operation, `a section has at most ${most} bytes`, index);
  return { id, offset: checkOffset(operation, offset, index), length: wanted };
}

function checkOffset(operation: string, offset: unknown, index: number): number {
  return offset === undefined ? 0 : checkCount(operation, offset, 'offset', index);
}

function checkCount(operation: string, value: unknown, what: string, index: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalid(operation, `${what} must be a whole number from 0`, index);
  return value as number;
}

export function checkFilter(operation: string, filter: SectionFilter | undefined): { chosen: Chosen; time: number } {
  if (filter === undefined) return { chosen: 'any', time: 0 };
  const { chosen } = checkObject(operation, filter, 'the filter');
  checkOneOf(operation, chosen, 'chosen', CHOSEN);
  if (filter.chosen !== 'leq' && filter.chosen !== 'geq') return { chosen, time: 0 };
  return { chosen, time: checkTimeout(operation, filter.expirationTime, 'expirationTime') };
}
