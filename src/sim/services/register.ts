/** The service of simulated executives: a replicated map. A merge keeps the keys of all components; of equal ones the first has its value. */
import {
  type Component,
  failure,
  type LibraryHandler,
  OK,
  type Outcome,
  type Replica,
  type Service,
  type ServiceConfiguration,
  success,
} from '../../executive/service.js';
import { type BodyReader, BodyWriter } from '../../ipc/body.js';

export const REGISTER = 64;
export const PUT_SAFE = 1;
export const PUT_AGREED = 2;
export const GET = 3;
const KEY_MAX = 64;
const VALUE_MAX = 65_535;
/** Entries a chunk: few, so that a snapshot takes a while. */
const ENTRIES_A_CHUNK = 4;

class Shadow {
  readonly entries = new Map<string, string>();

  load(chunk: BodyReader): void {
    while (chunk.remaining > 0) this.entries.set(chunk.text(KEY_MAX), chunk.text(VALUE_MAX));
  }
}

export class Register implements Service {
  readonly id = 'register';
  readonly number = REGISTER;
  /** What was applied here, in order: position and key. */
  readonly applied: { readonly position: bigint; readonly key: string }[] = [];
  readonly configurations: string[] = [];
  #entries = new Map<string, string>();

  readonly library: Readonly<Record<number, LibraryHandler>> = {
    [PUT_SAFE]: { flowControl: 'ordered', handle: ({ body, order }) => order(PUT_SAFE, body.rest(), { safe: true }) },
    [PUT_AGREED]: { flowControl: 'ordered', handle: ({ body, order }) => order(PUT_SAFE, body.rest()) },
    [GET]: {
      flowControl: 'ordered',
      handle: ({ body, afterBarrier }) => {
        const key = body.text(KEY_MAX);
        afterBarrier(() => this.#get(key));
      },
    },
  };

  readonly executive = {
    [PUT_SAFE]: ({ body, position }: { readonly body: BodyReader; readonly position: bigint }): Outcome => {
      const [key, value] = [body.text(KEY_MAX), body.text(VALUE_MAX)];
      body.end();
      this.applied.push({ position, key });
      this.#entries.set(key, value);
      return OK;
    },
  };

  readonly replica: Replica<Shadow> = {
    mergeKeepsAll: true,
    isBlank: () => this.#entries.size === 0,
    digest: () => this.#digest(),
    snapshot: () => chunks(this.#sorted()),
    shadow: () => new Shadow(),
    commit: (components) => this.#commit(components),
  };

  start(): void {}

  configurationChanged({ id }: ServiceConfiguration): void {
    this.configurations.push(id);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Equal for equal content. */
  get text(): string {
    return this.#sorted()
      .map(([key, value]) => `${key}=${value.length}`)
      .join(' ');
  }

  #get(key: string): Outcome {
    const value = this.#entries.get(key);
    return value === undefined ? failure('SA_AIS_ERR_NOT_EXIST', key) : success(Buffer.from(value));
  }

  #commit(components: readonly Component<Shadow>[]): void {
    this.#entries = new Map();
    for (const { shadow } of components)
      for (const [key, value] of shadow.entries) if (!this.#entries.has(key)) this.#entries.set(key, value);
  }

  #sorted(): [string, string][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** FNV-1a of keys and lengths: in a simulation equal keys have equal values. */
  #digest(): Uint8Array {
    let hash = 0xcbf2_9ce4_8422_2325n;
    for (const byte of Buffer.from(this.text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
    const digest = Buffer.alloc(8);
    digest.writeBigUInt64LE(hash);
    return digest;
  }
}

function* chunks(entries: readonly [string, string][]): Generator<Uint8Array> {
  for (let at = 0; at < entries.length; at += ENTRIES_A_CHUNK) {
    const writer = new BodyWriter();
    for (const [key, value] of entries.slice(at, at + ENTRIES_A_CHUNK)) writer.text(key).text(value);
    yield writer.finish();
  }
}
