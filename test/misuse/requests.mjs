// What a client may ask of each service, as frames of valid shape. A talk is one connection's: its requests have tags, and each is about
// something that those before it may have made.

import { BodyWriter } from '../../dist/ipc/body.js';
import * as ckpt from '../../dist/ipc/ckpt.js';
import { CLM } from '../../dist/ipc/clm.js';
import * as evs from '../../dist/ipc/evs-frames.js';
import { EVT } from '../../dist/ipc/evt.js';
import * as frame from '../../dist/ipc/frame.js';
import { AT_ONCE, BARRIER, ECHO, ORDERED, TELL } from './echo.mjs';

/** @typedef {import('./fields.mjs').Fields} Fields */

/** Numbers of the services on the wire. */
export const SERVICES = { executive: 0, evs: evs.EVS_SERVICE, clm: 2, ckpt: ckpt.CKPT, evt: 4, echo: ECHO };

const UNANSWERED_BY_EVS = [evs.DEFINE, evs.SEND, evs.CLOSE];

/** @param {string} service @param {number} fn */
export function isAnswered(service, fn) {
  return service !== 'evs' || !UNANSWERED_BY_EVS.includes(fn);
}

/** @param {number} kind @param {BodyWriter} body */
export function frameOf(kind, body) {
  const bytes = body.finish();
  return new BodyWriter(bytes.length + 5)
    .u32(bytes.length + 1)
    .u8(kind)
    .rest(bytes)
    .finish();
}

export const hello = () => frameOf(frame.HELLO, new BodyWriter().u8(frame.PROTOCOL_VERSION).rest(frame.PROTOCOL_NAME));

/** @param {number} service @param {number} fn @param {number} tag @param {BodyWriter} body @param {number} [flags] */
export function request(service, fn, tag, body, flags = 0) {
  return frameOf(frame.REQUEST, new BodyWriter().u8(service).u16(fn).u8(flags).u32(tag).rest(body.finish()));
}

/** @param {Fields} fields @param {BodyWriter} body */
function groups(fields, body) {
  const count = fields.random.below(4);
  body.u16(fields.length(count));
  for (let i = 0; i < count; i++) body.text(fields.name());
  return body;
}

/** @param {Fields} fields */
function attributes(fields) {
  const body = new BodyWriter()
    .u8(fields.choice(2))
    .u8(fields.choice(1))
    .f64(fields.random.pick([256, 1024, fields.time()]));
  return body
    .f64(fields.time())
    .u32(fields.random.pick([1, 16, fields.count()]))
    .u32(fields.random.pick([64, fields.count()]))
    .u16(16);
}

/** @param {Fields} fields */
function elements(fields, /** @type {(body: BodyWriter) => void} */ end) {
  const count = fields.random.between(1, 3);
  const body = new BodyWriter().u32(fields.length(count));
  for (let i = 0; i < count; i++) end(body.bytes(section(fields)).f64(fields.time()));
  return body.finish();
}

/** @param {Fields} fields */
const section = (fields) => fields.random.pick([Buffer.alloc(0), Buffer.from('a'), Buffer.from('b'), fields.bytes()]);

/** @param {Fields} fields @param {BodyWriter} body */
function patterns(fields, body) {
  const count = fields.random.below(3);
  body.u8(fields.length(count));
  for (let i = 0; i < count; i++) body.bytes(fields.bytes());
  return body;
}

/** @param {Fields} fields */
function publication(fields) {
  const retention = fields.random.chance(0.1) ? fields.time() : 0;
  const body = new BodyWriter().u64(0n).u32(fields.handle()).u8(fields.choice(3)).f64(retention).text(fields.name());
  return patterns(fields, body).rest(fields.bytes());
}

/** @param {Fields} fields */
function filters(fields) {
  const body = new BodyWriter().u32(fields.handle()).u32(fields.handle());
  const count = fields.random.below(3);
  body.u8(fields.length(count));
  for (let i = 0; i < count; i++) body.u8(fields.choice(3)).bytes(fields.bytes(4));
  return body;
}

/** Messages behind each other, each behind its length. @param {Fields} fields */
function messages(fields) {
  const body = new BodyWriter();
  for (let left = fields.random.below(6); left > 0; left--) {
    const data = fields.bytes();
    body.u32(fields.length(data.length)).rest(data);
  }
  return body.finish();
}

const of = (/** @type {Fields} */ fields) => new BodyWriter().u32(fields.handle());

/** @type {Record<keyof typeof SERVICES, ReadonlyArray<readonly [number, (fields: Fields) => BodyWriter]>>} */
export const REQUESTS = {
  executive: [[1, () => new BodyWriter()]],
  evs: [
    [evs.CONNECT, () => new BodyWriter()],
    [evs.OPEN, (f) => groups(f, of(f))],
    [
      evs.DEFINE,
      (f) =>
        groups(
          f,
          of(f)
            .u16(f.handle() & 0xffff)
            .u8(f.choice(2) + 1)
            .u8(f.choice(3)),
        ),
    ],
    [
      evs.SEND,
      (f) =>
        of(f)
          .u16(f.handle() & 0xffff)
          .rest(messages(f)),
    ],
    [
      evs.SEND_IN,
      (f) =>
        of(f)
          .u16(f.handle() & 0xffff)
          .text(f.name())
          .rest(f.bytes()),
    ],
    [evs.JOIN, (f) => groups(f, of(f))],
    [evs.LEAVE, (f) => groups(f, of(f))],
    [evs.PASSED, of],
    [evs.CLOSE, of],
  ],
  clm: [
    [CLM.node, of],
    [CLM.current, () => new BodyWriter()],
    [CLM.track, (f) => of(f).u8(f.choice(1))],
    [CLM.stop, of],
  ],
  ckpt: [
    [ckpt.OPEN, (f) => of(f).u8(7).text(f.name()).rest(attributes(f).finish())],
    [ckpt.OPEN, (f) => of(f).u8(f.choice(7)).text(f.name())],
    [ckpt.CREATE_SECTION, (f) => of(f).f64(f.time()).bytes(section(f)).rest(f.bytes())],
    [ckpt.DELETE_SECTION, (f) => of(f).rest(section(f))],
    [ckpt.SET_EXPIRATION, (f) => of(f).f64(f.time()).rest(section(f))],
    [ckpt.WRITE, (f) => of(f).rest(elements(f, (body) => body.bytes(f.bytes())))],
    [ckpt.OVERWRITE, (f) => of(f).bytes(section(f)).rest(f.bytes())],
    [ckpt.SET_ACTIVE, of],
    [ckpt.SET_RETENTION, (f) => of(f).f64(f.time())],
    [ckpt.SYNCHRONIZE, of],
    [
      ckpt.READ,
      (f) =>
        of(f)
          .u32(f.choice(3))
          .rest(elements(f, (body) => body.f64(f.time()))),
    ],
    [ckpt.STATUS, of],
    [ckpt.SECTIONS, (f) => of(f).u32(f.handle()).u8(f.choice(4)).f64(f.time())],
    [ckpt.LIST, of],
    [ckpt.NEXT_PAGE, of],
    [ckpt.END_ITERATOR, of],
    [ckpt.WATCH, (f) => of(f).u32(f.handle())],
    [ckpt.UNWATCH, of],
    [ckpt.UNLINK, (f) => new BodyWriter().text(f.name())],
    [ckpt.CLOSE, of],
  ],
  evt: [
    [EVT.open, (f) => of(f).u8(7).text(f.name())],
    [EVT.open, (f) => of(f).u8(f.choice(7)).text(f.name())],
    [EVT.publish, publication],
    [EVT.publish, publication],
    [EVT.subscribe, filters],
    [EVT.unsubscribe, (f) => of(f).u32(f.handle())],
    [EVT.clear, (f) => of(f).u64(f.id())],
    [EVT.list, (f) => new BodyWriter().text(f.name()).u64(f.id())],
    [EVT.unlink, (f) => new BodyWriter().u64(f.id()).text(f.name())],
    [EVT.close, of],
  ],
  echo: [AT_ONCE, ORDERED, BARRIER, TELL].map((fn) => [fn, (f) => of(f).rest(f.bytes())]),
};
