/** EVT of one connection. */
import { type AisError, aisError } from '../../ais-error.js';
import { type BodyReader, BodyWriter } from '../../ipc/body.js';
import { CREATE, EVT, EVT_LIMITS, PUBLISHER, ROOM_FOR_ID, SUBSCRIBER } from '../../ipc/evt.js';
import { checkFlag, checkName, checkOptions, invalid } from '../check.js';
import type { ServiceCalls } from '../service-calls.js';
import type { WaitOptions } from '../types.js';
import { ChannelClient, closeHandle } from './channel.js';
import type { EventChannel, Evt } from './types.js';

interface Listed {
  readonly name: string;
  readonly openers: number;
  readonly retainedEvents: number;
  readonly unlinked: boolean;
}

interface Page {
  readonly listed: readonly Listed[];
  /** Where the next page starts; undefined: this is the last. */
  readonly next: Cursor | undefined;
}

interface Cursor {
  readonly name: string;
  readonly unlinkId: bigint;
}

export class EvtClient implements Evt {
  readonly limits = EVT_LIMITS;
  readonly #calls: ServiceCalls;
  readonly #channels = new Set<ChannelClient>();
  #isClosed = false;

  constructor(calls: ServiceCalls) {
    this.#calls = calls;
  }

  async open(
    name: string,
    options: { create?: boolean; publisher?: boolean; subscriber?: boolean } & WaitOptions,
  ): Promise<EventChannel> {
    const operation = 'evt.open';
    checkName(operation, name, 'name');
    if (options === undefined) throw invalid(operation, 'options must be an object');
    const { create, publisher, subscriber } = checkOptions(operation, options);
    const flags =
      (checkFlag(operation, create, 'create') ? CREATE : 0) |
      (checkFlag(operation, publisher, 'publisher') ? PUBLISHER : 0) |
      (checkFlag(operation, subscriber, 'subscriber') ? SUBSCRIBER : 0);
    if (flags === 0) throw aisError('SA_AIS_ERR_BAD_FLAGS', operation, 'it asks for nothing');
    if (this.#calls.patience(operation, options).timeout === 0)
      throw aisError('SA_AIS_ERR_TIMEOUT', operation, 'a time-out of 0 leaves no time');
    this.#check(operation);
    const handle = this.#calls.newObject();
    return this.#calls.call({
      operation,
      options,
      fn: EVT.open,
      body: new BodyWriter().u32(handle).u8(flags).text(name).finish(),
      result: (answer) => this.#opened(new ChannelClient(this.#calls, name, handle, flags, answer)),
      late: () => void closeHandle(this.#calls, handle).catch(() => {}),
    });
  }

  async unlink(name: string, options?: WaitOptions): Promise<void> {
    const operation = 'evt.unlink';
    checkName(operation, name, 'name');
    this.#calls.patience(operation, options);
    this.#check(operation);
    const body = new BodyWriter().u64(ROOM_FOR_ID).text(name).finish();
    return this.#calls.call({ operation, options, fn: EVT.unlink, body, result: () => {} });
  }

  list(options?: WaitOptions): AsyncIterable<Listed> {
    const operation = 'evt.list';
    this.#calls.patience(operation, options);
    this.#check(operation);
    return this.#list(operation, options);
  }

  /** The connection has ended. */
  end(): void {
    this.#isClosed = true;
    for (const channel of [...this.#channels]) channel.end();
  }

  async *#list(operation: string, options: WaitOptions | undefined): AsyncGenerator<Listed> {
    for (let cursor: Cursor | undefined = { name: '', unlinkId: 0n }; cursor !== undefined; ) {
      this.#check(operation);
      const body = new BodyWriter().text(cursor.name).u64(cursor.unlinkId).finish();
      const page: Page = await this.#calls.call({
        operation,
        options,
        fn: EVT.list,
        body,
        hasEffect: false,
        result: readPage,
      });
      yield* page.listed;
      cursor = page.next;
    }
  }

  #opened(channel: ChannelClient): ChannelClient {
    this.#channels.add(channel);
    channel.onEnd = () => this.#channels.delete(channel);
    return channel;
  }

  #check(operation: string): void {
    if (this.#isClosed) throw closed(operation);
  }
}

function readPage(answer: BodyReader): Page {
  const hasMore = answer.bool();
  const listed: Listed[] = [];
  let last: Cursor | undefined;
  for (let left = answer.u16(); left > 0; left--) {
    last = { name: answer.text(), unlinkId: answer.u64() };
    const [openers, retainedEvents] = [answer.u32(), answer.u32()];
    listed.push({ name: last.name, openers, retainedEvents, unlinked: last.unlinkId !== 0n });
  }
  return { listed, next: hasMore ? last : undefined };
}

function closed(operation: string): AisError {
  return aisError('SA_AIS_ERR_BAD_HANDLE', operation, 'the connection is closed');
}
