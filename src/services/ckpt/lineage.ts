/**
 * What changed a checkpoint: the places of its last changes in the order, by configuration. Places are never used twice; so if the last
 * change of one state is in the lineage of another, the other has grown out of it.
 *
 * Of a configuration that is long over the last change is enough. When a configuration falls apart its last messages may reach one side
 * alone, so that another side's last change is an earlier one: of the last few configurations more is kept.
 */
import { BodyError, type BodyReader, type BodyWriter } from '../../ipc/body.js';

/** Changes of one configuration. What is on the way when it falls apart is less, unless all of it is for one checkpoint. */
const CHANGES_MAX = 64;
/** Configurations of which more than the last change is kept. */
const RECENT = 4;
/** Configurations. */
const CONFIGURATIONS_MAX = 128;

export class Lineage {
  /** Configuration that changed it last. */
  #changedIn: string;
  /** Oldest first, as within each. */
  readonly #configurations: bigint[][];

  constructor(configuration: string, configurations: bigint[][]) {
    this.#changedIn = configuration;
    this.#configurations = configurations;
  }

  get changedIn(): string {
    return this.#changedIn;
  }

  get last(): bigint {
    return this.#configurations.at(-1)!.at(-1)!;
  }

  includes(position: bigint): boolean {
    return this.#configurations.some((changes) => changes.includes(position));
  }

  add(configuration: string, position: bigint): void {
    if (configuration !== this.#changedIn) {
      this.#changedIn = configuration;
      this.#configurations.push([position]);
      this.#forget();
      return;
    }
    const changes = this.#configurations.at(-1)!;
    if (changes.at(-1) === position) return;
    changes.push(position);
    if (changes.length > CHANGES_MAX) changes.shift();
  }

  write(body: BodyWriter): void {
    body.text(this.#changedIn).u16(this.#configurations.length);
    for (const changes of this.#configurations) {
      body.u16(changes.length);
      for (const position of changes) body.position(position);
    }
  }

  static read(body: BodyReader): Lineage {
    const configuration = body.text();
    const configurations = Array.from({ length: readCount(body, CONFIGURATIONS_MAX) }, () =>
      Array.from({ length: readCount(body, CHANGES_MAX) }, () => body.position()),
    );
    return new Lineage(configuration, configurations);
  }

  #forget(): void {
    const older = this.#configurations.at(-1 - RECENT);
    older?.splice(0, older.length - 1);
    if (this.#configurations.length > CONFIGURATIONS_MAX) this.#configurations.shift();
  }
}

function readCount(body: BodyReader, most: number): number {
  const count = body.u16();
  if (count === 0 || count > most) throw new BodyError(`a lineage of ${count}`);
  return count;
}
