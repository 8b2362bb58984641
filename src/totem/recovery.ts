/** State Recovery (totem 1.13): those who come from one old ring exchange what any of them has of it, on the new ring. The core copies
 *  and counts (A2); here it is decided what is to be delivered, and that the new ring is installed. */
import type { CoreEvent, Identity, RingId } from './boundary.js';
import { agreedWindows, type Commit, identities, isOnCommit, nextNode, readArrival, tokenOf } from './commit-token.js';
import type { Context, DeadlineName, GatherCause, State } from './context.js';
import { type Attempt, resolveObligation, transitionalEntries } from './obligation.js';
import { ringKey, sameRing } from './sets.js';

/** Events that wait for an install to take effect; more than the members of a ring cannot matter. */
const MISSED_MAX = 128;

export class Recovery implements State {
  readonly name = 'recovery';
  private readonly context: Context;
  private readonly commit: Commit;
  private readonly handle: number;
  private attempt: Attempt = { deliverMembers: [], highDelivered: 0n };
  private hasStartedToken = false;
  /** The install command is on its way: it alone decides now, and what would end the recovery waits for its effect. */
  private isInstalling = false;
  private readonly missed: CoreEvent[] = [];
  private resendMs: number;

  /** `commit`: with all entries. */
  constructor(context: Context, commit: Commit) {
    this.context = context;
    this.commit = commit;
    this.handle = context.newHandle();
    this.resendMs = context.timers.commitResend;
  }

  enter(): void {
    const { context, commit, handle } = this;
    const own = commit.entries[commit.index];
    const old = context.mustHaveInstalled();
    if (own === undefined) return;
    const oldNodes = old.members.map((member) => member.node);
    const resolution = resolveObligation(own, commit.entries, oldNodes);
    if (resolution.kind === 'split') {
      const others = identities(commit).filter(({ node }) => resolution.others.includes(node));
      context.to.gather({ reason: 'members are bound by different recoveries', fail: others });
      return;
    }
    let lowAru = own.aru;
    if (resolution.kind === 'fresh') {
      context.obligation = undefined;
      this.attempt = resolution.attempt;
      lowAru = resolution.lowAru;
    } else if (context.obligation !== undefined) {
      this.attempt = context.obligation;
    }
    context.mustBeGathering().rotationCount = 2;
    const { window, acceleratedWindow } = agreedWindows(commit.entries);
    const members = identities(commit);
    context.command({ type: 'createRing', handle, ring: commit.ring, window, acceleratedWindow, members });
    context.sealInstalled();
    const { oldRings, oldRingOfMember } = this.oldRings();
    const copy = resolution.kind === 'fresh';
    context.command({ type: 'recoveryBegin', handle, old: old.handle, lowAru, copy, oldRingOfMember, oldRings });
    if (members.length === 1) this.startToken();
    else this.forward();
  }

  settled(): void {}

  event(event: CoreEvent): void {
    switch (event.type) {
      case 'recovered':
        if (event.handle === this.handle && !this.isInstalling) this.install();
        return;
      case 'installed':
        if (event.handle === this.handle) this.installed();
        return;
      case 'tokenLoss':
        // Also while installing: seen before `installed`, it came before the command, which is then refused.
        if (event.handle === this.handle) this.giveUp({ reason: 'the token was lost in recovery' });
        return;
      case 'failedToReceive':
        if (event.handle === this.handle) this.culprit(event.culprit);
        return;
      case 'unreachable':
        this.memberGone(event, event.peer, `node ${event.peer.node} is unreachable`);
        return;
      case 'control':
        this.control(event);
        return;
    }
  }

  timer(name: DeadlineName): void {
    if (name === 'resend') this.forward();
  }

  private control(event: CoreEvent & { type: 'control' }): void {
    const { context, commit } = this;
    switch (event.packet) {
      case 'commitToken': {
        // Its second return to the representative: all are in Recovery (A14).
        const arrival = readArrival(context.self, event.sender, event.body);
        if (arrival?.rotation === 2 && sameRing(event.body.ring, commit.ring)) this.startToken();
        return;
      }
      case 'join':
        // It knows this ring and gathers again. While an install is under way its next Join is soon enough.
        if (this.isInstalling || !isOnCommit(commit, event.sender) || event.body.ringSeq < commit.ring.seq) return;
        this.giveUp({
          reason: `node ${event.sender.node} gave up the ring`,
          join: { sender: event.sender, body: event.body },
        });
        return;
      case 'leave':
        this.memberGone(event, event.sender, `node ${event.sender.node} leaves`);
        return;
    }
  }

  private memberGone(event: CoreEvent, member: Identity, reason: string): void {
    if (!isOnCommit(this.commit, member)) return;
    if (!this.isInstalling) this.giveUp({ reason, fail: [member] });
    else if (this.missed.length < MISSED_MAX) this.missed.push(event);
  }

  private culprit(node: number): void {
    if (this.isInstalling) return;
    const culprit = identities(this.commit).find((member) => member.node === node);
    if (culprit === undefined) return;
    this.context.peers.quarantine(culprit, this.context.now);
    this.giveUp({ reason: `node ${node} failed to receive`, fail: [culprit] });
  }

  private giveUp(cause: GatherCause): void {
    this.context.abandon(this.handle, this.attempt);
    this.context.to.gather(cause);
  }

  private install(): void {
    const { context, commit, handle, attempt } = this;
    const own = commit.entries[commit.index];
    if (own === undefined) return;
    this.isInstalling = true;
    context.disarm('resend');
    context.command({
      type: 'install',
      handle,
      old: context.mustHaveInstalled().handle,
      highDelivered: attempt.highDelivered,
      deliverMembers: attempt.deliverMembers,
      transitional: transitionalEntries(own, commit.entries).map((entry) => entry.identity.node),
    });
  }

  private installed(): void {
    const { handle, commit } = this;
    const ring = { handle, id: commit.ring, members: identities(commit) };
    this.context.to.operational(ring, 'recovered', this.missed);
  }

  private startToken(): void {
    if (this.hasStartedToken) return;
    this.hasStartedToken = true;
    this.context.disarm('resend');
    this.context.command({ type: 'tokenStart', handle: this.handle });
  }

  /** The second rotation. Repeated until the ring shows that it went on. */
  private forward(): void {
    const { context, commit } = this;
    context.send(nextNode(commit), { packet: 'commitToken', body: tokenOf(commit, 1) });
    context.arm('resend', this.resendMs);
    this.resendMs = Math.min(2 * this.resendMs, context.timers.commitResendMax);
  }

  /** Which old ring each member's copies belong to. */
  private oldRings(): { oldRings: RingId[]; oldRingOfMember: number[] } {
    const indexes = new Map<string, number>();
    const oldRings: RingId[] = [];
    const oldRingOfMember = this.commit.entries.map(({ old }) => {
      const key = ringKey(old);
      let index = indexes.get(key);
      if (index === undefined) {
        index = oldRings.push(old) - 1;
        indexes.set(key, index);
      }
      return index;
    });
    return { oldRings, oldRingOfMember };
  }
}
