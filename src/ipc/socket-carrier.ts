/** A Unix socket as the carrier of a connection. */
import type { Socket } from 'node:net';
import type { Carrier, FrameStream } from './frame-stream.js';

/** Milliseconds that an ended connection has for what was written. */
const END_GRACE_MS = 500;

export class SocketCarrier implements Carrier {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  write(chunk: Buffer, written: () => void): void {
    this.#socket.write(chunk, written);
  }

  end(): void {
    const socket = this.#socket;
    socket.end();
    // Bytes that nobody reads would keep it half open.
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), END_GRACE_MS);
    timer.unref();
    socket.once('finish', () => socket.destroySoon());
    socket.once('close', () => clearTimeout(timer));
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
