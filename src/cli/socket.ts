/** What every command has that asks the executive of this machine. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultSocketPath } from '../config/schema.js';
import { type Ais, connect } from '../index.js';

/** Milliseconds that a call may take, unless --timeout says otherwise. */
const DEFAULT_TIMEOUT_MS = 10_000;

export interface SocketOptions {
  readonly socket: string;
}

export interface ClientOptions extends SocketOptions {
  /** Milliseconds. */
  readonly timeout: number;
}

export function withSocket(command: Command): Command {
  // Nothing counts as not there, as for the library.
  const path = process.env.AIS_SOCKET || defaultSocketPath;
  return command.option('--socket <path>', 'socket of the executive; also AIS_SOCKET', path);
}

/** Of commands that use a service, which may have to wait. */
export function withClient(command: Command): Command {
  const timeout = new Option('--timeout <seconds>', 'how long a call may take').default(DEFAULT_TIMEOUT_MS, '10');
  return withSocket(command).addOption(timeout.argParser(seconds));
}

/** Runs `use` with a connection, which ends with it. */
export async function withAis<T>({ socket, timeout }: ClientOptions, use: (ais: Ais) => Promise<T>): Promise<T> {
  await using ais = await connect({ socketPath: socket, timeout, defaultTimeout: timeout });
  return await use(ais);
}

/** Seconds that a timer of Node takes: 24 days. */
const TIMER_SECONDS = 2_147_483;

/** How long to wait, in milliseconds. */
export function seconds(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds > TIMER_SECONDS * 1000) throw new InvalidArgumentError(`it is at most ${TIMER_SECONDS} seconds`);
  return milliseconds;
}

/** How long something is kept, in milliseconds. */
export function duration(text: string): number {
  const value = Math.round(Number(text) * 1000);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('it is a number of seconds, such as 2 or 0.5');
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('it is a whole number from 0');
  return Number(text);
}

/** Bytes, as 4096, 64k or 1M. */
export function size(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([kM]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('it is a number of bytes, such as 4096, 64k or 1M');
  return Number(digits) * { '': 1, k: 1024, M: 1024 ** 2 }[unit]!;
}
