/** `ais ckpt list`: all checkpoints of the cluster. */
import { Command } from 'commander';
import { columns } from '../columns.js';
import { count, documented, list, object } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';
import { checkpointDocument, checkpointSchema } from './checkpoint-schema.js';

const schema = object({ checkpoints: list(object({ ...checkpointSchema, openers: count })) });

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('list the checkpoints of the cluster')
    .action(async (options: ClientOptions & { json?: boolean }) => {
      const checkpoints = await withAis(options, async ({ ckpt }) => {
        const entries = [];
        for await (const entry of ckpt.list())
          entries.push({ ...checkpointDocument(entry.name, entry), openers: entry.openers });
        return entries;
      });
      if (options.json) terminal.out(toJson({ checkpoints }));
      else if (checkpoints.length === 0) terminal.out('There are no checkpoints.');
      else {
        const rows = checkpoints.map(({ name, attributes, numberOfSections, memoryUsed, openers }) => [
          name,
          `${numberOfSections}/${attributes.maxSections}`,
          String(memoryUsed),
          String(attributes.checkpointSize),
          String(openers),
          attributes.update,
        ]);
        terminal.out(columns(terminal, ['NAME', 'SECTIONS', 'BYTES', 'AT MOST', 'OPEN', 'UPDATE'], rows));
      }
    });
  return documented(withClient(command), schema);
}
