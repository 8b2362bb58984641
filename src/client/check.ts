/** Arguments of users, checked before anything is done with them. Each throws SA_AIS_ERR_INVALID_PARAM unless it says otherwise. */
import { isUint8Array } from 'node:util/types';
import { type AisError, aisError } from '../ais-error.js';
import type { Patience } from './calls.js';
import type { WaitOptions } from './types.js';

/** Bytes of UTF-8 in a name. */
export const MAX_NAME = 255;

export function invalid(operation: string, what: string, index?: number): AisError {
  return aisError('SA_AIS_ERR_INVALID_PARAM', operation, what, index === undefined ? {} : { index });
}

/** Undefined counts as no options. */
export function checkOptions<T extends object>(operation: string, options: T | undefined): T {
  if (options === undefined) return {} as T;
  if (typeof options !== 'object' || options === null) throw invalid(operation, 'options must be an object');
  return options;
}

/** @throws {AisError} SA_AIS_ERR_NAME_TOO_LONG as well. */
export function checkName(operation: string, name: unknown, what: string, index?: number): string {
  if (typeof name !== 'string' || name.length === 0)
    throw invalid(operation, `${what} must be a string of 1 to 255 bytes`, index);
  if (/\p{Surrogate}/u.test(name)) throw invalid(operation, `${what} holds half of a surrogate pair`, index);
  if (name.length > MAX_NAME || Buffer.byteLength(name) > MAX_NAME) {
    const details = index === undefined ? {} : { index };
    throw aisError('SA_AIS_ERR_NAME_TOO_LONG', operation, `${what} has more than ${MAX_NAME} bytes`, details);
  }
  return name;
}

/** A copy, so that the caller may do what it likes with its own. */
export function checkNames(operation: string, names: unknown, what: string): string[] {
  if (!Array.isArray(names)) throw invalid(operation, `${what} must be an array of names`);
  return Array.from(names, (name, index) => checkName(operation, name, `${what}[${index}]`, index));
}

export function checkOneOf<T extends string>(operation: string, value: unknown, what: string, values: readonly T[]): T {
  if (!values.includes(value as T))
    throw invalid(operation, `${what} must be ${values.map((v) => `'${v}'`).join(' or ')}`);
  return value as T;
}

export function checkTimeout(operation: string, timeout: unknown, what = 'timeout'): number {
  if (typeof timeout !== 'number' || !(timeout >= 0))
    throw invalid(operation, `${what} must be 0 or more milliseconds`);
  return timeout;
}

/** By its shape: a test runner may have an AbortSignal of its own. */
export function checkSignal(operation: string, signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return signal as AbortSignal;
  throw invalid(operation, 'signal must be an AbortSignal');
}

const NO_BYTES = new Uint8Array();

/** Of any realm: a test runner may have another Uint8Array than Buffer has. What was transferred to another thread is none any more. */
export function isBytes(value: unknown): value is Uint8Array {
  if (!isUint8Array(value)) return false;
  if (value.length > 0) return true;
  try {
    NO_BYTES.set(value);
    return true;
  } catch {
    return false;
  }
}

export function checkBytes(operation: string, data: unknown, most: number, index?: number): void {
  if (!isBytes(data)) throw invalid(operation, 'data must be a Uint8Array', index);
  if (data.length > most)
    throw invalid(operation, `data has ${data.length} bytes, more than the ${most} of a message`, index);
}

export function checkTryAgain(operation: string, tryAgain: unknown, what = 'tryAgain'): 'wait' | 'throw' {
  return checkOneOf(operation, tryAgain, what, ['wait', 'throw']);
}

/** What a call may wait for, with the connection's defaults for what it leaves out. */
export function checkPatience(operation: string, options: WaitOptions, defaults: Patience): Patience {
  const timeout = options.timeout === undefined ? defaults.timeout : checkTimeout(operation, options.timeout);
  const tryAgain = options.tryAgain === undefined ? defaults.tryAgain : checkTryAgain(operation, options.tryAgain);
  const signal = checkSignal(operation, options.signal);
  return signal === undefined ? { timeout, tryAgain } : { timeout, tryAgain, signal };
}

/** Left out is false. */
export function checkFlag(operation: string, flag: unknown, what: string): boolean {
  if (flag === undefined) return false;
  if (typeof flag !== 'boolean') throw invalid(operation, `${what} must be a boolean`);
  return flag;
}
