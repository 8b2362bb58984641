/** `ais ckpt unlink`: takes away the name of a checkpoint; it is gone when nobody has it open. */
import { Command } from 'commander';
import { printable } from '../columns.js';
import { documented, object, text } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

export function unlinkCommand(terminal: Terminal): Command {
  const command = new Command('unlink')
    .description('delete a checkpoint: its name at once, the rest when nobody has it open')
    .argument('<name>', 'of the checkpoint')
    .action(async (name: string, options: ClientOptions & { json?: boolean }) => {
      await withAis(options, ({ ckpt }) => ckpt.unlink(name));
      terminal.out(options.json ? toJson({ name }) : `Unlinked ${printable(name)}.`);
    });
  return documented(withClient(command), object({ name: text }));
}
