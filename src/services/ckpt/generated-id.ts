/** Ids of sections whose maker gave none: from what is replicated, so that all members make the same. */
import type { Checkpoint } from './checkpoint.js';

/** Bytes of a generated id, where the checkpoint allows as many. */
const SIZE = 4;

/** As a key; undefined: all are taken. */
export function generateId(checkpoint: Checkpoint): string | undefined {
  const size = Math.min(SIZE, checkpoint.attributes.maxSectionIdSize);
  const different = 2 ** (8 * size);
  const tries = Math.min(different, checkpoint.sections.size + 1);
  for (let i = 0; i < tries; i++) {
    checkpoint.generated = (checkpoint.generated + 1) % different;
    const bytes = Buffer.allocUnsafe(size);
    bytes.writeUIntBE(checkpoint.generated, 0, size);
    const key = bytes.toString('latin1');
    if (!checkpoint.sections.has(key)) return key;
  }
  return undefined;
}
