/** `ais evt publish`: publishes one event. */
import { Command, Option } from 'commander';
import type { EventAttributes } from '../../index.js';
import { printable } from '../columns.js';
import { given } from '../data.js';
import { count, described, documented, object, text } from '../schema.js';
import { type ClientOptions, duration, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

interface PublishOptions extends ClientOptions {
  readonly pattern: readonly string[];
  readonly priority: '0' | '1' | '2' | '3';
  readonly retention: number;
  readonly publisher: string;
  readonly file?: string;
  readonly json?: boolean;
}

const schema = object({ channel: text, eventId: described(text, 'decimal; unique in the cluster'), size: count });

export function publishCommand(terminal: Terminal): Command {
  const command = new Command('publish')
    .description('publish an event; the channel is created if it is missing')
    .argument('<channel>', 'its name')
    .argument('[data]', 'text of the event; or see --file')
    .option('-p, --pattern <text>', 'a pattern; may be given again', (text, all: string[]) => [...all, text], [])
    .addOption(new Option('--priority <number>', '0 is the highest').choices(['0', '1', '2', '3']).default('3'))
    .option('--retention <seconds>', 'how long it is kept for those who subscribe later', duration, 0)
    .option('-n, --publisher <name>', 'who publishes it', 'ais')
    .option('-f, --file <file>', 'publish the bytes of a file; - is standard input')
    .action(async (channel: string, data: string | undefined, options: PublishOptions, self: Command) => {
      const { pattern, priority, retention, publisher, file, json } = options;
      const bytes = await given(data, file, self);
      const attributes: EventAttributes = {
        patterns: pattern,
        priority: Number(priority) as 0 | 1 | 2 | 3,
        retentionTime: retention,
        publisherName: publisher,
      };
      const eventId = await withAis(options, async ({ evt }) => {
        const open = await evt.open(channel, { create: true, publisher: true });
        const id = await open.publish(bytes, attributes);
        await open.close();
        return id;
      });
      if (json) terminal.out(toJson({ channel, eventId, size: bytes.length }));
      else terminal.out(`Published event ${eventId} in ${printable(channel)}: ${bytes.length} bytes.`);
    });
  return documented(withClient(command), schema);
}
