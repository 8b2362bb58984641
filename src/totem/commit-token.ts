/** The commit token (totem 1.12): it goes round twice among the members of the ring that is proposed. In the first rotation each writes
 *  its entry, in the second all read all entries. Its sequence counts hops, so every arrival at a member has exactly one right number. */
import type { CommitEntry, CommitTokenBody, Identity, Member, RingId } from './boundary.js';
import { sameIdentity, sameMember, sameRing } from './sets.js';

const NO_RING: RingId = { representative: 0, nonce: 0, seq: 0n };

/** A commit token in the hands of one of its members. */
export interface Commit {
  readonly ring: RingId;
  readonly entries: readonly CommitEntry[];
  /** This process in `entries`. */
  readonly index: number;
}

/** An entry that its member has not written yet. */
export function emptyEntry(identity: Identity): CommitEntry {
  return {
    identity,
    filled: false,
    receivedFlag: false,
    old: NO_RING,
    aru: 0n,
    highDelivered: 0n,
    window: 0,
    acceleratedWindow: 0,
    deliverMembers: new Uint8Array(16),
  };
}

/** `members` ascending by node, the representative (this process) first. */
export function newCommit(ring: RingId, members: readonly Identity[]): Commit {
  return { ring, entries: members.map(emptyEntry), index: 0 };
}

export function withEntry(commit: Commit, entry: CommitEntry): Commit {
  return { ...commit, entries: commit.entries.map((other, i) => (i === commit.index ? entry : other)) };
}

export function identities(commit: Commit): Identity[] {
  return commit.entries.map((entry) => entry.identity);
}

export function isOnCommit(commit: Commit, member: Member): boolean {
  return commit.entries.some((entry) => sameMember(entry.identity, member));
}

/** The list of the token is this one. Both ascending. */
export function listsMembers(body: CommitTokenBody, members: readonly Member[]): boolean {
  return (
    body.entries.length === members.length &&
    members.every((member, i) => sameMember((body.entries[i] as CommitEntry).identity, member))
  );
}

/** The node that gets it next. */
export function nextNode(commit: Commit): number {
  return (commit.entries[(commit.index + 1) % commit.entries.length] as CommitEntry).identity.node;
}

/** What a member sends in its `rotation` (from 0). */
export function tokenOf(commit: Commit, rotation: number): CommitTokenBody {
  return { ring: commit.ring, tokenSeq: rotation * commit.entries.length + commit.index, entries: commit.entries };
}

/** A token as it arrived, checked on every field. `rotation`: how often it has been here before, plus the representative's first. */
export interface Arrival {
  readonly commit: Commit;
  readonly rotation: number;
}

/** Undefined: not for this process, not from the member before it, a copy out of turn, or damaged. The list may not be mine. */
export function readArrival(self: Identity, sender: Identity, body: CommitTokenBody): Arrival | undefined {
  const { ring, tokenSeq, entries } = body;
  const size = entries.length;
  const index = entries.findIndex((entry) => sameIdentity(entry.identity, self));
  if (index < 0 || size < 2 || entries[0]?.identity.node !== ring.representative) return undefined;
  for (let i = 1; i < size; i++) {
    if ((entries[i - 1] as CommitEntry).identity.node >= (entries[i] as CommitEntry).identity.node) return undefined;
  }
  const before = entries[(index + size - 1) % size] as CommitEntry;
  if (!sameIdentity(before.identity, sender)) return undefined;
  const hop = tokenSeq + 1;
  const rotation = Math.floor(hop / size);
  if (hop % size !== index || rotation > 2 || (rotation === 2 && index !== 0)) return undefined;
  const filled = rotation === 0 ? index : size;
  const isFilledRight = entries.every((entry, i) => entry.filled === i < filled);
  const hasRings = entries.every((entry) => !entry.filled || (entry.old.seq < ring.seq && entry.window > 0));
  return isFilledRight && hasRings ? { commit: { ring, entries, index }, rotation } : undefined;
}

/** My entry came back as I wrote it. */
export function sameEntry(a: CommitEntry, b: CommitEntry): boolean {
  return (
    sameIdentity(a.identity, b.identity) &&
    sameRing(a.old, b.old) &&
    a.filled === b.filled &&
    a.receivedFlag === b.receivedFlag &&
    a.aru === b.aru &&
    a.highDelivered === b.highDelivered &&
    a.window === b.window &&
    a.acceleratedWindow === b.acceleratedWindow &&
    a.deliverMembers.every((byte, i) => byte === b.deliverMembers[i])
  );
}

/** What the ring takes from its members' offers: every buffer has to hold it. */
export function agreedWindows(entries: readonly CommitEntry[]): { window: number; acceleratedWindow: number } {
  const window = Math.min(...entries.map((entry) => entry.window));
  const acceleratedWindow = Math.min(window, ...entries.map((entry) => entry.acceleratedWindow));
  return { window, acceleratedWindow };
}
