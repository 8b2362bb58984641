/** A replicated map of texts: the smallest service that has everything, for tests of the service manager. */
import { createHash } from 'node:crypto';
import {
  CHUNK_MAX,
  type Component,
  failure,
  type LibraryHandler,
  OK,
  type Service,
  type ServiceConfiguration,
  type ServiceContext,
  success,
} from '../../../src/executive/service.js';
import { type BodyReader, BodyWriter } from '../../../src/ipc/body.js';

export const PUT = 1;
export const GET = 2;
export const PUT_AGREED = 3;
const PUT_IF_FREE = 4;
const GONE = 2;

class Shadow {
  readonly entries = new Map<string, string>();

  load(chunk: BodyReader): void {
    while (chunk.remaining > 0) this.entries.set(chunk.text(), chunk.text());
  }
}

export class Register implements Service {
  readonly id = 'register';
  readonly number = 64;
  entries = new Map<string, string>();
  readonly configurations: ServiceConfiguration[] = [];
  readonly positions: bigint[] = [];
  /** Keys that were put, in the order of the messages. */
  readonly applied: string[] = [];
  /** Keys that end, by their deadline. */
  readonly deadlines = new Map<string, number>();
  readonly library: Record<number, LibraryHandler> = {
    [PUT]: put({ safe: true }),
    [PUT_AGREED]: put({ safe: false }),
    [GET]: {
      flowControl: 'ordered',
      handle: ({ body, afterBarrier }) => {
        const key = body.text();
        afterBarrier(() => {
          const value = this.entries.get(key);
          return value === undefined ? failure('SA_AIS_ERR_NOT_EXIST', key) : success(Buffer.from(value));
        });
      },
    },
    [PUT_IF_FREE]: put({ safe: true }),
  };
  readonly executive = {
    [PUT]: ({ body, position }: { body: BodyReader; position: bigint }) => {
      const [key, value] = [body.text(), body.text()];
      body.end();
      this.positions.push(position);
      this.applied.push(key);
      this.entries.set(key, value);
      return OK;
    },
    [GONE]: ({ body }: { body: BodyReader }) => {
      this.entries.set(`gone ${body.text()}`, 'yes');
      return undefined;
    },
  };
  readonly replica = {
    isBlank: () => this.entries.size === 0,
    digest: () => createHash('sha256').update(this.text).digest(),
    snapshot: () => chunks(this.#sorted()),
    shadow: () => new Shadow(),
    commit: (components: readonly Component<Shadow>[]) => {
      this.entries = new Map();
      for (const { shadow } of components)
        for (const [key, value] of shadow.entries) if (!this.entries.has(key)) this.entries.set(key, value);
    },
  };
  #context!: ServiceContext;

  start(context: ServiceContext): void {
    this.#context = context;
  }

  disconnected({ id }: { id: number }): void {
    this.#context.order(GONE, new BodyWriter().text(`${this.#context.nodeId}.${id}`).finish());
  }

  greeting(): Uint8Array {
    return Buffer.from(`I am ${this.#context.nodeId}`);
  }

  configurationChanged(configuration: ServiceConfiguration): void {
    this.configurations.push(configuration);
  }

  nextDeadline(): number {
    return Math.min(...this.deadlines.values());
  }

  expire(time: number): void {
    for (const [key, deadline] of this.deadlines) {
      if (deadline > time) continue;
      this.deadlines.delete(key);
      this.entries.delete(key);
    }
  }

  /** Equal for equal content. */
  get text(): string {
    return JSON.stringify(this.#sorted());
  }

  #sorted(): [string, string][] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function put({ safe }: { safe: boolean }): LibraryHandler {
  return {
    flowControl: 'ordered',
    handle: ({ body, order }) => order(PUT, new BodyWriter().text(body.text()).text(body.text()).finish(), { safe }),
  };
}

function* chunks(entries: readonly [string, string][]): Generator<Uint8Array> {
  for (const [key, value] of entries) {
    const chunk = new BodyWriter(CHUNK_MAX).text(key).text(value).finish();
    yield chunk;
  }
}
