/** One end of a connection: frames over whatever carries bytes, one write a tick. */
import { BodyError } from './body.js';
import { FrameError } from './frame.js';
import { FramePacker } from './frame-packer.js';
import { FrameReader, type FrameVisitor } from './frame-reader.js';

/** Carries bytes to the other end. */
export interface Carrier {
  write(chunk: Buffer, written: () => void): void;
  /** Bytes of write() that have not left. */
  readonly unsent: number;
  /** It has as much as it sends at once: what comes is kept together until onRoom(). */
  readonly isBusy: boolean;
  /** Something has left. */
  onRoom: () => void;
  /** Forgets what has not begun to leave. */
  drop(): void;
  /** Ends once what was written has left and the other end has closed, or after so many milliseconds. */
  end(graceMs: number): void;
}

/** Milliseconds that the other end has to read what was written before the end. */
export const END_GRACE_MS = 500;

export interface StreamUser extends FrameVisitor {
  /** The other end sends what cannot be understood. */
  failed(error: FrameError | BodyError): void;
  /** Something that was sent has left. */
  sent?(): void;
  /** The carrier is gone; called once, unless end() was called before. */
  gone(error?: Error): void;
}

export class FrameStream {
  readonly packer: FramePacker;
  readonly #reader: FrameReader;
  readonly #user: StreamUser;
  #carrier: Carrier | undefined;
  #isEnded = false;

  constructor(user: StreamUser) {
    this.#user = user;
    this.#reader = new FrameReader(user);
    const flush = () => this.#flush();
    this.packer = new FramePacker(
      (chunk, written) => this.#carrier?.write(chunk, written),
      () => process.nextTick(flush),
    );
  }

  attach(carrier: Carrier): void {
    this.#carrier = carrier;
    carrier.onRoom = () => {
      this.#flush();
      this.#user.sent?.();
    };
  }

  /** Bytes that have not left. */
  get waiting(): number {
    return this.packer.pending + (this.#carrier?.unsent ?? 0);
  }

  /** Bytes of the frames that may come. */
  limit(most: number): void {
    this.#reader.most = most;
  }

  /** Forgets what has not begun to leave. */
  drop(): void {
    this.packer.flush();
    this.#carrier?.drop();
  }

  /** Sends what waits, then ends. Nothing is read any more. */
  end(graceMs = END_GRACE_MS): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.packer.flush();
    this.#carrier?.end(graceMs);
  }

  // --- for the carrier -----------------------------------------------------------------------------------------------------

  space(): Buffer {
    return this.#reader.space();
  }

  received(bytes: number): void {
    this.#read(() => this.#reader.received(bytes));
  }

  push(chunk: Buffer): void {
    this.#read(() => this.#reader.push(chunk));
  }

  gone(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.#user.gone(error);
  }

  /** Not while the carrier is busy: each chunk takes its whole memory, however little is in it. */
  #flush(): void {
    if (this.#carrier?.isBusy !== true) this.packer.flush();
  }

  #read(read: () => void): void {
    if (this.#isEnded) return;
    try {
      read();
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof BodyError)) throw error;
      this.#user.failed(error);
    }
  }
}
