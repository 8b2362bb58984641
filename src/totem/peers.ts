/** What this process knows of others: when it heard them, what they reported, and with whom it does not want to deal for a while. */
import type { Identity, JoinBody, Member, MergeDetectBody, RingId } from './boundary.js';
import { MemberSet, sameIdentity, sameMember } from './sets.js';
import type { Timers } from './timers.js';

/** Processes that are remembered; the one that was silent longest makes room. */
export const PEERS_MAX = 512;

/** What a process said about itself last, in a Join or a merge-detect packet. */
export interface Report {
  readonly ring: RingId;
  /** Nodes of that ring while it runs; empty once its sender has left it. */
  readonly members: readonly number[];
  readonly heard: ReadonlySet<number>;
  /** With whom it will not form a ring before it has formed one without them. */
  readonly failed: readonly Member[];
  readonly at: number;
}

export interface Peer {
  readonly identity: Identity;
  heardAt: number;
  /** Since when without a gap as long as `foreign`. */
  heardFrom: number;
  report: Report | undefined;
  pongAt: number;
  lagMs: number;
  /** Kept out since it failed to receive, or speaks another version: until when, and how long it was. */
  quarantineUntil: number;
  quarantineMs: number;
  /** Its triggers are not honoured until then; how long that was. */
  dampUntil: number;
  dampMs: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

function newPeer(identity: Identity): Peer {
  return {
    identity,
    heardAt: NEVER,
    heardFrom: NEVER,
    report: undefined,
    pongAt: NEVER,
    lagMs: 0,
    quarantineUntil: NEVER,
    quarantineMs: 0,
    dampUntil: NEVER,
    dampMs: 0,
  };
}

export class Peers {
  private readonly timers: Timers;
  private readonly peers = new Map<number, Peer>();

  constructor(timers: Timers) {
    this.timers = timers;
  }

  /** The process of that node that spoke last; undefined also for another life of it. */
  get(member: Member): Peer | undefined {
    const peer = this.peers.get(member.node);
    return peer !== undefined && sameMember(peer.identity, member) ? peer : undefined;
  }

  /** An authentic packet came. Undefined: from an older life than one that is known; it is to be dropped. */
  heard(identity: Identity, now: number): Peer | undefined {
    let peer = this.peers.get(identity.node);
    if (peer !== undefined && identity.incarnation < peer.identity.incarnation) return undefined;
    if (peer === undefined || !sameIdentity(peer.identity, identity)) {
      if (peer === undefined && this.peers.size >= PEERS_MAX) this.forgetOne();
      peer = newPeer(identity);
      this.peers.set(identity.node, peer);
    }
    if (now - peer.heardAt > this.timers.foreign) peer.heardFrom = now;
    peer.heardAt = now;
    return peer;
  }

  pong(identity: Identity, lagMs: number, now: number): void {
    const peer = this.heard(identity, now);
    if (peer === undefined) return;
    peer.pongAt = now;
    peer.lagMs = lagMs;
  }

  /** Those heard since then, without those in quarantine: to be kept out is to be as if unheard, so that all come to the same cliques. */
  heardSince(since: number, now: number): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.heardAt >= since && peer.quarantineUntil <= now);
  }

  heardMembers(since: number, now: number): MemberSet {
    return new MemberSet(this.heardSince(since, now).map((peer) => peer.identity));
  }

  isQuarantined(member: Member, now: number): boolean {
    return (this.get(member)?.quarantineUntil ?? NEVER) > now;
  }

  /** Its Joins cannot be understood: as long as it lives it is kept out. */
  refuse(peer: Peer): void {
    peer.quarantineUntil = Number.POSITIVE_INFINITY;
  }

  /** It held the others back (totem 1.14). The pause doubles with each time, and starts again after as long without. */
  quarantine(identity: Identity, now: number): void {
    const peer = this.heard(identity, now);
    if (peer === undefined) return;
    const { quarantineMin, quarantineMax } = this.timers;
    const isRepeated = now < peer.quarantineUntil + quarantineMax;
    peer.quarantineMs = isRepeated ? Math.min(2 * peer.quarantineMs, quarantineMax) : quarantineMin;
    peer.quarantineUntil = now + peer.quarantineMs;
  }

  /** A merge-detect packet: its ring runs. */
  announced(peer: Peer, body: MergeDetectBody, now: number): void {
    peer.report = { ring: body.ring, members: body.members, heard: new Set(body.heard), failed: [], at: now };
  }

  /** A Join: it has left that ring. It tells whom it heard since; whom it told of before, it hears no less. */
  joins(peer: Peer, body: JoinBody, now: number): void {
    const before = this.freshReport(peer, now)?.heard ?? [];
    const heard = new Set([...before, ...body.heard.map((member) => member.node)]);
    peer.report = { ring: body.old, members: [], heard, failed: body.fail, at: now };
  }

  /** What it reported lately. */
  freshReport(peer: Peer | undefined, now: number): Report | undefined {
    const report = peer?.report;
    return report !== undefined && now - report.at < this.timers.foreign ? report : undefined;
  }

  /** Its trigger is honoured: the next one is not before long, and ever later while nothing comes of it (totem 1.14). */
  damp(peer: Peer, now: number): void {
    const { dampMin, dampMax } = this.timers;
    const isRepeated = peer.dampMs > 0 && now < peer.dampUntil + dampMax;
    peer.dampMs = isRepeated ? Math.min(2 * peer.dampMs, dampMax) : dampMin;
    peer.dampUntil = now + peer.dampMs;
  }

  /** These are in one ring with me now. */
  joined(members: readonly Member[]): void {
    for (const member of members) {
      const peer = this.get(member);
      if (peer === undefined) continue;
      peer.dampMs = 0;
      peer.dampUntil = NEVER;
    }
  }

  /** These are in my ring no more. What they said before its end is no sign that they are around. */
  left(members: readonly Member[], since: number): void {
    for (const member of members) {
      const peer = this.get(member);
      if (peer === undefined || peer.heardAt >= since) continue;
      peer.heardAt = NEVER;
      peer.report = undefined;
    }
  }

  private forgetOne(): void {
    let silent: Peer | undefined;
    for (const peer of this.peers.values()) if (silent === undefined || peer.heardAt < silent.heardAt) silent = peer;
    if (silent !== undefined) this.peers.delete(silent.identity.node);
  }
}
