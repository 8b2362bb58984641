/** What is replicated of a checkpoint. */
import type { Attributes } from '../../ipc/ckpt.js';
import type { Timed } from './deadlines.js';
import type { Hash } from './digest.js';

export interface Section extends Timed {
  readonly checkpoint: Checkpoint;
  /** The bytes of its id, one a character. */
  readonly key: string;
  /** Place in the order where it was created. */
  readonly born: bigint;
  /** Place in the order of its last change. With the place, all members have the same bytes. */
  version: bigint;
  lastUpdate: number;
  /** May be larger than the section. */
  memory: Buffer;
  size: number;
  /** Snapshots that have not sent it yet: while there are any, it does not change, and a copy takes its place. */
  readers: number;
  hash: Hash;
}

export interface Opener {
  readonly checkpoint: Checkpoint;
  readonly node: number;
  readonly connection: number;
  readonly handle: number;
  readonly rights: number;
  hash: Hash;
}

/** An instance: a name may have had several. `deadline`: the end of retention. */
export interface Checkpoint extends Timed {
  /** Place in the order where it was created. */
  readonly id: bigint;
  readonly name: string;
  attributes: Attributes;
  isLinked: boolean;
  /** By key. */
  readonly sections: Map<string, Section>;
  /** Bytes in them. */
  used: number;
  /** Ids that were made, to make the next. */
  generated: number;
  readonly openers: Set<Opener>;
  /** False: the last opener is gone, and its retention runs. */
  isOpen: boolean;
  /** Node; 0: none. */
  activeReplica: number;
  /** Places of the last change in each configuration that changed it, newest last: at most LINEAGE_MAX. */
  readonly lineage: bigint[];
  /** Id of the configuration that changed it last. */
  changedIn: string;
  hash: Hash;
}

/** Whether one node has to have been made the active replica before the checkpoint may be used. */
export function needsActiveReplica({ collocated, update }: Attributes): boolean {
  return collocated && update !== 'all-replicas';
}

export function hasDefaultSection({ maxSections }: Attributes): boolean {
  return maxSections === 1;
}

/** Retention aside: it may be changed. */
export function haveEqualAttributes(a: Attributes, b: Attributes): boolean {
  return (
    a.update === b.update &&
    a.collocated === b.collocated &&
    a.checkpointSize === b.checkpointSize &&
    a.maxSections === b.maxSections &&
    a.maxSectionSize === b.maxSectionSize &&
    a.maxSectionIdSize === b.maxSectionIdSize
  );
}

export function lastChange(checkpoint: Checkpoint): bigint {
  return checkpoint.lineage.at(-1)!;
}

export function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}

export function idOf(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}
