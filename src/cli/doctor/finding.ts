/** What the doctor says of one thing that it looked at. */

export interface Finding {
  readonly check: string;
  /** warning: it works, and not as well as it could. wrong: it does not, or will not. */
  readonly level: 'ok' | 'warning' | 'wrong';
  readonly what: string;
  /** How to mend it; of all that is not ok. */
  readonly mend?: string;
}

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what };
}

export function warning(check: string, what: string, mend: string): Finding {
  return { check, level: 'warning', what, mend };
}

export function wrong(check: string, what: string, mend: string): Finding {
  return { check, level: 'wrong', what, mend };
}
