/** The file with the token of who asks for metrics. */
import { open } from 'node:fs/promises';
import { KeyFileError } from './authkey.js';

const FILE_BYTES_MAX = 1024;
/** What stands in a header of HTTP as it is. */
const TOKEN = /^[\x21-\x7e]{16,512}$/;

export interface TokenFile {
  readonly token: string;
  /** Set if others than its owner may read the file. */
  readonly warning: string | undefined;
}

/** White space around the token does not count. @throws KeyFileError */
export async function readTokenFile(file: string): Promise<TokenFile> {
  try {
    await using handle = await open(file, 'r');
    const status = await handle.stat();
    if (!status.isFile()) throw new KeyFileError(`${file} is not a regular file`);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(FILE_BYTES_MAX), 0, FILE_BYTES_MAX, 0);
    const token = buffer.toString('latin1', 0, bytesRead).trim();
    if (!TOKEN.test(token)) throw new KeyFileError(`${file} holds no token: 16 to 512 printable characters, no blanks`);
    const mode = status.mode & 0o777;
    const warning = `token file ${file} has mode 0${mode.toString(8)}; only its owner should read it: chmod 0400`;
    return { token, warning: (mode & 0o077) === 0 ? undefined : warning };
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new KeyFileError(code === 'ENOENT' ? `${file} does not exist` : `${file}: ${message}`, { cause: error });
  }
}
