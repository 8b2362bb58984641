/** `ais ckpt sections`: the sections of a checkpoint. */
import { Command } from 'commander';
import { columns } from '../columns.js';
import { dataSchema, encoded, shown } from '../data.js';
import { count, described, documented, list, moment, object, oneOf, text } from '../schema.js';
import { type ClientOptions, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

const sectionSchema = object({
  id: dataSchema,
  size: described(count, 'bytes'),
  state: oneOf('valid', 'corrupted'),
  lastUpdate: moment,
  expirationTime: described({ anyOf: [moment, { type: 'null' }] }, 'null: never'),
});
const schema = object({ name: text, sections: list(sectionSchema) });

export function sectionsCommand(terminal: Terminal): Command {
  const command = new Command('sections')
    .description('list the sections of a checkpoint')
    .argument('<name>', 'of the checkpoint')
    .action(async (name: string, options: ClientOptions & { json?: boolean }) => {
      const sections = await withAis(options, async ({ ckpt }) => {
        await using checkpoint = await ckpt.open(name, { read: true });
        const all = [];
        for await (const section of checkpoint.sections()) all.push(section);
        return all;
      });
      if (options.json) {
        const documents = sections.map((section) => ({ ...section, id: encoded(section.id) }));
        terminal.out(toJson({ name, sections: documents }));
      } else if (sections.length === 0) {
        terminal.out('It has no sections.');
      } else {
        const rows = sections.map(({ id, size, state, lastUpdate, expirationTime }) => [
          id.length === 0 ? '(the default section)' : shown(id),
          String(size),
          state,
          time(lastUpdate),
          expirationTime === Number.POSITIVE_INFINITY ? 'never' : time(expirationTime),
        ]);
        terminal.out(columns(terminal, ['SECTION', 'BYTES', 'STATE', 'WRITTEN', 'EXPIRES'], rows));
      }
    });
  return documented(withClient(command), schema);
}

function time(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(0, 19);
}
