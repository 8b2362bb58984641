/** The command line of the demo. */
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface Options {
  readonly isJson: boolean;
  readonly isStaying: boolean;
  readonly isHelp: boolean;
  /** A file, or '-' for standard input. Undefined: the ledger of examples/, again and again. */
  readonly ledger: string | undefined;
}

export const USAGE = `npm start -- [--ledger FILE|-] [--json] [--stay]

  --ledger FILE  deposits as CSV lines 'account, amount', each played once; '-' is standard input.
                 Default: what is piped into standard input, else examples/bank/ledger.csv again and again.
  --json         the result as one line of JSON, the last one
  --stay         keep the cluster up at the end, and say how to connect
`;

/** @throws {Error} for an argument that there is not. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ledger: { type: 'string' },
      json: { type: 'boolean', default: false },
      stay: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { ledger, json, stay, help } = values;
  return { isJson: json, isStaying: stay, isHelp: help, ledger };
}

/** Milliseconds for the first bytes of a pipe that may just be somebody's idle end. */
const FIRST_BYTES_MS = 300;

/** Whether standard input brings a ledger: a file, or a pipe that has something in it. */
export function hasPipedInput(): Promise<boolean> {
  let kind: ReturnType<typeof fstatSync>;
  try {
    kind = fstatSync(0);
  } catch {
    return Promise.resolve(false);
  }
  if (kind.isFile()) return Promise.resolve(kind.size > 0);
  if (!kind.isFIFO() && !kind.isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const decide = (isThere: boolean) => {
      clearTimeout(timer);
      process.stdin.off('readable', look);
      process.stdin.off('end', never);
      process.stdin.off('error', never);
      if (!isThere) process.stdin.unref?.();
      resolve(isThere);
    };
    const look = () => decide(process.stdin.readableLength > 0);
    const never = () => decide(false);
    const timer = setTimeout(never, FIRST_BYTES_MS);
    process.stdin.on('readable', look);
    process.stdin.on('end', never);
    process.stdin.on('error', never);
  });
}
