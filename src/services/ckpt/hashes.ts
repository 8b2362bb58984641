/** What each part of the state counts in the digest. */
import type { Checkpoint, Opener, Section } from './checkpoint.js';
import { type Hash, Hasher } from './digest.js';

const CHECKPOINT = 1;
const SECTION = 2;
const OPENER = 3;
const CHANGED = 4;

/** That there was a checkpoint once. */
export const WAS_CHANGED: Hash = new Hasher(CHANGED).hash();

export function hashOfCheckpoint(checkpoint: Checkpoint): Hash {
  const { id, isLinked, attributes, deadline, isOpen, activeReplica, generated, lineage } = checkpoint;
  return new Hasher(CHECKPOINT)
    .position(id)
    .u32(isLinked ? 1 : 0)
    .u32(isOpen ? 1 : 0)
    .f64(attributes.retentionDuration)
    .f64(deadline)
    .u32(activeReplica)
    .u32(generated)
    .position(lineage.last)
    .hash();
}

export function hashOfSection({ checkpoint, key, born, version, size, deadline }: Section): Hash {
  return new Hasher(SECTION)
    .position(checkpoint.id)
    .text(key)
    .position(born)
    .position(version)
    .u32(size)
    .f64(deadline)
    .hash();
}

export function hashOfOpener({ checkpoint, node, connection, handle, rights }: Opener): Hash {
  const hasher = new Hasher(OPENER).position(checkpoint.id).u32(node).f64(connection);
  return hasher.u32(handle).u32(rights).hash();
}
