/** `ais ckpt create`: makes a checkpoint. */
import { Command, Option } from 'commander';
import type { CheckpointAttributes } from '../../index.js';
import { printable } from '../columns.js';
import { documented, object } from '../schema.js';
import { type ClientOptions, duration, size, wholeNumber, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';
import { checkpointDocument, checkpointSchema } from './checkpoint-schema.js';

interface CreateOptions extends ClientOptions {
  readonly sections: number;
  readonly sectionSize: number;
  readonly size?: number;
  readonly idSize: number;
  readonly retention: number;
  readonly update: NonNullable<CheckpointAttributes['update']>;
  readonly collocated?: boolean;
  readonly json?: boolean;
}

const updates = ['all-replicas', 'active-replica', 'active-replica-weak'];

export function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('create a checkpoint; one of the same attributes that exists is left as it is')
    .argument('<name>', 'of the checkpoint')
    .option('--sections <number>', 'how many sections it may have', wholeNumber, 1)
    .option('--section-size <bytes>', 'how large a section may be', size, 65536)
    .option('--size <bytes>', 'of all sections together; default: as many as fit', size)
    .option('--id-size <bytes>', 'how long the id of a section may be', size, 64)
    .addOption(
      new Option('--retention <seconds>', 'how long it stays when nobody has it open')
        .default(3_600_000, '3600')
        .argParser(duration),
    )
    .addOption(new Option('--update <option>', 'when a change is acknowledged').choices(updates).default(updates[0]))
    .option('--collocated', 'a node has to be made the active replica')
    .action(async (name: string, options: CreateOptions) => {
      const document = await withAis(options, async ({ ckpt }) => {
        await using checkpoint = await ckpt.open(name, { create: attributesOf(options), read: true, write: true });
        return checkpointDocument(name, await checkpoint.status());
      });
      if (options.json) terminal.out(toJson(document));
      else terminal.out(`Checkpoint ${printable(name)} is there: ${options.retention / 1000} s if nobody opens it.`);
    });
  return documented(withClient(command), object(checkpointSchema));
}

function attributesOf(options: CreateOptions): CheckpointAttributes {
  const { sections: maxSections, sectionSize: maxSectionSize, idSize, retention, update, collocated } = options;
  return {
    update,
    collocated: collocated ?? false,
    checkpointSize: options.size ?? maxSections * maxSectionSize,
    retentionDuration: retention,
    maxSections,
    maxSectionSize,
    maxSectionIdSize: idSize,
  };
}
