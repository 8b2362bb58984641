/** State Operational (totem 1.11, 1.14): the ring runs. Watch for what ends it, and for processes that could be in it. */
import { admitted, foreigners, type Neighbourhood } from './admission.js';
import type { CoreEvent, Identity, JoinBody, Member, MergeDetectBody, RingId } from './boundary.js';
import type { Context, DeadlineName, GatherCause, State } from './context.js';
import { JOIN_ENTRIES_MAX } from './gathering.js';
import type { Peer } from './peers.js';
import { sameMember, sameRing } from './sets.js';
import { Watchdog } from './watchdog.js';

export class Operational implements State {
  readonly name = 'operational';
  private readonly context: Context;
  /** Whom I told that I hear them. */
  private told = new Set<number>();
  private announceMs: number;
  private lastAnnounced = Number.NEGATIVE_INFINITY;
  private readonly watchdog: Watchdog;

  constructor(context: Context) {
    this.context = context;
    this.watchdog = new Watchdog(context, () => this.announcement());
    this.announceMs = context.timers.join;
  }

  enter(): void {
    this.context.peers.joined(this.context.mustHaveInstalled().members);
    this.announce();
    this.awaited();
  }

  settled(): void {}

  event(event: CoreEvent): void {
    const { context } = this;
    const { handle, members } = context.mustHaveInstalled();
    switch (event.type) {
      case 'tokenLoss':
        if (event.handle === handle) context.to.gather({ reason: 'the token was lost' });
        return;
      case 'failedToReceive':
        if (event.handle === handle) this.failedToReceive(event.culprit);
        return;
      case 'unreachable':
        if (!context.isMember(event.peer)) return;
        context.to.gather({ reason: `node ${event.peer.node} is unreachable`, fail: [event.peer] });
        return;
      case 'paused':
        // The others have gone on without me: nothing of this ring may be sent any more (A15). A ring of one has no token to miss.
        if (members.length > 1 && event.withoutTokenNs >= BigInt(Math.round(context.timers.token * 1e6))) {
          context.to.gather({ reason: 'this process was stopped' });
        }
        return;
      case 'slow':
        if (event.handle === handle) context.to.leaving({ reason: 'slowConsumer' });
        return;
      case 'pong':
        this.watchdog.answered(event.peer, event.lagMs);
        return;
      case 'control':
        this.control(event);
        return;
    }
  }

  awaited(): void {
    this.watchdog.awaits(this.context.awaited);
  }

  timer(name: DeadlineName): void {
    if (name === 'announce') this.announce();
    else this.watchdog.timer(name);
  }

  private control(event: CoreEvent & { type: 'control' }): void {
    const { context } = this;
    const { sender } = event;
    const before = context.mustHaveInstalled().members.find((member) => member.node === sender.node);
    if (before !== undefined && before.incarnation < sender.incarnation) {
      this.restarted(before, event);
      return;
    }
    switch (event.packet) {
      case 'join':
        this.join(sender, event.body);
        return;
      case 'leave':
        if (!context.isMember(sender) || !sameRing(event.body.ring, context.mustHaveInstalled().id)) return;
        context.to.gather({ reason: `node ${sender.node} leaves`, fail: [sender] });
        return;
      case 'mergeDetect':
        this.mergeDetect(sender, event.body.ring);
        return;
      case 'commitToken':
        return;
    }
  }

  /** The life of that node which is in my ring is over, whatever the new one says (A6). */
  private restarted(before: Member, event: CoreEvent & { type: 'control' }): void {
    const { sender } = event;
    const cause: GatherCause = { reason: `node ${sender.node} has restarted`, add: [sender], fail: [before] };
    this.context.to.gather(event.packet === 'join' ? { ...cause, join: { sender, body: event.body } } : cause);
  }

  private join(sender: Identity, body: JoinBody): void {
    const { context } = this;
    if (!context.isMember(sender)) {
      this.foreignTrigger({ sender, body });
      return;
    }
    // From before this ring was formed (A6).
    if (body.ringSeq < context.mustHaveInstalled().id.seq) return;
    // With me or without me: it has frozen this ring.
    const reason = `node ${sender.node} gathers`;
    const isFailing = body.fail.some((member) => sameMember(member, context.self));
    context.to.gather(isFailing ? { reason, fail: [sender] } : { reason, join: { sender, body } });
  }

  private mergeDetect(sender: Identity, ring: RingId): void {
    const { context } = this;
    if (!context.isMember(sender)) {
      this.foreignTrigger();
      return;
    }
    if (ring.seq > context.mustHaveInstalled().id.seq) {
      context.to.gather({ reason: `node ${sender.node} is in another ring` });
      return;
    }
    // A member told whom it hears: that may have been what was missing.
    this.foreignTrigger();
  }

  /** Somebody could be let in. Each tells whom it hears, and all decide by the same rule. */
  private foreignTrigger(join?: { readonly sender: Identity; readonly body: JoinBody }): void {
    const { context } = this;
    const around = this.neighbourhood();
    const chosen = admitted(around, join?.sender);
    if (chosen.length === 0) {
      if (!this.hasToldAll(foreigners(around))) this.announceSoon();
      return;
    }
    // They decide by the same rule and need my word for it.
    if (!this.hasToldAll(chosen)) this.announce();
    for (const peer of chosen) context.peers.damp(peer, context.now);
    const isJoinChosen = join !== undefined && chosen.some((peer) => sameMember(peer.identity, join.sender));
    context.to.gather({
      reason: `merges with ${chosen.map((peer) => peer.identity.node).join(', ')}`,
      add: chosen.map((peer) => peer.identity),
      ...(isJoinChosen ? { join } : {}),
    });
  }

  private hasToldAll(peers: readonly Peer[]): boolean {
    return peers.every((peer) => this.told.has(peer.identity.node));
  }

  private failedToReceive(node: number): void {
    const { context } = this;
    const culprit = context.mustHaveInstalled().members.find((member) => member.node === node);
    if (culprit === undefined) return;
    context.peers.quarantine(culprit, context.now);
    context.to.gather({ reason: `node ${node} failed to receive`, fail: [culprit] });
  }

  private announceSoon(): void {
    const { context } = this;
    const { timers, now, random } = context;
    this.announceMs = timers.join;
    const delay = Math.max(random.upTo(timers.joinSpread), this.lastAnnounced + timers.joinGap - now);
    if (delay > 0) context.arm('announce', delay);
    else this.announce();
  }

  /** The representative tells of its ring, busy or not (A31); every member tells whom it hears when that is somebody from outside. More
   *  often at first, when others may just have come into reach. */
  private announce(): void {
    const { context } = this;
    const body = this.announcement();
    this.told = new Set(body.heard);
    this.lastAnnounced = context.now;
    const { merge, mergeJitter } = context.timers;
    context.arm('announce', this.announceMs + context.random.upTo(mergeJitter * (this.announceMs / merge)));
    this.announceMs = Math.min(2 * this.announceMs, merge);
    if (body.ring.representative !== context.self.node && body.heard.length === 0) return;
    context.send(0, { packet: 'mergeDetect', body });
  }

  private announcement(): MergeDetectBody {
    const { id, members } = this.context.mustHaveInstalled();
    const heard = foreigners(this.neighbourhood()).map((peer) => peer.identity.node);
    return {
      ring: id,
      members: members.map((member) => member.node),
      heard: heard.sort((a, b) => a - b).slice(0, JOIN_ENTRIES_MAX),
    };
  }

  private neighbourhood(): Neighbourhood {
    const { self, peers, timers, now } = this.context;
    const { id, members } = this.context.mustHaveInstalled();
    return { self, ring: id, members, peers, timers, now };
  }
}
