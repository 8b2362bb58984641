/** `ais evt …`: event channels from the shell. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { listCommand } from './list.js';
import { publishCommand } from './publish.js';
import { subscribeCommand } from './subscribe.js';
import { unlinkCommand } from './unlink.js';

export function evtCommand(terminal: Terminal): Command {
  return new Command('evt')
    .description('event channels: what applications tell each other')
    .addCommand(listCommand(terminal))
    .addCommand(publishCommand(terminal))
    .addCommand(subscribeCommand(terminal))
    .addCommand(unlinkCommand(terminal));
}
