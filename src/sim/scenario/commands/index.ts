import type { Command } from './command.js';
import { networkCommands } from './network.js';
import { nodes } from './nodes.js';
import { processCommands } from './process.js';
import { sendCommands } from './send.js';
import { forget, show } from './show.js';
import { timeCommands } from './time.js';

/** By name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [nodes, ...processCommands, ...networkCommands, ...sendCommands, ...timeCommands, forget, show].map((command) => [
    command.name,
    command,
  ]),
);
