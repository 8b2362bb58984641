/** `aisexec`: an executive as a process of its own. It leaves the ring and exits with 0 on SIGTERM and SIGINT. */
import { Command } from 'commander';
import { defaultConfigFiles } from '../config/index.js';
import { findConfigFile } from './config-check.js';
import { Daemon } from './daemon.js';
import { packageVersion } from './package-version.js';
import type { Terminal } from './terminal.js';

export function aisexecCommand(terminal: Terminal): Command {
  return new Command('aisexec')
    .description('The executive: joins the ring that the configuration file describes, and serves this machine.')
    .version(packageVersion())
    .option('-c, --config <file>', `default: ${defaultConfigFiles.join(', else ')}`)
    .option('-f, --foreground', 'stay in the foreground; it always does, service managers want it so')
    .action(({ config }: { config?: string }) => new Daemon(config ?? findConfigFile(), terminal).run());
}
