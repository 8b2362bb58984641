/** A Unix socket as the carrier of a connection. */
import type { Socket } from 'node:net';
import type { Carrier, FrameStream } from './frame-stream.js';

/** Chunks and bytes that the socket has at a time; the rest can still be dropped. */
const HANDED_CHUNKS = 4;
const HANDED_BYTES = 256 << 10;

interface Waiting {
  readonly chunk: Buffer;
  readonly written: () => void;
}

export class SocketCarrier implements Carrier {
  onRoom: () => void = () => {};
  readonly #socket: Socket;
  /** Chunks that the socket has. */
  #handed = 0;
  /** Bounded by who writes: OUTBOX_MAX of the executive, REQUEST_WINDOW of the library. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get unsent(): number {
    return this.#waitingBytes + this.#socket.writableLength;
  }

  get isBusy(): boolean {
    return this.#handed >= HANDED_CHUNKS || this.#socket.writableLength >= HANDED_BYTES;
  }

  write(chunk: Buffer, written: () => void): void {
    if (this.#waiting.length === 0 && !this.isBusy) {
      this.#hand(chunk, written);
      return;
    }
    this.#waiting.push({ chunk, written });
    this.#waitingBytes += chunk.length;
  }

  drop(): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { written } of dropped) written();
  }

  end(graceMs: number): void {
    const socket = this.#socket;
    while (this.#waiting.length > 0) this.#handNext();
    socket.end();
    // The other end may write until it has read that this is the end: to close before would lose what it has not read.
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), graceMs);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  #hand(chunk: Buffer, written: () => void): void {
    this.#handed++;
    this.#socket.write(chunk, (error) => {
      this.#handed--;
      written();
      if (error) return;
      while (this.#waiting.length > 0 && !this.isBusy) this.#handNext();
      if (!this.isBusy) this.onRoom();
    });
  }

  #handNext(): void {
    const { chunk, written } = this.#waiting.shift()!;
    this.#waitingBytes -= chunk.length;
    this.#hand(chunk, written);
  }
}

/** Tells the stream when the socket is gone; reading is the caller's. */
export function carry(stream: FrameStream, socket: Socket): void {
  let failure: Error | undefined;
  stream.attach(new SocketCarrier(socket));
  socket.on('error', (error) => {
    failure = error;
  });
  socket.once('end', () => stream.gone());
  socket.once('close', () => stream.gone(failure));
}
