// What a benchmark sends, and the check of what it receives. A message: u32 sender, u32 number, f64 time of sending in µs, then a stretch
// of one fixed pattern that starts where sender and number say. Every byte of every message is compared.

import { Histogram } from '../statistics.mjs';

export const HEAD = 16;
/** Different bodies of one sender. */
const BODIES = 16;
/** Below this a loop over the bytes is cheaper than a call out of JavaScript. */
const SHORT = 48;

/** @type {Buffer} */
let pattern = Buffer.alloc(0);

/** @param {number} length */
function patternOf(length) {
  if (pattern.length < length) {
    pattern = Buffer.alloc(length);
    for (let i = 0; i < length; i += 1) pattern[i] = Math.imul(i + 1, 0x9e3779b1) >>> 24;
  }
  return pattern;
}

/** @param {number} sender @param {number} number */
function bodyStart(sender, number) {
  return (number & (BODIES - 1)) + (sender & (BODIES - 1));
}

/** µs of CLOCK_MONOTONIC, the same for all processes of a machine. */
export function microseconds() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}

/** The messages of one sender. Their memory is used again: who sends copies. */
export class Sender {
  number = 0;
  /** @type {Buffer[]} */
  #messages;

  /** @param {number} sender @param {number} size @param {number} number of the first message */
  constructor(sender, size, number) {
    this.number = number;
    this.#messages = Array.from({ length: BODIES }, (_, i) => {
      const message = Buffer.alloc(size);
      message.writeUInt32LE(sender, 0);
      const start = bodyStart(sender, i);
      patternOf(size + 2 * BODIES).copy(message, HEAD, start, start + size - HEAD);
      return message;
    });
  }

  /** The next message, again and again until accepted(). `at`: 0 unless its latency is wanted. @param {number} at */
  next(at) {
    const message = /** @type {Buffer} */ (this.#messages[this.number & (BODIES - 1)]);
    message.writeUInt32LE(this.number, 4);
    if (at > 0) message.writeDoubleLE(at, 8);
    return message;
  }

  accepted() {
    this.number = (this.number + 1) >>> 0;
  }
}

/** Counts and checks what one client receives. */
export class Receiver {
  received = 0;
  /** Not the next of its sender. */
  misordered = 0;
  /** Not what was sent. */
  corrupt = 0;
  /** Of all messages, or of every so many (a power of two): those of others. */
  sampleEvery = 1;
  /** µs that the clock of node 1, 2, … is ahead of a common one. @type {readonly number[]} */
  clocks = [];
  /** Expected size, 0 for any. */
  size = 0;
  latencies = new Histogram();
  /** @type {number[]} by sender */
  #next = [];

  /** @param {number} me */
  constructor(me) {
    this.me = me;
  }

  /** @param {number} sender @param {Buffer} data */
  take(sender, data) {
    this.received += 1;
    const number = data.readUInt32LE(4);
    const next = this.#next[sender];
    // Who starts again starts at 0; who comes later hears the rest.
    if (number !== next && next !== undefined && number !== 0) this.misordered += 1;
    this.#next[sender] = (number + 1) >>> 0;
    if (!this.#isIntact(sender, number, data)) this.corrupt += 1;
    if (sender !== this.me && (number & (this.sampleEvery - 1)) === 0) {
      this.latencies.add(microseconds() - data.readDoubleLE(8) - this.#skew(sender));
    }
  }

  /** µs that our clock is ahead of a sender's. @param {number} sender */
  #skew(sender) {
    return (this.clocks[this.me - 1] ?? 0) - (this.clocks[sender - 1] ?? 0);
  }

  /** @param {number} sender @param {number} number @param {Buffer} data */
  #isIntact(sender, number, data) {
    const { length } = data;
    if (data.readUInt32LE(0) !== sender || (this.size > 0 && length !== this.size)) return false;
    const whole = patternOf(length + 2 * BODIES);
    const start = bodyStart(sender, number);
    if (length > SHORT) return data.compare(whole, start, start + length - HEAD, HEAD) === 0;
    for (let i = HEAD, j = start; i < length; i += 1, j += 1) if (data[i] !== whole[j]) return false;
    return true;
  }

  /** Totals, and the latencies since the last report. */
  report() {
    const { received, misordered, corrupt } = this;
    return { received, misordered, corrupt, at: microseconds() / 1e6, latency: this.latencies.take() };
  }
}
