// Sends a stream to an executive, and judges what comes back: frames of the protocol alone, each request answered once or the connection
// ended with a reason, no text of an error from inside, and nothing that is waited for in vain.

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isAisErrorCode } from '../../dist/ais-error.js';
import { BodyReader } from '../../dist/ipc/body.js';
import * as frame from '../../dist/ipc/frame.js';

/** Milliseconds that anything may take: a session that is not read holds all others of its node for up to 11 s. */
export const PATIENCE_MS = 30_000;
/** What no error says that was made to be read by a user. */
const INTERNAL = /TypeError|RangeError|SyntaxError|ERR_|undefined|\[object|Cannot |is not a |NaN bytes|\bat .+:\d+/;

/** @param {string} text what an error says */
export function isInternal(text) {
  return INTERNAL.test(text);
}

/** Splits a stream into frames; what is left over is incomplete. @param {Buffer} bytes */
function split(bytes) {
  const frames = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = bytes.readUInt32LE(at);
    if (length === 0 || length > frame.FRAME_MAX) return { frames, left: bytes.length - at, isBroken: true };
    if (at + 4 + length > bytes.length) break;
    frames.push({ kind: bytes[at + 4] ?? 0, body: bytes.subarray(at + 5, at + 4 + length) });
    at += 4 + length;
  }
  return { frames, left: bytes.length - at, isBroken: false };
}

/** How often each tag is to be answered, unless the connection is ended. @param {Buffer} sent */
function owed(sent) {
  /** @type {Map<number, number>} */
  const tags = new Map();
  for (const { kind, body } of split(sent).frames) {
    if (kind !== frame.REQUEST || body.length < frame.REQUEST_HEADER_SIZE) continue;
    const tag = body.readUInt32LE(4);
    if (tag !== 0) tags.set(tag, (tags.get(tag) ?? 0) + 1);
  }
  return tags;
}

class Received {
  #bytes = Buffer.alloc(0);
  /** @type {Map<number, number>} */
  answers = new Map();
  /** @type {string | undefined} why the executive ended the connection */
  end;

  /** @param {Buffer} chunk */
  push(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const { frames, left, isBroken } = split(this.#bytes);
    if (isBroken) throw new Error('the executive sends something else than frames');
    for (const { kind, body } of frames) this.#frame(kind, new BodyReader(body));
    this.#bytes = this.#bytes.subarray(this.#bytes.length - left);
  }

  /** @param {number} kind @param {BodyReader} body */
  #frame(kind, body) {
    if (this.end !== undefined) throw new Error('something comes after the end');
    if (kind === frame.ANSWER) {
      const tag = body.u32();
      this.answers.set(tag, (this.answers.get(tag) ?? 0) + 1);
      if (body.bool()) {
        const code = body.text();
        body.u32();
        this.#check(code, body.text());
      }
    } else if (kind === frame.END) {
      const code = body.text();
      this.end = body.text();
      this.#check(code, this.end);
    } else if (![frame.WELCOME, frame.EVENT, frame.CREDIT].includes(kind)) {
      throw new Error(`the executive sends a frame of kind ${kind}`);
    }
  }

  /** @param {string} code @param {string} what */
  #check(code, what) {
    if (!isAisErrorCode(code) || what === '' || isInternal(what))
      throw new Error(`an unclear error: ${code} '${what}'`);
  }
}

/** @param {string} path @param {import('./streams.mjs').Stream} stream @throws {Error} What was wrong. */
export async function send(path, { chunks, ending }) {
  const sent = Buffer.concat(chunks);
  const received = new Received();
  /** @type {unknown} */
  let problem;
  let isClosed = false;
  const socket = connect(path);
  // A reset is what a connection that is ended may look like while it still writes.
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('data', (chunk) => {
    try {
      received.push(chunk);
    } catch (error) {
      problem ??= error;
    }
  });
  try {
    for (const chunk of chunks) {
      socket.write(chunk);
      if (chunks.length > 1) await new Promise(setImmediate);
    }
    const { left, isBroken } = split(sent);
    if (ending === 'answered' && (left === 0 || isBroken) && sent.length > 0) {
      const tags = owed(sent);
      const isAnswered = () =>
        !isBroken && [...tags].every(([tag, count]) => (received.answers.get(tag) ?? 0) >= count);
      await within(
        () => isClosed || received.end !== undefined || isAnswered(),
        () => `no answer to ${[...tags.keys()].filter((tag) => !received.answers.has(tag))} and no end`,
      );
      if (isClosed && received.end === undefined) throw new Error('ended without a reason');
    }
    if (ending === 'reset') socket.destroy();
    else socket.end();
    await within(
      () => isClosed,
      () => 'the connection is not closed',
    );
  } finally {
    socket.destroy();
  }
  if (problem !== undefined) throw problem;
}

/** @param {() => boolean} isSo @param {() => string} what */
export async function within(isSo, what) {
  for (const end = performance.now() + PATIENCE_MS; !isSo(); await delay(1)) {
    if (performance.now() > end) throw new Error(`${what()} within ${PATIENCE_MS} ms`);
  }
}
