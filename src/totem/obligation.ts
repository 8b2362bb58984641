/** The obligation of a failed recovery (totem 1.13, A4): who acknowledged everything must deliver it, because another may have installed
 *  and delivered it as safe. Pure functions over the commit token's entries. */
import type { CommitEntry } from './boundary.js';
import { sameRing } from './sets.js';

/** deliver_memb and the rest of an attempt at recovery, kept if it fails. */
export interface Attempt {
  /** Nodes of the old ring whose packets are delivered behind a gap. */
  readonly deliverMembers: readonly number[];
  /** Highest seq that any of them delivered in the old regular configuration. */
  readonly highDelivered: bigint;
}

/** keep: all of the transitional set are bound by the same attempt; nothing has to be copied.
 *  fresh: nobody can have installed; everything above `lowAru` is exchanged again.
 *  split: `others` of my old ring are bound otherwise than I am; only in different rings can both keep their word. */
export type Resolution =
  | { readonly kind: 'keep' }
  | { readonly kind: 'fresh'; readonly attempt: Attempt; readonly lowAru: bigint }
  | { readonly kind: 'split'; readonly others: readonly number[] };

/** Bitmap over `members` ascending: bit i of byte i / 8. 16 bytes. */
export function toBitmap(nodes: readonly number[], members: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(16);
  members.forEach((node, i) => {
    if (nodes.includes(node)) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
  });
  return bitmap;
}

export function fromBitmap(bitmap: Uint8Array, members: readonly number[]): number[] {
  return members.filter((_, i) => (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) === 1);
}

function sameBitmap(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The entries of those who come from the same old ring as `own`: the transitional configuration (by equal ring id, never by set
 *  intersection). */
export function transitionalEntries(own: CommitEntry, entries: readonly CommitEntry[]): CommitEntry[] {
  return entries.filter((entry) => sameRing(entry.old, own.old));
}

/** An entry binds if somebody may have installed in its attempt: all of that attempt who are here acknowledged everything. */
function isBound(entry: CommitEntry, transitional: readonly CommitEntry[], oldMembers: readonly number[]): boolean {
  if (!entry.receivedFlag) return false;
  const attempted = fromBitmap(entry.deliverMembers, oldMembers);
  return transitional.every((other) => !attempted.includes(other.identity.node) || other.receivedFlag);
}

/** `oldMembers`: nodes of my old ring, ascending. Every member of the transitional set comes to the same, except that in a split each
 *  names the others. */
export function resolveObligation(
  own: CommitEntry,
  entries: readonly CommitEntry[],
  oldMembers: readonly number[],
): Resolution {
  const transitional = transitionalEntries(own, entries);
  const bound = transitional.filter((entry) => isBound(entry, transitional, oldMembers));
  if (bound.length > 0) {
    const isOfMine = (entry: CommitEntry): boolean =>
      entry.receivedFlag === own.receivedFlag && sameBitmap(entry.deliverMembers, own.deliverMembers);
    const others = transitional.filter((entry) => !isOfMine(entry));
    return others.length === 0
      ? { kind: 'keep' }
      : { kind: 'split', others: others.map((entry) => entry.identity.node) };
  }
  let lowAru = own.aru;
  let highDelivered = own.highDelivered;
  for (const { aru, highDelivered: high } of transitional) {
    if (aru < lowAru) lowAru = aru;
    if (high > highDelivered) highDelivered = high;
  }
  const deliverMembers = transitional.map((entry) => entry.identity.node);
  return { kind: 'fresh', attempt: { deliverMembers, highDelivered }, lowAru };
}
