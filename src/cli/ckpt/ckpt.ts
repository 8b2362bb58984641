/** `ais ckpt …`: checkpoints from the shell. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { createCommand } from './create.js';
import { listCommand } from './list.js';
import { readCommand } from './read.js';
import { sectionsCommand } from './sections.js';
import { showCommand } from './show.js';
import { unlinkCommand } from './unlink.js';
import { writeCommand } from './write.js';

export function ckptCommand(terminal: Terminal): Command {
  return new Command('ckpt')
    .description('checkpoints: what applications keep in the cluster')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(sectionsCommand(terminal))
    .addCommand(readCommand(terminal))
    .addCommand(writeCommand(terminal))
    .addCommand(createCommand(terminal))
    .addCommand(unlinkCommand(terminal));
}
