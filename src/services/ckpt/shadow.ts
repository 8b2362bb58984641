/** State that is received in chunks (snapshot.ts), before it counts. */
import type { ShadowState } from '../../executive/service.js';
import { BodyError, type BodyReader } from '../../ipc/body.js';
import { MAX_NAME, MAX_SECTION_ID_SIZE, readAttributes } from '../../ipc/ckpt.js';
import { type Checkpoint, keyOf, type Section } from './checkpoint.js';
import { NO_HASH } from './digest.js';
import { LINEAGE_MAX } from './limits.js';
import { CHECKPOINT, FORMAT, MORE, OPENER, SECTION, START } from './snapshot.js';
import { CkptState, newSection } from './state.js';

export class CkptShadow implements ShadowState {
  readonly state = new CkptState();
  #checkpoint: Checkpoint | undefined;
  #section: Section | undefined;
  /** Bytes of the section that have come. */
  #filled = 0;

  load(chunk: BodyReader): void {
    while (chunk.remaining > 0) this.#record(chunk.u8(), chunk);
  }

  #record(kind: number, chunk: BodyReader): void {
    if (kind === MORE) {
      this.#fill(chunk.bytes());
      return;
    }
    if (this.#section !== undefined && this.#filled < this.#section.size)
      throw new BodyError('a section that was cut off');
    if (kind === START) this.#start(chunk);
    else if (kind === CHECKPOINT) this.#checkpoint = this.#readCheckpoint(chunk);
    else if (kind === OPENER) this.#readOpener(chunk, this.#current());
    else if (kind === SECTION) this.#readSection(chunk, this.#current());
    else throw new BodyError(`a record of kind ${kind}`);
  }

  #start(chunk: BodyReader): void {
    if (chunk.bool()) this.state.markChanged();
    const format = chunk.u32();
    if (format !== FORMAT) throw new BodyError(`snapshots of format ${format}`);
  }

  #current(): Checkpoint {
    if (this.#checkpoint === undefined) throw new BodyError('a part of no checkpoint');
    return this.#checkpoint;
  }

  #readCheckpoint(chunk: BodyReader): Checkpoint {
    const checkpoint: Checkpoint = {
      id: chunk.position(),
      name: chunk.text(MAX_NAME),
      attributes: readAttributes(chunk),
      isLinked: chunk.bool(),
      isOpen: chunk.bool(),
      deadline: chunk.f64(),
      activeReplica: chunk.u32(),
      generated: chunk.u32(),
      changedIn: chunk.text(),
      lineage: readLineage(chunk),
      sections: new Map(),
      openers: new Set(),
      used: 0,
      place: -1,
      hash: NO_HASH,
    };
    const { state } = this;
    if (state.checkpoints.has(checkpoint.id)) throw new BodyError('a checkpoint that comes twice');
    if (checkpoint.isLinked && state.names.has(checkpoint.name)) throw new BodyError('a name that comes twice');
    state.insertCheckpoint(checkpoint);
    return checkpoint;
  }

  #readOpener(chunk: BodyReader, checkpoint: Checkpoint): void {
    const [node, connection, handle, rights] = [chunk.u32(), chunk.f64(), chunk.u32(), chunk.u8()];
    if (this.state.openers.find(node, connection, handle) !== undefined)
      throw new BodyError('an opener that comes twice');
    this.state.insertOpener({ checkpoint, node, connection, handle, rights, hash: NO_HASH });
  }

  #readSection(chunk: BodyReader, checkpoint: Checkpoint): void {
    const key = keyOf(chunk.bytes(MAX_SECTION_ID_SIZE));
    const [born, version, deadline, lastUpdate, size] = [
      chunk.position(),
      chunk.position(),
      chunk.f64(),
      chunk.f64(),
      chunk.u32(),
    ];
    if (checkpoint.sections.has(key)) throw new BodyError('a section that comes twice');
    if (size > checkpoint.attributes.maxSectionSize) throw new BodyError(`a section of ${size} bytes`);
    const section = newSection(checkpoint, key, Buffer.allocUnsafe(size), deadline, born, lastUpdate);
    section.version = version;
    this.state.insertSection(section);
    this.#section = section;
    this.#filled = 0;
    this.#fill(chunk.bytes());
  }

  #fill(part: Buffer): void {
    const section = this.#section;
    if (section === undefined || part.length > section.size - this.#filled)
      throw new BodyError('more bytes than the section has');
    section.memory.set(part, this.#filled);
    this.#filled += part.length;
  }
}

function readLineage(chunk: BodyReader): bigint[] {
  const count = chunk.u16();
  if (count === 0 || count > LINEAGE_MAX) throw new BodyError(`a lineage of ${count}`);
  return Array.from({ length: count }, () => chunk.position());
}
