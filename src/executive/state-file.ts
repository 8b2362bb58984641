/**
 * What has to survive a restart: the incarnation and the high-water mark of ring sequences (totem 1.14). A write is a new file, synced,
 * renamed over the old one, and the directory synced: the file is the old one or the new one, never half of either.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoredState {
  readonly incarnation: bigint;
  readonly ringSeq: bigint;
  /** The last primary configuration that this node was in; 0: none. */
  readonly primaryView: number;
}

const NOTHING: StoredState = { incarnation: 0n, ringSeq: 0n, primaryView: 0 };
/** A number of 64 bits has at most 20 digits; a file that is longer than this is none of ours. */
const MAX_FILE_BYTES = 256;
/** What need not be there stands first: a file that is cut short is none. */
const FORMAT = /^(?:primaryView (\d{1,16})\n)?incarnation (\d{1,20})\nringSeq (\d{1,20})\n$/;

export class StateFile {
  readonly path: string;
  readonly #directory: string;
  #writing: Promise<void> = Promise.resolve();

  private constructor(directory: string, node: number) {
    this.#directory = directory;
    this.path = join(directory, `node-${node}.state`);
  }

  /** Makes the directory if it is missing. @throws the error of the file system. */
  static async open(directory: string, node: number): Promise<StateFile> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new StateFile(directory, node);
  }

  /**
   * What was stored last; zeros if nothing was. A file that cannot be read as one of ours counts as nothing, with the reason in
   * `problem`: the clock and the random bits of identities and ring ids guard against a disk that forgot (totem A5).
   */
  async read(): Promise<{ readonly state: StoredState; readonly problem?: string }> {
    let text: string;
    try {
      text = await readFile(this.path, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: NOTHING };
      throw error;
    }
    const state = parse(text);
    return state === undefined ? { state: NOTHING, problem: `${this.path} is damaged` } : { state };
  }

  /** Resolves when it is on the disk. Writes follow each other. */
  write(state: StoredState): Promise<void> {
    const written = this.#writing.then(() => this.#write(state));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(state: StoredState): Promise<void> {
    const temporary = `${this.path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(format(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function format({ incarnation, ringSeq, primaryView }: StoredState): string {
  const primary = primaryView > 0 ? `primaryView ${primaryView}\n` : '';
  return `${primary}incarnation ${incarnation}\nringSeq ${ringSeq}\n`;
}

function parse(text: string): StoredState | undefined {
  const found = text.length > MAX_FILE_BYTES ? null : FORMAT.exec(text);
  if (found === null) return undefined;
  const [, primaryView = '0', incarnation, ringSeq] = found;
  const state = { incarnation: BigInt(incarnation!), ringSeq: BigInt(ringSeq!), primaryView: Number(primaryView) };
  const limit = 1n << 64n;
  return state.incarnation < limit && state.ringSeq < limit ? state : undefined;
}
