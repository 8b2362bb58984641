/** What a client does with event channels. */
import type { ChannelClient } from '../../client/evt/channel.js';
import type { EventChannel } from '../../client/evt/types.js';
import type { Client } from './client.js';
import { type Heard, TOKEN_LENGTH } from './journal.js';
import { FOREVER } from './message.js';

/** To stay: nobody unlinks them. */
const LASTING = ['news', 'alarms'];
const FLEETING = ['rumours', 'whispers'];
const CHANNELS_MAX = 4;
const LETTERS = ['a', 'b'];
const EVENT_SIZE_MAX = 4096;

interface Open {
  readonly channel: EventChannel;
  readonly name: string;
  /** Of its one subscription. */
  subscription: 'none' | 'asked' | Heard;
}

export const isLastingChannel = (name: string): boolean => LASTING.includes(name);

export class EvtUser {
  readonly open = new Set<Open>();
  readonly #client: Client;
  #isOpening = false;
  /** Retained events that it may clear. */
  readonly #retained: { readonly open: Open; readonly id: bigint }[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  step(): void {
    const { random } = this.#client.parts;
    for (const open of this.open) if ((open.channel as ChannelClient).isClosed) this.open.delete(open);
    const held = [...this.open];
    if (held.length === 0 || (held.length < CHANNELS_MAX && random.chance(0.1))) {
      if (!this.#isOpening) this.#open();
      return;
    }
    const open = random.pick(held);
    const choice = random.below(20);
    if (choice < 3 && open.subscription === 'none') this.#subscribe(open);
    else if (choice < 13) this.#publish(open);
    else if (choice < 15) this.#clear();
    else if (choice < 16) this.#close(open);
    else if (choice < 17) this.#list();
    else if (choice < 18 && !isLastingChannel(open.name)) this.#unlink(open.name);
  }

  #open(): void {
    const { random, plan } = this.#client.parts;
    const name = random.pick(random.chance(plan.fleeting) ? FLEETING : LASTING);
    const options = { create: true, publisher: true, subscriber: true, ...this.#client.options() };
    this.#isOpening = true;
    this.#other(
      `open ${name}`,
      () =>
        this.#client.connection.evt.open(name, options).finally(() => {
          this.#isOpening = false;
        }),
      (channel) => this.open.add({ channel, name, subscription: 'none' }),
    );
  }

  #publish(open: Open): void {
    const { random, plan, journal } = this.#client.parts;
    const token = journal.newToken();
    const size = random.logUniform(TOKEN_LENGTH, Math.max(TOKEN_LENGTH + 1, Math.min(plan.bytes, EVENT_SIZE_MAX)));
    const retentionTime = random.pick([0, 0, 100, FOREVER, FOREVER]);
    const isKept = retentionTime === FOREVER;
    const attributes = {
      patterns: random.chance(0.8) ? [`${random.pick(LETTERS)}${token}`] : [],
      priority: random.below(4) as 0 | 1 | 2 | 3,
      retentionTime,
    };
    const about = { what: 'publish' as const, token, name: open.name, isSafe: isKept, text: '', writes: [] };
    const data = Buffer.alloc(Math.round(size), token);
    const options = this.#client.options();
    this.#client.follow(
      about,
      () => open.channel.publish(data, attributes, options),
      (id) => {
        if (isKept) this.#retained.push({ open, id });
      },
    );
  }

  #clear(): void {
    const retained = this.#retained.pop();
    if (retained === undefined || !this.open.has(retained.open)) return;
    const { open, id } = retained;
    const { process, connection } = this.#client.parts;
    const token = `clear ${id} ${process}.${connection}`;
    const about = { what: 'clear' as const, token, name: open.name, isSafe: true, text: '', writes: [] };
    const options = this.#client.options();
    this.#client.follow(about, () => open.channel.clearRetentionTime(id, options));
  }

  /** One of an open channel: the first, whose number is known. */
  #subscribe(open: Open): void {
    const { random, process, connection, journal } = this.#client.parts;
    const prefix = random.chance(0.5) ? '' : random.pick(LETTERS);
    open.subscription = 'asked';
    const { channel } = open;
    const heard: Heard = {
      process,
      connection,
      channel: open.name,
      prefix,
      events: [],
      place: `${process}.${connection}.${(channel as ChannelClient).handle}.1`,
      isOpen: () => open.subscription === heard && !(channel as ChannelClient).isClosed && !this.#client.isOver,
    };
    const hear = ({ eventId: id, data }: { eventId: bigint; data: Buffer }) => {
      heard.events.push({ id, token: data.toString('latin1', 0, TOKEN_LENGTH) });
    };
    const filters = prefix === '' ? [] : [{ prefix }];
    this.#other(
      'subscribe',
      () => channel.subscribe(filters, hear),
      () => {
        open.subscription = heard;
        journal.heard.push(heard);
      },
    );
  }

  #close(open: Open): void {
    this.open.delete(open);
    open.subscription = 'none';
    this.#other('close channel', () => open.channel.close());
  }

  #list(): void {
    this.#other('list', async () => {
      for await (const _ of this.#client.connection.evt.list()) if (this.#client.isOver) break;
    });
  }

  #unlink(name: string): void {
    const options = this.#client.options();
    this.#other('unlink channel', () => this.#client.connection.evt.unlink(name, options));
  }

  #other<T>(text: string, run: () => Promise<T>, done?: (value: T) => void): void {
    this.#client.follow({ what: 'other', token: '', name: '', isSafe: false, text, writes: [] }, run, done);
  }
}
