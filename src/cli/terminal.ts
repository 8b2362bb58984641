/** Where commands write: results to standard output, everything else to standard error. */

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether what is written may have colors. Default: none. */
  readonly hasColors?: boolean;
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  hasColors: wantsColors(process.env, process.stdout.isTTY),
};

/** Colors are for a terminal, unless NO_COLOR says anything (no-color.org). */
export function wantsColors(environment: NodeJS.ProcessEnv, isTerminal: boolean | undefined): boolean {
  return isTerminal === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}

/** A bigint has no place in JSON: it becomes text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
}
