/** `ais evt unlink`: takes away the name of a channel; it is gone when nobody has it open. */
import { Command } from 'commander';
import { printable } from '../columns.js';
import { documented, object, text } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

export function unlinkCommand(terminal: Terminal): Command {
  const command = new Command('unlink')
    .description('delete a channel with what it retains: its name at once, the rest when nobody has it open')
    .argument('<channel>', 'its name')
    .action(async (channel: string, options: ClientOptions & { json?: boolean }) => {
      await withAis(options, ({ evt }) => evt.unlink(channel));
      terminal.out(options.json ? toJson({ channel }) : `Unlinked ${printable(channel)}.`);
    });
  return documented(withClient(command), object({ channel: text }));
}
