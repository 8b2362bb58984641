/**
 * The replicated state of the checkpoint service. All that changes it goes through here, so that counts, deadlines and the digest follow.
 * Nothing here checks a request: that is done before.
 */
import type { Attributes } from '../../ipc/ckpt.js';
import { type Checkpoint, hasDefaultSection, lastChange, type Opener, type Section } from './checkpoint.js';
import { Deadlines } from './deadlines.js';
import { Digest, type Hash, Hasher, NO_HASH } from './digest.js';
import { LINEAGE_MAX } from './limits.js';
import { Openers } from './openers.js';

const CHECKPOINT = 1;
const SECTION = 2;
const OPENER = 3;
const CHANGED = 4;

/** Told of each change of a section, in order. */
export type SectionListener = (section: Section, kind: 'created' | 'written' | 'deleted' | 'expired') => void;

const NO_MEMORY = Buffer.alloc(0);

export class CkptState {
  readonly checkpoints = new Map<bigint, Checkpoint>();
  /** Those that are not unlinked. */
  readonly names = new Map<string, Checkpoint>();
  readonly openers = new Openers();
  readonly digest = new Digest();
  /** Of all checkpoints. */
  sections = 0;
  bytes = 0;
  /** Id of the regular configuration. */
  configuration = '';
  onSection: SectionListener = () => {};
  #wasChanged = false;
  readonly #retention = new Deadlines<Checkpoint>();
  readonly #expiry = new Deadlines<Section>();

  /** There was a checkpoint once. */
  get wasChanged(): boolean {
    return this.#wasChanged;
  }

  get nextDeadline(): number {
    return Math.min(this.#retention.first, this.#expiry.first);
  }

  // --- checkpoints -------------------------------------------------------------------------------------------------------

  create(position: bigint, name: string, attributes: Attributes, time: number): Checkpoint {
    const checkpoint: Checkpoint = {
      id: position,
      name,
      attributes,
      isLinked: true,
      sections: new Map(),
      used: 0,
      generated: 0,
      openers: new Set(),
      isOpen: true,
      activeReplica: 0,
      lineage: [position],
      changedIn: this.configuration,
      deadline: Number.POSITIVE_INFINITY,
      place: -1,
      hash: NO_HASH,
    };
    this.insertCheckpoint(checkpoint);
    if (hasDefaultSection(attributes))
      this.insertSection(newSection(checkpoint, '', NO_MEMORY, Number.POSITIVE_INFINITY, position, time));
    return checkpoint;
  }

  unlink(checkpoint: Checkpoint, position: bigint): void {
    this.names.delete(checkpoint.name);
    checkpoint.isLinked = false;
    if (checkpoint.openers.size === 0) this.removeCheckpoint(checkpoint);
    else this.changed(checkpoint, position);
  }

  setRetention(checkpoint: Checkpoint, duration: number, position: bigint): void {
    checkpoint.attributes = { ...checkpoint.attributes, retentionDuration: duration };
    this.changed(checkpoint, position);
  }

  setActiveReplica(checkpoint: Checkpoint, node: number): void {
    checkpoint.activeReplica = node;
    this.#rehash(checkpoint);
  }

  /** The position belongs to what changed it. */
  changed(checkpoint: Checkpoint, position: bigint): void {
    const { lineage } = checkpoint;
    if (checkpoint.changedIn === this.configuration) lineage.pop();
    else if (lineage.length === LINEAGE_MAX) lineage.shift();
    lineage.push(position);
    checkpoint.changedIn = this.configuration;
    this.#rehash(checkpoint);
  }

  // --- openers -----------------------------------------------------------------------------------------------------------

  open(checkpoint: Checkpoint, node: number, connection: number, handle: number, rights: number): Opener {
    const opener: Opener = { checkpoint, node, connection, handle, rights, hash: NO_HASH };
    this.insertOpener(opener);
    if (!checkpoint.isOpen) {
      checkpoint.isOpen = true;
      this.#retention.set(checkpoint, Number.POSITIVE_INFINITY);
      this.#rehash(checkpoint);
    }
    return opener;
  }

  close(opener: Opener, time: number): void {
    const { checkpoint } = opener;
    this.openers.remove(opener);
    checkpoint.openers.delete(opener);
    this.digest.toggle(opener.hash);
    if (checkpoint.openers.size === 0) this.#retire(checkpoint, time);
  }

  /** Retention starts, from the beginning, or there is none. */
  #retire(checkpoint: Checkpoint, time: number): void {
    const { retentionDuration } = checkpoint.attributes;
    if (!checkpoint.isLinked || retentionDuration === 0) {
      this.removeCheckpoint(checkpoint);
      return;
    }
    checkpoint.isOpen = false;
    this.#retention.set(checkpoint, time + retentionDuration);
    this.#rehash(checkpoint);
  }

  /** These nodes are gone, and what they held open is closed. */
  nodesLeft(nodes: readonly number[], time: number): void {
    for (const node of nodes) for (const opener of this.openers.ofNode(node)) this.close(opener, time);
    for (const checkpoint of [...this.checkpoints.values()]) {
      if (nodes.includes(checkpoint.activeReplica)) this.setActiveReplica(checkpoint, 0);
      // A merge may have brought one whose openers have not come along.
      if (checkpoint.isOpen && checkpoint.openers.size === 0) this.#retire(checkpoint, time);
    }
  }

  // --- sections ----------------------------------------------------------------------------------------------------------

  /** The memory is the section's own from now on. */
  createSection(
    checkpoint: Checkpoint,
    key: string,
    memory: Buffer,
    deadline: number,
    position: bigint,
    time: number,
  ): void {
    const section = newSection(checkpoint, key, memory, deadline, position, time);
    this.insertSection(section);
    this.changed(checkpoint, position);
    this.onSection(section, 'created');
  }

  deleteSection(section: Section, position: bigint): void {
    this.#removeSection(section);
    this.changed(section.checkpoint, position);
    this.onSection(section, 'deleted');
  }

  setExpiration(section: Section, deadline: number, position: bigint): void {
    const own = this.#own(section, true);
    this.#expiry.set(own, deadline);
    this.#sectionChanged(own, position);
  }

  /** The bytes are copied; what lies between the end and the offset becomes zero. */
  write(section: Section, offset: number, data: Uint8Array, position: bigint, time: number): void {
    const own = this.#own(section, true);
    const end = offset + data.length;
    if (end > own.memory.length) grow(own, end);
    if (offset > own.size) own.memory.fill(0, own.size, offset);
    own.memory.set(data, offset);
    this.#resize(own, Math.max(own.size, end));
    this.#written(own, position, time);
  }

  /** The bytes are copied, and are all that it has then. */
  overwrite(section: Section, data: Uint8Array, position: bigint, time: number): void {
    const own = this.#own(section, false);
    const isRoomy = data.length <= own.memory.length && 2 * data.length >= own.memory.length;
    if (isRoomy) own.memory.set(data);
    else own.memory = Buffer.from(data);
    this.#resize(own, data.length);
    this.#written(own, position, time);
  }

  #written(section: Section, position: bigint, time: number): void {
    section.lastUpdate = time;
    this.#sectionChanged(section, position);
    this.onSection(section, 'written');
  }

  #sectionChanged(section: Section, position: bigint): void {
    this.digest.toggle(section.hash);
    section.version = position;
    section.hash = hashOfSection(section);
    this.digest.toggle(section.hash);
    this.changed(section.checkpoint, position);
  }

  #resize(section: Section, size: number): void {
    this.bytes += size - section.size;
    section.checkpoint.used += size - section.size;
    section.size = size;
  }

  /** The section itself, or a copy in its place if a snapshot has still to send it. */
  #own(section: Section, isKept: boolean): Section {
    if (section.readers === 0) return section;
    const memory = isKept ? Buffer.from(section.memory.subarray(0, section.size)) : NO_MEMORY;
    const own: Section = { ...section, memory, readers: 0, place: -1 };
    this.#expiry.replace(section, own);
    section.checkpoint.sections.set(section.key, own);
    return own;
  }

  // --- time --------------------------------------------------------------------------------------------------------------

  /** Everything with a deadline at or before `time` ends. */
  expire(time: number): void {
    if (time < this.nextDeadline) return;
    const expired = this.#expiry.due(time).sort((a, b) => a.deadline - b.deadline || (a.born < b.born ? -1 : 1));
    for (const section of expired) {
      this.#removeSection(section);
      this.onSection(section, 'expired');
    }
    for (const checkpoint of this.#retention.due(time)) this.removeCheckpoint(checkpoint);
  }

  // --- parts, as they are made, loaded or merged ---------------------------------------------------------------------------

  insertCheckpoint(checkpoint: Checkpoint): void {
    this.markChanged();
    this.checkpoints.set(checkpoint.id, checkpoint);
    if (checkpoint.isLinked) this.names.set(checkpoint.name, checkpoint);
    checkpoint.place = -1;
    this.#retention.set(checkpoint, checkpoint.deadline);
    checkpoint.hash = hashOfCheckpoint(checkpoint);
    this.digest.toggle(checkpoint.hash);
  }

  insertSection(section: Section): void {
    const { checkpoint } = section;
    checkpoint.sections.set(section.key, section);
    checkpoint.used += section.size;
    this.bytes += section.size;
    this.sections++;
    section.place = -1;
    this.#expiry.set(section, section.deadline);
    section.hash = hashOfSection(section);
    this.digest.toggle(section.hash);
  }

  insertOpener(opener: Opener): void {
    opener.checkpoint.openers.add(opener);
    this.openers.add(opener);
    opener.hash = hashOfOpener(opener);
    this.digest.toggle(opener.hash);
  }

  /** With its sections; it has no opener. */
  removeCheckpoint(checkpoint: Checkpoint): void {
    for (const section of checkpoint.sections.values()) this.#removeSection(section);
    this.checkpoints.delete(checkpoint.id);
    if (checkpoint.isLinked) this.names.delete(checkpoint.name);
    this.#retention.remove(checkpoint);
    this.digest.toggle(checkpoint.hash);
  }

  /** There was a checkpoint once, wherever this state comes from. */
  markChanged(): void {
    if (this.#wasChanged) return;
    this.#wasChanged = true;
    this.digest.toggle(new Hasher(CHANGED).hash());
  }

  #removeSection(section: Section): void {
    const { checkpoint } = section;
    checkpoint.sections.delete(section.key);
    checkpoint.used -= section.size;
    this.bytes -= section.size;
    this.sections--;
    this.#expiry.remove(section);
    this.digest.toggle(section.hash);
  }

  #rehash(checkpoint: Checkpoint): void {
    this.digest.toggle(checkpoint.hash);
    checkpoint.hash = hashOfCheckpoint(checkpoint);
    this.digest.toggle(checkpoint.hash);
  }
}

export function newSection(
  checkpoint: Checkpoint,
  key: string,
  memory: Buffer,
  deadline: number,
  position: bigint,
  time: number,
): Section {
  const { length: size } = memory;
  const made = { born: position, version: position, lastUpdate: time, deadline, place: -1, readers: 0, hash: NO_HASH };
  return { checkpoint, key, memory, size, ...made };
}

/** By half more than is needed, so that a section that grows by appending is not copied each time. */
function grow(section: Section, needed: number): void {
  const most = section.checkpoint.attributes.maxSectionSize;
  const grown = section.size === 0 ? needed : Math.min(Math.ceil(needed * 1.5), most);
  const memory = Buffer.allocUnsafe(Math.max(grown, needed));
  memory.set(section.memory.subarray(0, section.size));
  section.memory = memory;
}

function hashOfCheckpoint(checkpoint: Checkpoint): Hash {
  const { id, isLinked, attributes, deadline, isOpen, activeReplica, generated } = checkpoint;
  return new Hasher(CHECKPOINT)
    .position(id)
    .u32(isLinked ? 1 : 0)
    .u32(isOpen ? 1 : 0)
    .f64(attributes.retentionDuration)
    .f64(deadline)
    .u32(activeReplica)
    .u32(generated)
    .position(lastChange(checkpoint))
    .hash();
}

function hashOfSection({ checkpoint, key, born, version, size, deadline }: Section): Hash {
  return new Hasher(SECTION)
    .position(checkpoint.id)
    .text(key)
    .position(born)
    .position(version)
    .u32(size)
    .f64(deadline)
    .hash();
}

function hashOfOpener({ checkpoint, node, connection, handle, rights }: Opener): Hash {
  const hasher = new Hasher(OPENER).position(checkpoint.id).u32(node).f64(connection);
  return hasher.u32(handle).u32(rights).hash();
}
