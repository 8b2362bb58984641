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
  /** Ends once what was written has left, or soon without that. */
  end(): void;
}

export interface StreamUser extends FrameVisitor {
  /** The other end sends what cannot be understood. */
  failed(error: FrameError | BodyError): void;
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
    const flush = () => this.packer.flush();
    this.packer = new FramePacker(
      (chunk, written) => this.#carrier?.write(chunk, written),
      () => setImmediate(flush),
    );
  }

  attach(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** Bytes that have not left. */
  get waiting(): number {
    return this.packer.pending + (this.#carrier?.unsent ?? 0);
  }

  /** Sends what waits, then ends. Nothing is read any more. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.packer.flush();
    this.#carrier?.end();
  }

  // --- for the carrier -----------------------------------------------------------------------------------------------------

  space(): Buffer {
    return this.#reader.space();
  }

  received(bytes: number): void {
    this.#read(() => this.#reader.received(bytes));
  }

  push(chunk: Uint8Array): void {
    this.#read(() => this.#reader.push(chunk));
  }

  gone(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.#user.gone(error);
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
