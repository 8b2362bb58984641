/**
 * The types that a key's value can have: each reads the text of a file and the value of an object into the same result.
 */
import { closest } from './problem.js';

/** Why a value is refused; the message continues the name of the key. */
export class InvalidValue extends Error {}

export interface ValueType<T> {
  /** What is accepted, for messages and for the manual: "a whole number from 1 to 65535". */
  readonly describe: string;
  /** @throws InvalidValue */
  read(raw: unknown, isText: boolean): T;
}

export function integer(min: number, max: number, unit = ''): ValueType<number> {
  const describe = `a whole number from ${min} to ${max}${unit === '' ? '' : ` (${unit})`}`;
  return {
    describe,
    read(raw, isText) {
      const value = isText && /^\d{1,15}$/.test(String(raw)) ? Number(raw) : raw;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
        throw expected(describe, raw);
      return value;
    },
  };
}

const flagWords = new Map([
  ['yes', true],
  ['on', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['off', false],
  ['false', false],
  ['0', false],
]);

export function flag(): ValueType<boolean> {
  const describe = 'yes or no';
  return {
    describe,
    read(raw, isText) {
      const value = isText ? flagWords.get(String(raw).toLowerCase()) : raw;
      if (typeof value !== 'boolean') throw expected(isText ? describe : 'true or false', raw);
      return value;
    },
  };
}

export function choice<const T extends string>(...choices: readonly T[]): ValueType<T> {
  const describe = choices.length === 1 ? `'${choices[0]}'` : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  return {
    describe,
    read(raw) {
      const found = choices.find((word) => word === raw);
      if (found === undefined) throw expected(describe, raw, closest(String(raw), choices));
      return found;
    },
  };
}

/** Printable text of at most so many bytes in UTF-8. */
export function text(bytesMax: number, describe = `text of 1 to ${bytesMax} bytes`): ValueType<string> {
  return {
    describe,
    read(raw) {
      if (typeof raw !== 'string' || raw === '' || /\p{Cc}/u.test(raw)) throw expected(describe, raw);
      if (Buffer.byteLength(raw) > bytesMax) throw new InvalidValue(`is longer than ${bytesMax} bytes`);
      return raw;
    },
  };
}

/** A path that may be relative: to the file's folder, or to the working directory for the object form. */
export function path(): ValueType<string> {
  return text(4095, 'a path');
}

/** A path, or false (in a file: off) for none. */
export function pathOrOff(): ValueType<string | false> {
  const type = text(4095, "a path, or 'off' (false)");
  return {
    describe: type.describe,
    read(raw, isText) {
      if (raw === false || (isText && (raw === 'off' || raw === 'no'))) return false;
      return type.read(raw, isText);
    },
  };
}

/** IPv4 in dotted form; `accept` says which part of the address space. */
export function ipv4(describe: string, accept: (first: number) => boolean): ValueType<string> {
  return {
    describe,
    read(raw) {
      const parts = typeof raw === 'string' ? raw.split('.') : [];
      const isAddress =
        parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
      if (!isAddress && String(raw).includes(':'))
        throw new InvalidValue(`expected ${describe}; IPv6 is not supported`);
      if (!isAddress || !accept(Number(parts[0]))) throw expected(describe, raw);
      return String(raw);
    },
  };
}

const firstMulticast = 224;
const firstReserved = 240;

export const unicastAddress = (): ValueType<string> =>
  ipv4('an IPv4 address such as 192.0.2.1', (first) => first > 0 && first < firstMulticast);

export const multicastAddress = (): ValueType<string> =>
  ipv4(
    'an IPv4 multicast address from 224.0.0.0 to 239.255.255.255',
    (first) => first >= firstMulticast && first < firstReserved,
  );

/** IPv4 and a port; 0.0.0.0 is every address of the machine. */
export function endpoint(): ValueType<string> {
  const describe = 'an IPv4 address and a port such as 127.0.0.1:9190';
  const address = ipv4(describe, (first) => first < firstMulticast);
  return {
    describe,
    read(raw, isText) {
      const [, before, port] = /^([^:]+):([1-9]\d{0,4})$/.exec(String(raw)) ?? [];
      if (before === undefined || Number(port) > 65535) throw expected(describe, raw);
      return `${address.read(before, isText)}:${port}`;
    },
  };
}

/** Names of hosts with blanks between them; an array in the object form. */
export function hostNames(max: number): ValueType<readonly string[]> {
  const describe = `1 to ${max} names of hosts, with blanks between them`;
  return {
    describe,
    read(raw, isText) {
      const names: readonly unknown[] = isText ? String(raw).split(/[ \t]+/) : Array.isArray(raw) ? raw : [];
      if (names.length === 0 || names.length > max || !names.every(isHostName)) throw expected(describe, raw);
      return names.map((name) => name.toLowerCase());
    },
  };
}

function isHostName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(name);
}

/** Bytes themselves, in the object form alone. */
export function bytes(length: number): ValueType<Uint8Array> {
  const describe = `${length} bytes`;
  return {
    describe,
    read(raw, isText) {
      if (isText) throw new InvalidValue('belongs into a file of its own: use keyfile');
      if (!(raw instanceof Uint8Array)) throw expected(`a Uint8Array of ${describe}`, raw);
      if (raw.length !== length) throw new InvalidValue(`has ${raw.length} bytes; ${length} are needed`);
      return raw;
    },
  };
}

function expected(describe: string, raw: unknown, meant?: string): InvalidValue {
  const suggestion = meant === undefined ? '' : `; did you mean '${meant}'?`;
  return new InvalidValue(`expected ${describe}, not ${show(raw)}${suggestion}`);
}

/** Short, and never the contents of something that may be a key. */
function show(raw: unknown): string {
  const longest = 40;
  if (typeof raw === 'string') return `'${raw.length > longest ? `${raw.slice(0, longest)}…` : raw}'`;
  if (typeof raw === 'number' || typeof raw === 'boolean' || raw === null) return String(raw);
  return Array.isArray(raw) ? 'an array' : `a value of type ${typeof raw}`;
}
