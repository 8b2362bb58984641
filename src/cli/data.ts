/** Bytes of users on the command line and in JSON: text where they are UTF-8, else base64. */
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { aisError } from '../ais-error.js';
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

/** Bytes of a file or of standard input that are read: more than any service takes. */
const INPUT_MAX = 64 << 20;

/** What is given on the command line, or in a file, or (`-`) on standard input: one of them. */
export async function given(data: string | undefined, file: string | undefined, command: Command): Promise<Buffer> {
  if ((data === undefined) === (file === undefined)) command.error('error: give either data or --file');
  if (file === undefined) return Buffer.from(data!);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
    bytes += chunk.length;
    if (bytes > INPUT_MAX) throw aisError('SA_AIS_ERR_TOO_BIG', 'ais', `${file} has more than ${INPUT_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
