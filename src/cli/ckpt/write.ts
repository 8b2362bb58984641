/** `ais ckpt write`: writes a section, which is created if it is missing. */
import { Command } from 'commander';
import { AisError } from '../../ais-error.js';
import type { Checkpoint } from '../../index.js';
import { printable } from '../columns.js';
import { given } from '../data.js';
import { count, documented, flag, object, text } from '../schema.js';
import { type ClientOptions, size, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

interface WriteOptions extends ClientOptions {
  readonly section: string;
  readonly offset?: number;
  readonly file?: string;
  readonly json?: boolean;
}

const schema = object({ name: text, section: text, size: { ...count, description: 'bytes written' }, created: flag });

export function writeCommand(terminal: Terminal): Command {
  const command = new Command('write')
    .description('write a section of a checkpoint; it replaces what was there, unless --offset is given')
    .argument('<name>', 'of the checkpoint')
    .argument('[data]', 'text to write; or see --file')
    .option('-s, --section <id>', 'default: the default section of a checkpoint with one', '')
    .option('--offset <bytes>', 'write over what is there from here on', size)
    .option('-f, --file <file>', 'write the bytes of a file; - is standard input')
    .action(async (name: string, data: string | undefined, options: WriteOptions, self: Command) => {
      const { section, offset, file, json } = options;
      const bytes = await given(data, file, self);
      const created = await withAis(options, async ({ ckpt }) => {
        await using checkpoint = await ckpt.open(name, { read: true, write: true });
        return await writeOrCreate(checkpoint, section, bytes, offset);
      });
      const where = section === '' ? '' : `section ${printable(section)} of `;
      const done = created ? 'Created' : 'Wrote';
      if (json) terminal.out(toJson({ name, section, size: bytes.length, created }));
      else terminal.out(`${done} ${where}${printable(name)}: ${bytes.length} bytes.`);
    });
  return documented(withClient(command), schema);
}

/** Returns whether the section is new. Somebody else may create it in between: then it is written after all. */
async function writeOrCreate(
  checkpoint: Checkpoint,
  section: string,
  data: Buffer,
  offset: number | undefined,
): Promise<boolean> {
  try {
    if (offset === undefined) await checkpoint.overwrite({ section, data });
    else await checkpoint.write({ section, data, offset });
    return false;
  } catch (error) {
    const isMissing = AisError.is(error) && error.code === 'SA_AIS_ERR_NOT_EXIST';
    // There is nothing to write into at an offset.
    if (!isMissing || section === '' || (offset ?? 0) > 0) throw error;
  }
  await checkpoint.createSection({ id: section, data });
  return true;
}
