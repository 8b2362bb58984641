/** `ais ckpt read`: what a section holds. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { printable } from '../columns.js';
import { dataSchema, encoded, shown } from '../data.js';
import { count, documented, object, text } from '../schema.js';
import { type ClientOptions, size, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

interface ReadOptions extends ClientOptions {
  readonly offset: number;
  readonly length?: number;
  readonly output?: string;
  readonly json?: boolean;
}

const schema = object({ name: text, section: text, offset: count, size: count }, { content: dataSchema, file: text });

export function readCommand(terminal: Terminal): Command {
  const command = new Command('read')
    .description('read a section of a checkpoint')
    .argument('<name>', 'of the checkpoint')
    .argument('[section]', 'default: the default section of a checkpoint with one', '')
    .option('--offset <bytes>', 'where to begin', size, 0)
    .option('--length <bytes>', 'how much; default: to the end', size)
    .option('-o, --output <file>', 'write the bytes to a file, as they are (/dev/stdout for a pipe)')
    .action(async (name: string, section: string, options: ReadOptions) => {
      const { offset, length, output, json } = options;
      const data = await withAis(options, async ({ ckpt }) => {
        await using checkpoint = await ckpt.open(name, { read: true });
        return await checkpoint.read({ section, offset, ...(length !== undefined && { length }) });
      });
      const facts = { name, section, offset, size: data.length };
      if (output !== undefined) {
        await writeFile(output, data);
        if (json) terminal.out(toJson({ ...facts, file: output }));
        else terminal.err(`Wrote ${data.length} bytes to ${printable(output)}.`);
      } else terminal.out(json ? toJson({ ...facts, content: encoded(data) }) : shown(data));
    });
  return documented(withClient(command), schema);
}
