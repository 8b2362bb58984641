/** The log of an executive that runs on its own: one line an entry, as JSON or as text, to standard error and a file. */
import { createWriteStream } from 'node:fs';

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

/** A file that cannot be written is reported once on standard error; the executive goes on. close() resolves when all is written. */
export function createLogger(settings: LogSettings): Logger & { close(): Promise<void> } {
  let file = settings.logfile === undefined ? undefined : createWriteStream(settings.logfile, { flags: 'a' });
  file?.once('error', (error) => {
    file = undefined;
    process.stderr.write(`openais: log file: ${error.message}\n`);
  });
  const render = settings.format === 'json' ? renderJson : renderText;
  const write = (level: Level) => (fields: object, message: string) => {
    if (level === 'debug' && !settings.debug) return;
    const line = render(new Date(), level, fields, message);
    if (settings.toStderr) process.stderr.write(line);
    file?.write(line);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: () => new Promise((resolve) => (file === undefined ? resolve() : file.end(resolve))),
  };
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
