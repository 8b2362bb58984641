/** What agreement on a membership is about: the proc and fail sets, and the Joins that were received (totem 1.11). It lives from the
 *  moment a ring is left to the moment the next one is installed; nothing is forgotten in between (A4). No time, no output here. */
import type { JoinBody, Member, RingId } from './boundary.js';
import { cliqueOf } from './clique.js';
import { RING_SEQ_MAX } from './persistence.js';
import { MemberSet, memberKey, ringKey, sameMember } from './sets.js';

/** Entries of each list of a Join, and members of a ring: bounds of the core (native/core/limits.hpp). */
export const JOIN_ENTRIES_MAX = 256;
export const MEMBERS_MAX = 128;

/** What this version speaks; a Join tells it so that later ones can stay compatible. */
export const PROTOCOL_VERSION = 1;

export function isUnderstood(body: JoinBody): boolean {
  return body.versionMin <= PROTOCOL_VERSION && PROTOCOL_VERSION <= body.versionMax;
}

/** stale: from before my ring, or older than one that I have. malformed: breaks an invariant of joins. ignored: its sender failed.
 *  kept: my sets have all of it. changed: my sets grew. */
export type Merge = 'stale' | 'malformed' | 'ignored' | 'kept' | 'changed';

interface ReceivedJoin {
  readonly body: JoinBody;
  readonly heard: MemberSet;
  /** The sets as one text: equal sets, equal text. */
  readonly sets: string;
  readonly at: number;
}

/** The ring that was left. */
export interface LeftRing {
  readonly id: RingId;
  readonly members: readonly Member[];
}

function setsKey(proc: MemberSet, fail: MemberSet): string {
  return `${proc.key()}|${fail.key()}`;
}

export class Gathering {
  readonly proc: MemberSet;
  readonly fail = new MemberSet();
  /** Times that these very sets were agreed upon without a ring to follow. */
  attempts = 0;
  /** Commit tokens that I forwarded in the attempt before (the thesis' rotation rule). */
  rotationCount = 0;

  private readonly self: Member;
  private readonly left: LeftRing;
  private readonly leftMembers: MemberSet;
  private readonly joins = new Map<string, ReceivedJoin>();
  private sets: string;

  constructor(self: Member, left: LeftRing) {
    this.self = self;
    this.left = left;
    this.leftMembers = new MemberSet(left.members);
    // Only here are processes left out that are known by hearsay: the sets start from those who shared my ring (A4).
    this.proc = new MemberSet(left.members);
    this.sets = setsKey(this.proc, this.fail);
  }

  /** proc without fail, ascending: the ring that is proposed. */
  candidates(): Member[] {
    return this.proc.minus(this.fail).list();
  }

  isCandidate(member: Member): boolean {
    return this.proc.has(member) && !this.fail.has(member);
  }

  /** True if the sets changed. */
  addProcesses(members: Iterable<Member>): boolean {
    return this.grow(() => this.proc.addAll(members));
  }

  /** True if the sets changed. Never fails this process. */
  addFailed(members: Iterable<Member>): boolean {
    const others = [...members].filter((member) => !sameMember(member, this.self));
    return this.grow(() => {
      // fail is a subset of proc.
      const isProcNew = this.proc.addAll(others);
      return this.fail.addAll(others) || isProcNew;
    });
  }

  /** A Join, by the rules of totem 1.11, State Gather. */
  merge(sender: Member, body: JoinBody, now: number): Merge {
    const verdict = this.judge(sender, body);
    if (verdict !== undefined) return verdict;
    const proc = new MemberSet(body.proc);
    const fail = new MemberSet(body.fail);
    this.joins.set(memberKey(sender), { body, heard: new MemberSet(body.heard), sets: setsKey(proc, fail), at: now });
    if (proc.isSubsetOf(this.proc) && fail.isSubsetOf(this.fail)) return 'kept';
    const isChanged = this.grow(() => {
      const isProcNew = this.proc.addAll(proc);
      return this.fail.addAll(this.failedBy(sender, fail)) || isProcNew;
    });
    return isChanged ? 'changed' : 'kept';
  }

  /** q's sets were equal to mine when it spoke last. */
  agrees(q: Member): boolean {
    if (sameMember(q, this.self)) return true;
    return this.joins.get(memberKey(q))?.sets === this.sets;
  }

  /** Candidates whose sets are not known to be mine. */
  missing(): Member[] {
    return this.candidates().filter((q) => !this.agrees(q));
  }

  /** Not heard here, but by another candidate: then it is not gone, it is out of reach from here. */
  isHeardByOthers(q: Member): boolean {
    return !this.joins.has(memberKey(q)) && this.candidates().some((other) => this.claimsToHear(other, q));
  }

  /** When q's last Join came; -Infinity if none did since this round began. */
  lastJoinAt(q: Member): number {
    return this.joins.get(memberKey(q))?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** The sender agreed on a ring with me and has since come to other members: it will not take part in that ring. */
  hasMovedOn(body: JoinBody): boolean {
    const proc = new MemberSet(body.proc);
    const fail = new MemberSet(body.fail);
    if (!this.proc.isSubsetOf(proc) || !this.fail.isSubsetOf(fail)) return false;
    return !proc.minus(fail).equals(this.proc.minus(this.fail));
  }

  /** Each candidate hears each other, by its own last word. `heard`: whom I hear. */
  isClique(heard: MemberSet): boolean {
    const candidates = this.candidates();
    return candidates.every((a) => candidates.every((b) => sameMember(a, b) || this.hears(a, b, heard)));
  }

  /** The candidates that are to form a ring with me although some of all do not hear each other. */
  clique(heard: MemberSet): Member[] {
    const candidates = this.candidates();
    const byNode = new Map(candidates.map((member) => [member.node, member]));
    const edge = (a: number, b: number): boolean => {
      const first = byNode.get(a) as Member;
      const second = byNode.get(b) as Member;
      return this.hears(first, second, heard) && this.hears(second, first, heard);
    };
    const vertices = candidates.map((q) => ({ node: q.node, ring: this.oldRingOf(q) }));
    const chosen = new Set(cliqueOf(this.self.node, vertices, edge));
    return candidates.filter((member) => chosen.has(member.node));
  }

  /** The candidate that forwarded the commit token least often in the last attempt, the first in ring order of several: it, or its link
   *  to the next, is what failed (the thesis' rule; without it a dead unicast link would be tried for ever). */
  lowestRotation(): Member {
    let lowest = this.self;
    let count = Number.POSITIVE_INFINITY;
    for (const q of this.candidates()) {
      const own = sameMember(q, this.self);
      const forwarded = own ? this.rotationCount : (this.joins.get(memberKey(q))?.body.rotationCount ?? 0);
      if (forwarded >= count) continue;
      lowest = q;
      count = forwarded;
    }
    return lowest;
  }

  /** A ring was tried and did not come: agreement needs everybody's word again. */
  beginRound(): void {
    this.joins.clear();
  }

  private hears(a: Member, b: Member, heard: MemberSet): boolean {
    if (sameMember(a, this.self)) return heard.has(b);
    return this.joins.get(memberKey(a))?.heard.has(b) ?? this.claimsToHear(b, a);
  }

  /** What is known of somebody who is not heard here: whoever hears it is taken to be heard by it. */
  private claimsToHear(b: Member, a: Member): boolean {
    return this.joins.get(memberKey(b))?.heard.has(a) ?? false;
  }

  private oldRingOf(q: Member): string {
    const old = this.joins.get(memberKey(q))?.body.old;
    if (old !== undefined) return ringKey(old);
    return this.leftMembers.has(q) ? ringKey(this.left.id) : memberKey(q);
  }

  /** Why a Join is not merged, if it is not. */
  private judge(sender: Member, body: JoinBody): Merge | undefined {
    // It was sent before the ring that we both were in (A6).
    if (this.leftMembers.has(sender) && body.ringSeq < this.left.id.seq) return 'stale';
    const before = this.joins.get(memberKey(sender))?.body;
    if (before !== undefined && isOlder(body, before)) return 'stale';
    const proc = new MemberSet(body.proc);
    const fail = new MemberSet(body.fail);
    const isSound = proc.has(sender) && !fail.has(sender) && fail.isSubsetOf(proc) && body.ringSeq <= RING_SEQ_MAX;
    if (!isSound) return 'malformed';
    if (this.fail.has(sender)) return 'ignored';
    proc.addAll(this.proc);
    if (proc.size > JOIN_ENTRIES_MAX || proc.minus(this.fail).minus(fail).size > MEMBERS_MAX) return 'ignored';
    return undefined;
  }

  /** Whom a Join makes me fail. */
  private failedBy(sender: Member, fail: MemberSet): Iterable<Member> {
    if (fail.has(this.self)) return [sender];
    // An outsider cannot break my ring (the thesis' exception).
    return this.leftMembers.has(sender) ? fail : fail.minus(this.leftMembers);
  }

  private grow(change: () => boolean): boolean {
    const isChanged = change();
    const isSettled = this.failOldLives();
    if (!isChanged && !isSettled) return false;
    this.sets = setsKey(this.proc, this.fail);
    this.attempts = 0;
    this.rotationCount = 0;
    return true;
  }

  /** Of a node that restarted only the last life can be a member. A pure function of proc, so that all come to the same. */
  private failOldLives(): boolean {
    let isChanged = false;
    let before: Member | undefined;
    for (const member of this.proc.list()) {
      if (before?.node === member.node && !sameMember(before, this.self) && this.fail.add(before)) isChanged = true;
      before = member;
    }
    return isChanged;
  }
}

/** Both of one process: its sequence never falls, and its sets only grow until it installs a ring, which raises the sequence. */
function isOlder(body: JoinBody, before: JoinBody): boolean {
  if (body.ringSeq !== before.ringSeq) return body.ringSeq < before.ringSeq;
  return body.proc.length + body.fail.length < before.proc.length + before.fail.length;
}
