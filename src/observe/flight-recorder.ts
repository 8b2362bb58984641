/**
 * The flight recorder: what membership was told and decided of late, kept in memory and written to a file after every ring change. Whoever
 * asks later why a ring changed need not have asked for a log before.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of one executive; the oldest go first. */
export const FLIGHT_FILES_MAX = 16;
/** Milliseconds: what follows a change belongs to it, and changes in a row share a file. */
const SETTLE_MS = 500;

export interface FlightRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** 'input', 'command', 'state', 'configuration' … */
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface FlightRecorderOptions {
  readonly directory: string;
  readonly node: number;
  /** Records that are kept; 0: none, and nothing is written. */
  readonly capacity: number;
  readonly onWritten: (file: string, records: number) => void;
  readonly onFailure: (error: Error) => void;
}

export class FlightRecorder {
  readonly #options: FlightRecorderOptions;
  /** A ring: the oldest is at `#next` once it is full. */
  readonly #records: FlightRecord[] = [];
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: FlightRecorderOptions) {
    this.#options = options;
  }

  add(record: FlightRecord): void {
    const { capacity } = this.#options;
    if (capacity === 0) return;
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % capacity;
  }

  /** Oldest first. */
  get records(): readonly FlightRecord[] {
    return [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)];
  }

  /** The ring changed: a file is written soon. */
  changed(): void {
    if (this.#options.capacity === 0) return;
    this.#timer ??= setTimeout(() => void this.flush(), SETTLE_MS).unref();
  }

  /** Writes at once what changed() promised; resolves when it is written. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write()).catch(this.#options.onFailure);
    }
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { directory, node, onWritten } = this.#options;
    const { records } = this;
    const prefix = `flight-${node}-`;
    // In the order of time, and free of what file names had better not have.
    const time = new Date().toISOString().replaceAll(/[-:]/g, '');
    const file = join(directory, `${prefix}${time}.jsonl`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, records.map(toLine).join(''), { mode: 0o600 });
    const files = (await readdir(directory)).filter((name) => name.startsWith(prefix) && name.endsWith('.jsonl'));
    const old = files.sort().slice(0, -FLIGHT_FILES_MAX);
    await Promise.all(old.map((name) => rm(join(directory, name), { force: true })));
    onWritten(file, records.length);
  }
}

function toLine({ time, ...rest }: FlightRecord): string {
  const record = { time: new Date(time).toISOString(), ...rest };
  return `${JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`;
}
