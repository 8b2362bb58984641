/** The one error of the library: a code of the SA Forum, its number, and what it means for the caller. */

/** Numbers of AIS; EVS_… carries the number of EVS, AIS_… is no code of the SA Forum and has none. */
const NUMBERS = {
  SA_AIS_ERR_LIBRARY: 2,
  SA_AIS_ERR_VERSION: 3,
  SA_AIS_ERR_INIT: 4,
  SA_AIS_ERR_TIMEOUT: 5,
  SA_AIS_ERR_TRY_AGAIN: 6,
  SA_AIS_ERR_INVALID_PARAM: 7,
  SA_AIS_ERR_NO_MEMORY: 8,
  SA_AIS_ERR_BAD_HANDLE: 9,
  SA_AIS_ERR_BUSY: 10,
  SA_AIS_ERR_ACCESS: 11,
  SA_AIS_ERR_NOT_EXIST: 12,
  SA_AIS_ERR_NAME_TOO_LONG: 13,
  SA_AIS_ERR_EXIST: 14,
  SA_AIS_ERR_NO_SPACE: 15,
  SA_AIS_ERR_INTERRUPT: 16,
  SA_AIS_ERR_NAME_NOT_FOUND: 17,
  SA_AIS_ERR_NO_RESOURCES: 18,
  SA_AIS_ERR_NOT_SUPPORTED: 19,
  SA_AIS_ERR_BAD_OPERATION: 20,
  SA_AIS_ERR_FAILED_OPERATION: 21,
  SA_AIS_ERR_MESSAGE_ERROR: 22,
  SA_AIS_ERR_QUEUE_FULL: 23,
  SA_AIS_ERR_QUEUE_NOT_AVAILABLE: 24,
  SA_AIS_ERR_BAD_FLAGS: 25,
  SA_AIS_ERR_TOO_BIG: 26,
  SA_AIS_ERR_NO_SECTIONS: 27,
  SA_AIS_ERR_NO_OP: 28,
  SA_AIS_ERR_UNAVAILABLE: 31,
  SA_AIS_ERR_SECURITY: 100,
  EVS_ERR_TOO_MANY_GROUPS: 30,
  AIS_ERR_NATIVE_UNAVAILABLE: 0,
} as const;

/** Codes of the SA Forum, of EVS, and one of our own. */
export type AisErrorCode = keyof typeof NUMBERS;

export function isAisErrorCode(text: string): text is AisErrorCode {
  return Object.hasOwn(NUMBERS, text);
}

export interface AisErrorDetails {
  /** Default 'none'. */
  readonly outcome?: 'none' | 'unknown';
  readonly index?: number;
  readonly supported?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

const BRAND: unique symbol = Symbol.for('openais.AisError') as never;

type Construct = (code: AisErrorCode, operation: string, what: string, details: AisErrorDetails) => AisError;
let construct: Construct;

/** What every call of the library rejects with. */
export class AisError extends Error {
  static {
    construct = (code, operation, what, details) => new AisError(code, operation, what, details);
    Object.defineProperty(AisError.prototype, 'name', { value: 'AisError', configurable: true, writable: true });
  }

  /** Holds across two copies of the package. */
  static is(error: unknown): error is AisError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }

  readonly code: AisErrorCode;
  /** The number of the SA Forum (EVS_…: of EVS; AIS_…: 0). */
  readonly number: number;
  /** 'ckpt.write', 'evs.join', … */
  readonly operation: string;
  /** 'unknown': it may have taken effect (time-out, abort, connection lost). 'none': it had no effect. */
  readonly outcome: 'none' | 'unknown';
  /** Position of the offending element of a vector (erroneousVectorIndex). */
  declare readonly index?: number;
  /** With SA_AIS_ERR_VERSION: what is supported. */
  declare readonly supported?: string;
  declare readonly hint?: string;

  private constructor(code: AisErrorCode, operation: string, what: string, details: AisErrorDetails) {
    const hint = details.hint === undefined ? '' : ` (${details.hint})`;
    super(`${operation}: ${what}${hint} [${code}]`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.number = NUMBERS[code];
    this.operation = operation;
    this.outcome = details.outcome ?? 'none';
    if (details.index !== undefined) this.index = details.index;
    if (details.supported !== undefined) this.supported = details.supported;
    if (details.hint !== undefined) this.hint = details.hint;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Makes an AisError: how the library does it; users only catch them. */
export function aisError(code: AisErrorCode, operation: string, what: string, details: AisErrorDetails = {}): AisError {
  return construct(code, operation, what, details);
}
