/** A command line as it would be typed: exit status and what was written. */
import type { Command } from 'commander';
import { program } from '../../../src/cli/program.js';
import { run } from '../../../src/cli/run.js';
import type { Terminal } from '../../../src/cli/terminal.js';

export interface Typed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface TypeOptions {
  readonly make?: (terminal: Terminal) => Command;
  readonly hasColors?: boolean;
  /** With each text that was written to standard output. */
  readonly onOut?: (text: string) => void;
}

export async function type(line: readonly string[], options: TypeOptions = {}): Promise<Typed> {
  const { make = program, hasColors = false, onOut = () => {} } = options;
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (text) => {
      out.push(text);
      onOut(text);
    },
    err: (text) => void err.push(text),
    hasColors,
  };
  const status = await run(make(terminal), line, terminal);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

/** Commands that do something, in the order of the help. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
