/** The first frames of a connection and the last: who speaks, and why it is over. */
import { type AisError, type AisErrorCode, aisError, isAisErrorCode } from '../ais-error.js';
import { type BodyReader, BodyWriter } from './body.js';
import { END, FrameError, HELLO, PROTOCOL_NAME, PROTOCOL_VERSION, WELCOME } from './frame.js';
import type { FrameStream } from './frame-stream.js';
import type { Welcome } from './link.js';

/** Bytes of the text in an END. */
const REASON_MAX = 4096;

export function send(stream: FrameStream, kind: number, body: BodyWriter): void {
  const at = stream.packer.begin(kind, body.size);
  stream.packer.memory.set(body.finish(), at);
}

export function sendHello(stream: FrameStream): void {
  send(stream, HELLO, new BodyWriter(8).u8(PROTOCOL_VERSION).rest(PROTOCOL_NAME));
}

/** @throws {FrameError} This is no library. {AisError} SA_AIS_ERR_VERSION. */
export function checkHello(kind: number, body: BodyReader): void {
  if (kind !== HELLO || body.remaining < 1 + PROTOCOL_NAME.length) throw new FrameError('no hello');
  const version = body.u8();
  if (!body.rest().subarray(0, PROTOCOL_NAME.length).equals(PROTOCOL_NAME)) throw new FrameError('no hello');
  if (version !== PROTOCOL_VERSION) {
    const what = `a library of protocol version ${version}; this executive has version ${PROTOCOL_VERSION}`;
    throw aisError('SA_AIS_ERR_VERSION', 'ipc.hello', what, { supported: String(PROTOCOL_VERSION) });
  }
}

export function sendWelcome(stream: FrameStream, { nodeId, services }: Welcome): void {
  const body = new BodyWriter().u8(PROTOCOL_VERSION).u32(nodeId).u8(services.size);
  for (const [name, number] of services) body.u8(number).text(name);
  send(stream, WELCOME, body);
}

/** @throws {BodyError} {FrameError} */
export function readWelcome(body: BodyReader): Welcome {
  const version = body.u8();
  if (version !== PROTOCOL_VERSION) throw new FrameError(`a welcome of protocol version ${version}`);
  const nodeId = body.u32();
  const services = new Map<string, number>();
  for (let left = body.u8(); left > 0; left--) {
    const number = body.u8();
    services.set(body.text(), number);
  }
  body.end();
  return { nodeId, services };
}

export function sendEnd(stream: FrameStream, { code, operation, message }: AisError): void {
  // The library says again what is around it.
  const what = message.slice(operation.length + 2, REASON_MAX).replace(` [${code}]`, '');
  send(stream, END, new BodyWriter().text(code).text(what));
}

/** @throws {BodyError} */
export function readEnd(body: BodyReader): AisError {
  const code = readCode(body);
  const what = body.text();
  return aisError(code, 'ais.connection', `the executive ended the connection: ${what}`);
}

/** A code that a later executive may have is an error of the library's. */
export function readCode(body: BodyReader): AisErrorCode {
  const code = body.text(64);
  return isAisErrorCode(code) ? code : 'SA_AIS_ERR_LIBRARY';
}
