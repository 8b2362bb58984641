/** `ais build-native`: builds the addon of this package from its source, where no binary of the package fits. Needs no network. */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { aisError } from '../ais-error.js';
import { described, documented, object, text } from './schema.js';
import { type Terminal, toJson } from './terminal.js';

/** Two folders up, from src/cli as from dist/cli. */
const root = new URL('../../', import.meta.url);

/** scripts/compile-addon.mjs: scripts/ is not compiled. */
interface Compiler {
  compileAddon(root: string, isStrict: boolean): Promise<string>;
}

export function buildNativeCommand(terminal: Terminal, compile = compileHere): Command {
  const command = new Command('build-native')
    .description('build the native addon from the source in this package; needs a C++20 compiler, and no network')
    .action(async ({ json }: { json?: boolean }) => {
      terminal.err('Building the native addon, about a minute …');
      const addon = await compile();
      terminal.out(json ? toJson({ addon }) : `Built ${addon}.`);
    });
  return documented(command, object({ addon: described(text, 'path of the addon that was built') }));
}

export async function compileHere(): Promise<string> {
  const { compileAddon } = (await import(new URL('scripts/compile-addon.mjs', root).href)) as Compiler;
  try {
    // Somebody else's compiler may warn where ours does not.
    return await compileAddon(fileURLToPath(root), false);
  } catch (cause) {
    // SetupError: its message says what to do.
    if (!(cause instanceof Error && cause.name === 'SetupError')) throw cause;
    throw aisError('AIS_ERR_NATIVE_UNAVAILABLE', 'build-native', cause.message, { cause });
  }
}
