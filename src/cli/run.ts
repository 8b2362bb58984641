/** Runs a command line and turns what it throws into one message and an exit status. */
import { type Command, CommanderError } from 'commander';
import { AisError } from '../ais-error.js';
import { KeyFileError } from '../config/authkey.js';
import { ConfigError } from '../config/index.js';
import { withAdvice } from './advice.js';
import type { Terminal } from './terminal.js';

/** Exit status: 0 done, 1 it could not be done, 2 the command line is wrong. */
export async function run(program: Command, argv: readonly string[], terminal: Terminal): Promise<number> {
  overrideExits(program, terminal);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // What an operator can mend is told in a sentence; anything else is a defect and keeps its stack.
    if (!isOperatingError(error)) throw error;
    const message = AisError.is(error) ? withAdvice(error) : error.message;
    terminal.err(error instanceof ConfigError ? message : `${program.name()}: ${message}`);
    return 1;
  } finally {
    process.exitCode = before;
  }
}

function isOperatingError(error: unknown): error is Error {
  // Errors of the system name the call that failed.
  const isSystemError = error instanceof Error && 'syscall' in error;
  return error instanceof ConfigError || error instanceof KeyFileError || AisError.is(error) || isSystemError;
}

/** Commander would end the process by itself; commands below a command do not inherit what is set later. */
function overrideExits(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text.trimEnd()),
    writeErr: (text) => terminal.err(text.trimEnd()),
  });
  for (const child of command.commands) overrideExits(child, terminal);
}
