/** Bytes of users on the command line and in JSON: text where they are UTF-8, else base64. */
import { readFile } from 'node:fs/promises';
import { printable } from './columns.js';
import { object, oneOf, text } from './schema.js';

export interface EncodedData {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

export const dataSchema = {
  ...object({ encoding: oneOf('utf8', 'base64'), data: text }),
  description: 'bytes: as text if they are UTF-8, else base64',
};

export function encoded(bytes: Uint8Array): EncodedData {
  const readable = asText(bytes);
  return readable === undefined
    ? { encoding: 'base64', data: Buffer.from(bytes).toString('base64') }
    : { encoding: 'utf8', data: readable };
}

/** For people, in one line. */
export function shown(bytes: Uint8Array): string {
  const readable = asText(bytes);
  return readable === undefined ? `0x${Buffer.from(bytes).toString('hex')}` : printable(readable);
}

/** What is given on the command line, or in a file, or (`-`) on standard input. */
export async function given(data: string | undefined, file: string | undefined): Promise<Buffer> {
  if (file !== undefined) return readFile(file === '-' ? '/dev/stdin' : file);
  return Buffer.from(data ?? '');
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
