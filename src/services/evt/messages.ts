/** Bodies of EVT's requests and messages, read and checked; docs/EVT.md has them in a table. Each throws BodyError. */
import { BodyError, type BodyReader } from '../../ipc/body.js';
import { CREATE, PUBLISHER, readPublication, SUBSCRIBER } from '../../ipc/evt.js';

const MAX_NAME = 255;
const ALL_FLAGS = CREATE | PUBLISHER | SUBSCRIBER;

function readName(body: BodyReader): string {
  const name = body.text(MAX_NAME);
  if (name === '') throw new BodyError('an empty name');
  return name;
}

export function readOpen(body: BodyReader): { handle: number; flags: number; name: string } {
  const handle = body.u32();
  const flags = body.u8();
  if ((flags & ~ALL_FLAGS) !== 0) throw new BodyError(`flags ${flags}`);
  const name = readName(body);
  body.end();
  return { handle, flags, name };
}

export function readClose(body: BodyReader): number {
  const handle = body.u32();
  body.end();
  return handle;
}

/** `id`: what the unlinked channel is known by. */
export function readUnlink(body: BodyReader): { id: bigint; name: string } {
  const id = body.u64();
  const name = readName(body);
  body.end();
  return { id, name };
}

export function readPublish(body: BodyReader) {
  const id = body.u64();
  const handle = body.u32();
  return { id, handle, publication: readPublication(body) };
}

/** Of a message, and of a request to unsubscribe; a request to subscribe has filters behind it. */
export function readSubscription(body: BodyReader): { handle: number; subscription: number } {
  return { handle: body.u32(), subscription: body.u32() };
}

export function readClear(body: BodyReader): { handle: number; id: bigint } {
  const handle = body.u32();
  const id = body.u64();
  body.end();
  return { handle, id };
}

/** Where the last page of a list ended. */
export function readCursor(body: BodyReader): { name: string; unlinkId: bigint } {
  const name = body.text(MAX_NAME);
  const unlinkId = body.u64();
  body.end();
  return { name, unlinkId };
}

/** Of a client that is gone: its connection. */
export function readDisconnected(body: BodyReader): number {
  const connection = body.f64();
  body.end();
  return connection;
}
