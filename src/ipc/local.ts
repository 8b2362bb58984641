/** A connection within one process: the two ends of a socket's, with memory between them. */
import type { AisError } from '../ais-error.js';
import { ExecutiveEnd, type ExecutiveEndOptions } from './executive-link.js';
import type { Carrier, FrameStream } from './frame-stream.js';
import { LibraryEnd } from './library-link.js';
import type { WindowLink } from './link.js';

interface Parcel {
  readonly chunk: Buffer;
  readonly written: () => void;
}

/** Hands chunks over in a turn of the event loop of its own. */
class LocalCarrier implements Carrier {
  unsent = 0;
  readonly isBusy = false;
  onRoom: () => void = () => {};
  readonly #peer: FrameStream;
  #parcels: Parcel[] = [];
  #isEnding = false;
  #isScheduled = false;

  constructor(peer: FrameStream) {
    this.#peer = peer;
  }

  write(chunk: Buffer, written: () => void): void {
    this.unsent += chunk.length;
    this.#parcels.push({ chunk, written });
    this.#schedule();
  }

  drop(): void {
    for (const { chunk, written } of this.#parcels.splice(0)) {
      this.unsent -= chunk.length;
      written();
    }
  }

  end(): void {
    this.#isEnding = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.handOver());
  }

  /** Not from inside a call of who hears it. */
  handOver(): void {
    this.#isScheduled = false;
    const parcels = this.#parcels;
    this.#parcels = [];
    for (const { chunk, written } of parcels) {
      this.unsent -= chunk.length;
      this.#peer.push(chunk);
      written();
    }
    this.onRoom();
    if (this.#isEnding) this.#peer.gone();
  }
}

export interface LocalLink {
  readonly library: WindowLink;
  /** Ends it, for a reason that the library is told; what the library has sent is heard before. Not from inside a call of either end. */
  end(reason: AisError): void;
}

/** Who serves is there when this returns; `refusal` has no meaning here. */
export function connectLocally(options: Omit<ExecutiveEndOptions, 'refusal'>): LocalLink {
  const executive = new ExecutiveEnd(options);
  const library = new LibraryEnd(options.welcome());
  const toExecutive = new LocalCarrier(executive.stream);
  library.stream.attach(toExecutive);
  executive.stream.attach(new LocalCarrier(library.stream));
  executive.open();
  const end = (reason: AisError) => {
    library.stream.packer.flush();
    toExecutive.handOver();
    executive.end(reason);
  };
  return { library, end };
}
