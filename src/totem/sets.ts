/** Sets of processes, as joins carry them: a restarted node is another member (totem A6). */
import type { Identity, Member, RingId } from './boundary.js';

export function sameRing(a: RingId, b: RingId): boolean {
  return a.representative === b.representative && a.nonce === b.nonce && a.seq === b.seq;
}

/** For maps. */
export function ringKey(ring: RingId): string {
  return `${ring.representative}:${ring.nonce}:${ring.seq}`;
}

export function sameMember(a: Member, b: Member): boolean {
  return a.node === b.node && a.incarnation === b.incarnation;
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return sameMember(a, b) && a.salt === b.salt;
}

function compareMembers(a: Member, b: Member): number {
  if (a.node !== b.node) return a.node - b.node;
  return a.incarnation < b.incarnation ? -1 : a.incarnation > b.incarnation ? 1 : 0;
}

/** For maps. */
export function memberKey(member: Member): string {
  return `${member.node}:${member.incarnation}`;
}

export class MemberSet {
  private readonly members = new Map<string, Member>();
  private text: string | undefined;

  constructor(members: Iterable<Member> = []) {
    this.addAll(members);
  }

  get size(): number {
    return this.members.size;
  }

  has(member: Member): boolean {
    return this.members.has(memberKey(member));
  }

  /** True if it was not there. */
  add(member: Member): boolean {
    const key = memberKey(member);
    if (this.members.has(key)) return false;
    this.members.set(key, { node: member.node, incarnation: member.incarnation });
    this.text = undefined;
    return true;
  }

  /** True if any was not there. */
  addAll(members: Iterable<Member>): boolean {
    let isChanged = false;
    for (const member of members) if (this.add(member)) isChanged = true;
    return isChanged;
  }

  isSubsetOf(other: MemberSet): boolean {
    for (const key of this.members.keys()) if (!other.members.has(key)) return false;
    return true;
  }

  equals(other: MemberSet): boolean {
    return this.size === other.size && this.key() === other.key();
  }

  minus(other: MemberSet): MemberSet {
    return new MemberSet([...this.members.values()].filter((member) => !other.has(member)));
  }

  /** Ascending by node, then incarnation: the one form of a set on the wire. */
  list(): Member[] {
    return [...this.members.values()].sort(compareMembers);
  }

  /** Equal for equal sets. */
  key(): string {
    this.text ??= this.list().map(memberKey).join(' ');
    return this.text;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.members.values();
  }
}
