/** `ais evt subscribe`: prints events as they come, until it is interrupted or has as many as were wanted. */
import { setImmediate as turn } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { type AisError, aisError } from '../../ais-error.js';
import type { Ais, ChannelEvent, EventStream, Filter } from '../../index.js';
import { printable } from '../columns.js';
import { dataSchema, encoded, shown } from '../data.js';
import { count, described, documented, flag, list, moment, object, text } from '../schema.js';
import { signalled } from '../signals.js';
import { type ClientOptions, seconds, wholeNumber, withAis, withClient } from '../socket.js';
import { type Terminal, toJson } from '../terminal.js';

interface SubscribeOptions extends ClientOptions {
  readonly filter: readonly Filter[];
  readonly count?: number;
  readonly for?: number;
  readonly json?: boolean;
}

const schema = described(
  object({
    eventId: described(text, 'decimal'),
    lost: described(flag, 'events were lost here: the queue of the subscriber was full'),
    patterns: list(dataSchema),
    priority: count,
    retentionTime: described(count, 'milliseconds'),
    publishTime: moment,
    publisherName: text,
    content: dataSchema,
  }),
  'a document for each event, a line each',
);

export function subscribeCommand(terminal: Terminal): Command {
  const command = new Command('subscribe')
    .description('print events as they come; retained ones first. The channel is created if it is missing')
    .argument('<channel>', 'its name')
    .option(
      '--filter <kind:text>',
      'prefix:, suffix: or exact: and text, or pass-all; the next is for the next pattern',
      filter,
      [],
    )
    .option('--count <number>', 'end after so many events', wholeNumber)
    .option('--for <seconds>', 'end after so long', seconds)
    .action(async (channel: string, options: SubscribeOptions) => {
      const { filter, count: wanted = Number.POSITIVE_INFINITY } = options;
      await withAis(options, async (ais) => {
        const open = await ais.evt.open(channel, { create: true, subscriber: true });
        const events = await open.subscribe(filter);
        await using ending = signalled(options.for);
        const print = (event: ChannelEvent) => terminal.out(options.json ? toJson(documentOf(event)) : describe(event));
        const isComplete = await Promise.race([take(events, wanted, print), ending.signalled.then(() => true)]);
        if (!isComplete) throw await whyEnded(ais);
        await open.close();
      });
    });
  return documented(withClient(command), schema);
}

/** Whether it got as many as were wanted before they ended. */
async function take(events: EventStream, wanted: number, print: (event: ChannelEvent) => void): Promise<boolean> {
  let taken = 0;
  if (wanted === 0) return true;
  for await (const event of events) {
    print(event);
    taken++;
    if (taken >= wanted) return true;
  }
  return false;
}

/** Events end with their channel, and that mostly with the connection, which knows the reason. */
async function whyEnded(ais: Ais): Promise<AisError> {
  const closed = aisError('SA_AIS_ERR_BAD_HANDLE', 'evt.subscribe', 'the channel is closed', {
    hint: 'subscribe again',
  });
  return (await Promise.race([ais.closed, turn(undefined)])) ?? closed;
}

function filter(text: string, all: readonly Filter[]): Filter[] {
  const [, kind, pattern = ''] = /^(prefix|suffix|exact):(.*)$/s.exec(text) ?? [];
  if (text === 'pass-all') return [...all, text];
  if (kind === 'prefix') return [...all, { prefix: pattern }];
  if (kind === 'suffix') return [...all, { suffix: pattern }];
  if (kind === 'exact') return [...all, { exact: pattern }];
  throw new InvalidArgumentError('it is prefix:TEXT, suffix:TEXT, exact:TEXT or pass-all');
}

function documentOf(event: ChannelEvent) {
  const { eventId, lost, patterns, priority, retentionTime, publishTime, publisherName, data } = event;
  return {
    eventId,
    lost,
    patterns: patterns.map(encoded),
    ...{ priority, retentionTime, publishTime, publisherName },
    content: encoded(data),
  };
}

function describe({ lost, patterns, publisherName, publishTime, data }: ChannelEvent): string {
  const time = new Date(publishTime).toISOString();
  if (lost) return `${time}  events were lost: they came faster than they were printed`;
  const about = patterns.length === 0 ? '' : ` [${patterns.map(shown).join(', ')}]`;
  return `${time}  ${printable(publisherName)}${about}: ${shown(data)}`;
}
