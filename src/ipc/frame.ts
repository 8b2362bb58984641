/**
 * Frames between library and executive: u32 length of what follows, u8 kind, body; little-endian.
 *
 * | kind | from | body |
 * |---|---|---|
 * | HELLO | library | u8 version, 4 bytes that name the protocol; first, and the same in every version |
 * | REQUEST | library | u8 service, u16 fn, u8 flags, u32 tag, rest |
 * | CANCEL | library | u32 tag |
 * | ACKNOWLEDGE | library | u8 service, u32 object, u32 bytes |
 * | WELCOME | executive | u8 version, u32 node id, u8 n, n x (u8 number, text name) |
 * | ANSWER | executive | u32 tag, u8 0, rest; or u32 tag, u8 1 (2: it may have had an effect), text code, u32 index + 1, text what |
 * | EVENT | executive | u8 service, u16 fn, u32 object, rest |
 * | CREDIT | executive | u32 bytes that were taken up |
 * | END | executive | text code, text what; the last frame, and the same in every version |
 */
import { BODY_MAX } from './link.js';

/** In the hello; version 1 was frames of JSON. */
export const PROTOCOL_VERSION = 2;
export const PROTOCOL_NAME = Buffer.from('ais\0');

export const HELLO = 1;
export const REQUEST = 2;
export const CANCEL = 3;
export const ACKNOWLEDGE = 4;
export const WELCOME = 16;
export const ANSWER = 17;
export const EVENT = 18;
export const CREDIT = 19;
export const END = 20;

/** Bytes before the body. */
export const LENGTH_SIZE = 4;
export const FRAME_HEADER_SIZE = LENGTH_SIZE + 1;
/** Bytes of a kind's own fields. */
export const REQUEST_HEADER_SIZE = 8;
export const ANSWER_HEADER_SIZE = 5;
export const EVENT_HEADER_SIZE = 7;

/** Bytes after the length, of the largest frame. */
export const FRAME_MAX = 1 + REQUEST_HEADER_SIZE + BODY_MAX;

/** Of the first one: nobody knows yet who the client is. */
export const HELLO_MAX = 64;

/** What a request counts in the window beside its body: about what it takes while it waits. */
export const REQUEST_COST = 64;

/** The peer sends something else than frames of this protocol. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}
