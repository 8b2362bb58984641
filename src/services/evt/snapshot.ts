/**
 * The state as records, each behind its length (u32), packed into chunks without regard for where records end: an event may be larger
 * than a chunk.
 *
 * | record | body |
 * |---|---|
 * | 1 channel | u64 unlink id, text name |
 * | 2 opener, of the last channel | u32 node, f64 connection, u32 handle, u8 flags |
 * | 3 event, of the last channel | an event as it is written |
 */
import { createHash } from 'node:crypto';
import { CHUNK_MAX, type ShadowState } from '../../executive/service.js';
import { BodyError, BodyReader, BodyWriter } from '../../ipc/body.js';
import { MAX_EVENT_SIZE } from '../../ipc/evt.js';
import { byName, type Channel, EvtState, type Opener } from './state.js';

const CHANNEL = 1;
const OPENER = 2;
const EVENT = 3;

const EVENT_HEAD = Buffer.from([EVENT]);
const ID_AND_TIME = 16;
const MAX_RECORD = MAX_EVENT_SIZE + 1;

/** A record, in parts: what is retained is not copied. */
type Parts = readonly Buffer[];

/** The state as of the call. */
export function snapshot(state: EvtState): Iterator<Uint8Array> {
  return pack([...records(state)]);
}

/** An event is known by its id; its time may differ between those who had it delivered in different configurations. */
export function digest(state: EvtState): Buffer {
  const hash = createHash('sha256');
  for (const [head, event] of records(state)) hash.update(head!).update(event?.subarray(0, ID_AND_TIME) ?? '');
  return hash.digest();
}

/** In an order that the state alone decides. */
function* records(state: EvtState): Generator<Parts> {
  for (const channel of [...state.channels()].sort(byName)) {
    yield [new BodyWriter().u8(CHANNEL).u64(channel.unlinkId).text(channel.name).finish()];
    for (const { node, connection, handle, flags } of [...channel.openers].sort(byKey)) {
      yield [new BodyWriter(32).u8(OPENER).u32(node).f64(connection).u32(handle).u8(flags).finish()];
    }
    for (const { body } of channel.retained.values()) yield [EVENT_HEAD, body];
  }
}

function byKey(a: Opener, b: Opener): number {
  return a.node - b.node || a.connection - b.connection || a.handle - b.handle;
}

function* pack(all: readonly Parts[]): Generator<Buffer> {
  let chunk = new BodyWriter(CHUNK_MAX);
  for (const parts of all) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(parts.reduce((sum, part) => sum + part.length, 0));
    for (const part of [length, ...parts]) {
      for (let at = 0; at < part.length; ) {
        const piece = part.subarray(at, at + CHUNK_MAX - chunk.size);
        chunk.rest(piece);
        at += piece.length;
        if (chunk.size < CHUNK_MAX) continue;
        yield chunk.finish();
        chunk = new BodyWriter(CHUNK_MAX);
      }
    }
  }
  if (chunk.size > 0) yield chunk.finish();
}

/** A state that is received, before it counts. */
export class EvtShadow implements ShadowState {
  readonly state = new EvtState();
  #pending: Buffer = Buffer.alloc(0);
  #channel: Channel | undefined;

  load(chunk: BodyReader): void {
    this.#pending = Buffer.concat([this.#pending, chunk.rest()]);
    while (this.#pending.length >= 4) {
      const length = this.#pending.readUInt32LE();
      if (length > MAX_RECORD) throw new BodyError(`a record of ${length} bytes`);
      if (this.#pending.length < 4 + length) return;
      this.#record(new BodyReader(this.#pending.subarray(4, 4 + length)));
      this.#pending = this.#pending.subarray(4 + length);
    }
  }

  #record(record: BodyReader): void {
    const kind = record.u8();
    if (kind === EVENT) {
      this.state.retain(this.#current(), Buffer.from(record.rest()));
      return;
    }
    if (kind === CHANNEL) {
      const unlinkId = record.u64();
      this.#channel = this.state.create(record.text(), unlinkId);
    } else if (kind === OPENER) {
      const key = { node: record.u32(), connection: record.f64(), handle: record.u32() };
      this.state.open(this.#current(), key, record.u8());
    } else {
      throw new BodyError(`a record of kind ${kind}`);
    }
    record.end();
  }

  #current(): Channel {
    if (this.#channel === undefined) throw new BodyError('a record of no channel');
    return this.#channel;
  }
}
