/** The log of an executive that runs on its own: one line an entry, as JSON or as text, to standard error and a file. */
import { createWriteStream, type WriteStream } from 'node:fs';

/** Shaped like pino's. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogSettings {
  readonly toStderr: boolean;
  readonly logfile: string | undefined;
  readonly debug: boolean;
  readonly format: 'json' | 'text';
}

type Level = keyof Logger;

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The log of one executive, which may be told to write elsewhere, and otherwise. */
export class Log implements Logger {
  #settings: LogSettings;
  #file: WriteStream | undefined;

  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#file = this.#open(settings.logfile);
  }

  debug(fields: object, message: string): void {
    if (this.#settings.debug) this.#write('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  /** From now on. The file is opened again, also if it is the same: who rotates logs has given it another name. */
  reconfigure(settings: LogSettings): void {
    this.#file?.end();
    this.#settings = settings;
    this.#file = this.#open(settings.logfile);
  }

  /** Resolves when all is written. */
  close(): Promise<void> {
    const file = this.#file;
    return new Promise((resolve) => (file === undefined ? resolve() : file.end(resolve)));
  }

  #write(level: Level, fields: object, message: string): void {
    const { format, toStderr } = this.#settings;
    const render = format === 'json' ? renderJson : renderText;
    const line = render(new Date(), level, fields, message);
    if (toStderr) process.stderr.write(line);
    this.#file?.write(line);
  }

  /** A file that cannot be written is reported once on standard error; the executive goes on. */
  #open(path: string | undefined): WriteStream | undefined {
    if (path === undefined) return undefined;
    const file = createWriteStream(path, { flags: 'a' });
    file.once('error', (error) => {
      if (this.#file === file) this.#file = undefined;
      process.stderr.write(`openais: log file: ${error.message}\n`);
    });
    return file;
  }
}

export function renderJson(time: Date, level: Level, fields: object, message: string): string {
  return `${JSON.stringify({ time: time.toISOString(), level, ...fields, message }, plain)}\n`;
}

export function renderText(time: Date, level: Level, fields: object, message: string): string {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value, plain)}`);
  return `${[time.toISOString(), level.padEnd(5), message, ...details].join(' ')}\n`;
}

/** JSON has no 64-bit integers, and an error none of its parts. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.message;
  return value;
}
