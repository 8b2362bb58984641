/** The operator's tool: `ais`, also as `openais`. */
import { Command } from 'commander';
import { benchAgentCommand } from './bench-agent.js';
import { buildNativeCommand } from './build-native.js';
import { configCommand } from './config-check.js';
import { demoCommand } from './demo/command.js';
import { keygenCommand } from './keygen.js';
import { packageVersion } from './package-version.js';
import { statusCommand } from './status.js';
import type { Terminal } from './terminal.js';

export function program(terminal: Terminal): Command {
  return new Command('ais')
    .description('Looks after an openais cluster. The executive itself is aisexec.')
    .version(packageVersion())
    .addCommand(keygenCommand('keygen', terminal))
    .addCommand(statusCommand(terminal))
    .addCommand(configCommand(terminal))
    .addCommand(demoCommand(terminal))
    .addCommand(buildNativeCommand(terminal))
    .addCommand(benchAgentCommand(terminal));
}
