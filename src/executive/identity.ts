/** Who this process is on the ring (totem A5): an incarnation above all earlier ones, on the disk before it is used, and random bits. */
import { randomBytes } from 'node:crypto';
import type { Identity } from '../totem/boundary.js';
import { nextIncarnation } from '../totem/persistence.js';
import type { StateFile, StoredState } from './state-file.js';

export function random64(): bigint {
  return randomBytes(8).readBigUInt64LE();
}

/** Takes the next incarnation, and writes it. `unixMs`: milliseconds since 1970. */
export async function takeIdentity(
  file: StateFile,
  stored: StoredState,
  node: number,
  unixMs: number,
): Promise<Identity> {
  const incarnation = nextIncarnation(stored.incarnation, BigInt(unixMs));
  await file.write({ ...stored, incarnation });
  return { node, incarnation, salt: random64() };
}
