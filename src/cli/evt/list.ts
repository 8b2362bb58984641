/** `ais evt list`: all event channels of the cluster. */
import { Command } from 'commander';
import { columns } from '../columns.js';
import { count, documented, flag, list, object, text } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

const channelSchema = object({
  name: text,
  openers: count,
  retainedEvents: count,
  unlinked: { ...flag, description: 'its name is free again; it goes when nobody has it open' },
});

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('list the event channels of the cluster')
    .action(async (options: ClientOptions & { json?: boolean }) => {
      const channels = await withAis(options, async ({ evt }) => {
        const all = [];
        for await (const channel of evt.list()) all.push(channel);
        return all;
      });
      if (options.json) terminal.out(toJson({ channels }));
      else if (channels.length === 0) terminal.out('There are no event channels.');
      else {
        const rows = channels.map(({ name, openers, retainedEvents, unlinked }) => [
          name,
          String(openers),
          String(retainedEvents),
          unlinked ? 'unlinked' : 'there',
        ]);
        terminal.out(columns(terminal, ['NAME', 'OPEN', 'RETAINED', 'STATE'], rows));
      }
    });
  return documented(withClient(command), object({ channels: list(channelSchema) }));
}
