/** The key file: 128 random bytes that all nodes share. */
import { randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyBytes } from './schema.js';

/** Why a key file cannot be used or made, in words for the operator. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

export interface KeyFile {
  readonly key: Uint8Array;
  /** Set if others than its owner may read the file. */
  readonly warning: string | undefined;
}

/** @throws KeyFileError */
export async function readKeyFile(file: string): Promise<KeyFile> {
  try {
    await using handle = await open(file, 'r');
    const status = await handle.stat();
    if (!status.isFile()) throw new KeyFileError(`${file} is not a regular file`);
    if (status.size !== keyBytes) throw wrongSize(file, status.size);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(keyBytes), 0, keyBytes, 0);
    if (bytesRead !== keyBytes) throw wrongSize(file, bytesRead);
    const mode = status.mode & 0o777;
    const isPrivate = (mode & 0o077) === 0;
    const warning = `key file ${file} has mode 0${mode.toString(8)}; only its owner should read it: chmod 0400`;
    return { key: buffer, warning: isPrivate ? undefined : warning };
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError(explain(file, error as NodeJS.ErrnoException), { cause: error });
  }
}

/**
 * Writes a new key with mode 0400 and makes its directory with mode 0700. Never overwrites.
 * @throws KeyFileError
 */
export async function createKeyFile(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await using handle = await open(file, 'wx', 0o400);
    await handle.writeFile(randomBytes(keyBytes));
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      code === 'EEXIST' ? `${file} exists and is left as it is` : explain(file, error as NodeJS.ErrnoException);
    throw new KeyFileError(message, { cause: error });
  }
}

function wrongSize(file: string, size: number): KeyFileError {
  return new KeyFileError(`${file} has ${size} bytes; a key has exactly ${keyBytes} (${keyBytes * 8} bits)`);
}

function explain(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `${file} does not exist; make one with 'ais keygen' and copy it to all nodes`;
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return `${file}: permission denied for user ${process.getuid?.()}`;
  return `${file}: ${error.message}`;
}
