/** `ais ckpt show`: the attributes of a checkpoint, and how full it is. */
import { Command } from 'commander';
import { printable, table } from '../columns.js';
import { documented, object } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';
import { checkpointDocument, checkpointSchema } from './checkpoint-schema.js';

export function showCommand(terminal: Terminal): Command {
  const command = new Command('show')
    .description('show the attributes of a checkpoint, and how full it is')
    .argument('<name>', 'of the checkpoint')
    .action(async (name: string, options: ClientOptions & { json?: boolean }) => {
      const document = await withAis(options, async ({ ckpt }) => {
        await using checkpoint = await ckpt.open(name, { read: true });
        return checkpointDocument(name, await checkpoint.status());
      });
      if (options.json) terminal.out(toJson(document));
      else terminal.out(describe(document));
    });
  return documented(withClient(command), object(checkpointSchema));
}

function describe({ name, attributes, numberOfSections, memoryUsed }: ReturnType<typeof checkpointDocument>): string {
  const { checkpointSize, retentionDuration, maxSections, maxSectionSize, maxSectionIdSize } = attributes;
  const { update, collocated } = attributes;
  const kept = retentionDuration === Number.POSITIVE_INFINITY ? 'for ever' : `for ${retentionDuration / 1000} s`;
  return `Checkpoint ${printable(name)}\n${table([
    ['sections', `${numberOfSections} of ${maxSections}, of at most ${maxSectionSize} bytes each`],
    ['bytes', `${memoryUsed} of ${checkpointSize}`],
    ['section ids', `of at most ${maxSectionIdSize} bytes`],
    ['update', `${update}${collocated ? ', collocated' : ''}`],
    ['kept', `${kept} when nobody has it open`],
  ])}`;
}
