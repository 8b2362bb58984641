/**
 * The state on its way to others, in chunks of whole records; a section that a chunk has no room for goes on in the next.
 *
 * | record | after a u8 |
 * |---|---|
 * | 1 start | bool was changed, u32 version of this table |
 * | 2 checkpoint | position id, text name, attributes, bool linked, bool open, f64 deadline, u32 active replica, u32 generated, text changed in, u16 n, n x position lineage |
 * | 3 opener, of the checkpoint before | u32 node, f64 connection, u32 handle, u8 rights |
 * | 4 section, of the checkpoint before | bytes id, position born, position version, f64 deadline, f64 last update, u32 size, bytes its first |
 * | 5 more, of the section before | bytes |
 *
 * A snapshot holds the sections themselves, not their bytes: each is counted in `readers` until it was sent, and whoever changes it
 * meanwhile puts a copy in its place (CkptState). So a snapshot costs one reference a section, and a copy for each section that is
 * written before it was sent.
 */
import { CHUNK_MAX } from '../../executive/service.js';
import { BodyWriter } from '../../ipc/body.js';
import { writeAttributes } from '../../ipc/ckpt.js';
import { type Checkpoint, idOf, type Opener, type Section } from './checkpoint.js';
import type { CkptState } from './state.js';

export const START = 1;
export const CHECKPOINT = 2;
export const OPENER = 3;
export const SECTION = 4;
export const MORE = 5;
export const FORMAT = 1;

/** Bytes of any record without the bytes of a section. */
const MAX_RECORD = 2048;
const MORE_HEADER = 5;

export class Snapshot implements Iterator<Uint8Array> {
  readonly #records: (Buffer | Section)[] = [];
  #next = 0;
  /** Bytes of the section before #next that were sent; 0: all. */
  #sent = 0;

  constructor(state: CkptState) {
    this.#records.push(new BodyWriter(6).u8(START).bool(state.wasChanged).u32(FORMAT).finish());
    for (const checkpoint of state.checkpoints.values()) {
      this.#records.push(checkpointRecord(checkpoint));
      for (const opener of checkpoint.openers) this.#records.push(openerRecord(opener));
      for (const section of checkpoint.sections.values()) {
        section.readers++;
        this.#records.push(section);
      }
    }
  }

  next(): IteratorResult<Uint8Array> {
    if (this.#next === this.#records.length) return { done: true, value: undefined };
    const chunk = new BodyWriter(CHUNK_MAX);
    while (this.#next < this.#records.length && CHUNK_MAX - chunk.size >= MAX_RECORD) {
      const record = this.#records[this.#next]!;
      if (Buffer.isBuffer(record)) chunk.rest(record);
      else if (!this.#putSection(chunk, record)) break;
      this.#next++;
    }
    return { done: false, value: chunk.finish() };
  }

  return(): IteratorResult<Uint8Array> {
    for (const record of this.#records.splice(this.#next)) if (!Buffer.isBuffer(record)) record.readers--;
    return { done: true, value: undefined };
  }

  /** Whether it was put in to its end. */
  #putSection(chunk: BodyWriter, section: Section): boolean {
    if (this.#sent === 0) putHeader(chunk, section);
    else chunk.u8(MORE);
    const room = CHUNK_MAX - chunk.size - MORE_HEADER;
    const end = Math.min(section.size, this.#sent + room);
    chunk.bytes(section.memory.subarray(this.#sent, end));
    if (end < section.size) {
      this.#sent = end;
      return false;
    }
    this.#sent = 0;
    section.readers--;
    return true;
  }
}

function putHeader(chunk: BodyWriter, { key, born, version, deadline, lastUpdate, size }: Section): void {
  chunk.u8(SECTION).bytes(idOf(key)).position(born).position(version).f64(deadline).f64(lastUpdate).u32(size);
}

function checkpointRecord(checkpoint: Checkpoint): Buffer {
  const { id, name, attributes, isLinked, isOpen, deadline, activeReplica, generated, changedIn, lineage } = checkpoint;
  const body = new BodyWriter(512).u8(CHECKPOINT).position(id).text(name);
  writeAttributes(body, attributes).bool(isLinked).bool(isOpen).f64(deadline).u32(activeReplica).u32(generated);
  body.text(changedIn).u16(lineage.length);
  for (const position of lineage) body.position(position);
  return body.finish();
}

function openerRecord({ node, connection, handle, rights }: Opener): Buffer {
  return new BodyWriter(18).u8(OPENER).u32(node).f64(connection).u32(handle).u8(rights).finish();
}
