/** Outcomes that are errors, told apart from what a function finds. */
import type { AisErrorCode } from '../../ais-error.js';
import { failure, type Outcome } from '../../executive/service.js';

export type Refusal = Extract<Outcome, { ok: false }>;

export function refused(code: AisErrorCode, what: string, index?: number): Refusal {
  return failure(code, what, index) as Refusal;
}
