// Streams of bytes that a hostile client sends: requests of valid shape, spoilt in some places, cut into writes somewhere.

import { BodyWriter } from '../../dist/ipc/body.js';
import * as evs from '../../dist/ipc/evs-frames.js';
import { EXECUTIVE, LEAVE } from '../../dist/ipc/executive.js';
import * as frame from '../../dist/ipc/frame.js';
import { REQUEST_WINDOW } from '../../dist/ipc/link.js';
import { Fields } from './fields.mjs';
import { frameOf, hello, isAnswered, REQUESTS, request, SERVICES } from './requests.mjs';

/** @typedef {import('../../dist/sim/random.js').Random} Random */

/** Tag of the last request of a stream: once it is answered, all before it was looked at. */
const LAST_TAG = 0xffff_fff0;
/** What a stream is written in at once, at most, where it is cut at every byte. */
const BYTEWISE_MAX = 400;
/** Where the upper byte of a request's function is. */
const FUNCTION_UPPER = 7;
/** Bytes of a stream that is not cut into many small writes. */
const LARGE = 1 << 18;

/** A message of one byte, and as many of them as a request holds. */
const PACKED_MESSAGE = Buffer.from([1, 0, 0, 0, 7]);
const MANY = Buffer.concat(Array.from({ length: 200_000 }, () => PACKED_MESSAGE));

/** @typedef {{ chunks: Buffer[], ending: 'answered' | 'closed' | 'reset' }} Stream */

/** @param {Random} random @returns {Stream} */
export function makeStream(random) {
  const frames = random.chance(0.03) ? [garbage(random)] : random.chance(0.005) ? flood(random) : talk(random);
  for (let faults = random.below(4); faults > 0; faults--) random.pick(FAULTS)(frames, random);
  let bytes = Buffer.concat(frames);
  if (random.chance(0.1)) bytes = bytes.subarray(0, random.below(bytes.length + 1));
  else bytes = Buffer.concat([bytes, request(SERVICES.executive, 1, LAST_TAG, new BodyWriter())]);
  spare(bytes);
  return { chunks: cut(bytes, random), ending: random.pick(['answered', 'answered', 'answered', 'closed', 'reset']) };
}

/** Root may ask an executive to leave, and it would: no frame of chance does. @param {Buffer} bytes */
function spare(bytes) {
  for (let at = 0; bytes.length - at > FUNCTION_UPPER; at += 4 + bytes.readUInt32LE(at)) {
    const isLeave =
      bytes[at + 4] === frame.REQUEST && bytes[at + 5] === EXECUTIVE && bytes.readUInt16LE(at + 6) === LEAVE;
    if (isLeave) bytes[at + FUNCTION_UPPER] = 0xff;
  }
}

/** @param {Random} random */
function talk(random) {
  const fields = new Fields(random);
  const frames = [hello()];
  const services = /** @type {Array<keyof typeof SERVICES>} */ (Object.keys(SERVICES));
  const about = random.pick(services);
  let tag = 0;
  for (let left = random.below(24); left > 0; left--) {
    const service = random.chance(0.85) ? about : random.pick(services);
    const [fn, body] = random.pick(REQUESTS[service]);
    tag += 1;
    // What makes something comes first, or the rest would be about nothing.
    const [first, make] = REQUESTS[service][service === 'evs' ? 1 : 0] ?? [fn, body];
    const isFirst = tag < 3 && random.chance(0.7);
    const [chosen, write] = isFirst ? [first, make] : [fn, body];
    const wanted = isAnswered(service, chosen) === random.chance(0.97) ? tag : 0;
    frames.push(request(SERVICES[service], chosen, wanted, write(fields), random.below(2)));
    if (random.chance(0.05)) frames.push(cancel(random, tag));
    if (random.chance(0.05)) frames.push(acknowledge(fields));
  }
  if (random.chance(0.003)) frames.push(...overrun(random));
  return frames;
}

/** Of some request, seldom of one without an answer. @param {Random} random @param {number} tag of the last request */
function cancel(random, tag) {
  return frameOf(frame.CANCEL, new BodyWriter().u32(random.chance(0.05) ? 0 : random.between(1, tag + 1)));
}

/** Requests of many messages, of which the send queue takes a part, between small ones. @param {Random} random */
function flood(random) {
  const about = () => new BodyWriter().u32(1);
  let tag = 1;
  const frames = [
    hello(),
    request(SERVICES.evs, evs.OPEN, tag, about().u16(0)),
    request(SERVICES.evs, evs.DEFINE, 0, about().u16(0).u8(2).u8(0).u16(1).text('nobody')),
  ];
  for (let left = random.between(2, 6); left > 0; left--) {
    const messages = random.chance(0.5) ? MANY : PACKED_MESSAGE;
    const wanted = random.chance(0.15) ? ++tag : 0;
    frames.push(request(SERVICES.evs, evs.SEND, wanted, about().u16(0).rest(messages), random.below(2)));
    if (random.chance(0.2)) frames.push(frameOf(frame.CANCEL, new BodyWriter().u32(random.pick([0, tag]))));
  }
  return frames;
}

/** @param {Fields} fields */
function acknowledge(fields) {
  return frameOf(frame.ACKNOWLEDGE, new BodyWriter().u8(fields.choice(5)).u32(fields.handle()).u32(fields.count()));
}

/** More than the window admits. @param {Random} random */
function overrun(random) {
  const one = request(SERVICES.echo, random.between(1, 3), 0, new BodyWriter().rest(Buffer.alloc(REQUEST_WINDOW / 4)));
  return Array.from({ length: random.between(4, 12) }, () => one);
}

/** @param {Random} random */
function garbage(random) {
  return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
}

/** @typedef {(frames: Buffer[], random: Random) => void} Fault */

/** @param {(frame: Buffer, random: Random) => Buffer} spoil @returns {Fault} */
const spoilt = (spoil) => (frames, random) => {
  const at = random.below(frames.length);
  const chosen = frames[at];
  if (chosen !== undefined && chosen.length > 0) frames[at] = spoil(Buffer.from(chosen), random);
};

/** A byte of the frame from `first` to `end` is another one. @param {number} first @param {number} [end] */
const anyByte = (first, end = Number.POSITIVE_INFINITY) =>
  spoilt((bytes, random) => {
    const at = random.between(first, Math.min(end, bytes.length) - 1);
    if (at < bytes.length) bytes[at] = random.below(256);
    return bytes;
  });

/** The length of a frame fits what is in it. */
function refit(/** @type {Buffer} */ bytes) {
  if (bytes.length > 4) bytes.writeUInt32LE(bytes.length - 4);
  return bytes;
}

/** @type {readonly Fault[]} */
const FAULTS = [
  // Length, kind, service, function, flags, tag; then the body.
  anyByte(0, 4),
  anyByte(4, 5),
  anyByte(5, 6),
  anyByte(6, 8),
  anyByte(9, 13),
  anyByte(13),
  anyByte(13),
  spoilt((bytes, random) => bytes.subarray(0, random.below(bytes.length))),
  spoilt((bytes, random) => refit(bytes.subarray(0, random.between(1, bytes.length)))),
  spoilt((bytes, random) => refit(Buffer.concat([bytes, garbage(random)]))),
  (frames, random) =>
    void frames.splice(random.below(frames.length + 1), 0, random.pick([hello(), garbage(random), ...frames])),
  (frames, random) => void frames.splice(random.below(frames.length + 1), 1),
  (frames, random) => void random.shuffle(frames),
  (frames, random) => {
    const at = random.below(frames.length + 1);
    frames.splice(at, 0, frameOf(random.below(24), new BodyWriter().rest(garbage(random))));
  },
];

/** @param {Buffer} bytes @param {Random} random */
function cut(bytes, random) {
  const isBytewise = bytes.length <= BYTEWISE_MAX && random.chance(0.05);
  const small = bytes.length > LARGE ? 65_536 : random.between(16, 300);
  const step = isBytewise ? 1 : random.pick([bytes.length, 4096, small]);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step));
  return chunks;
}
