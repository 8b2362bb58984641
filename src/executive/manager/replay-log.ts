/** What is ordered while this node receives the state that it belongs to. */

/** Bytes that are kept. */
export const LOG_MAX = 256 << 20;
/** What an entry takes beside its message. */
const ENTRY_OVERHEAD = 200;

export function costOf(bytes: number): number {
  return bytes + ENTRY_OVERHEAD;
}

interface Entry {
  readonly run: () => void;
  /** Called instead when the configuration ends first. */
  readonly drop: () => void;
}

export class ReplayLog {
  #entries: Entry[] = [];
  #bytes = 0;
  #isOpen = false;

  /** Whether messages are to be kept rather than applied. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
  }

  /** False: it holds all that it may. */
  add(entry: Entry, bytes: number): boolean {
    this.#entries.push(entry);
    this.#bytes += costOf(bytes);
    return this.#bytes <= LOG_MAX;
  }

  replay(): void {
    for (const { run } of this.#close()) run();
  }

  drop(): void {
    for (const { drop } of this.#close()) drop();
  }

  #close(): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    this.#isOpen = false;
    return entries;
  }
}
