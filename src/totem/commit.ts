/** State Commit (totem 1.12): the commit token goes round; write my entry, see it come back with all entries. No Join is sent (A14). */
import type { CoreEvent, JoinBody } from './boundary.js';
import {
  type Commit,
  isOnCommit,
  listsMembers,
  nextNode,
  readArrival,
  sameEntry,
  tokenOf,
  withEntry,
} from './commit-token.js';
import type { Context, DeadlineName, State } from './context.js';
import { toBitmap } from './obligation.js';
import { sameRing } from './sets.js';

export class Committing implements State {
  readonly name = 'commit';
  private readonly context: Context;
  private commit: Commit;
  private isFilled = false;
  private resendMs: number;

  /** `commit`: as it arrived, or as the representative made it; my entry is not written yet. */
  constructor(context: Context, commit: Commit) {
    this.context = context;
    this.commit = commit;
    this.resendMs = context.timers.commitResend;
  }

  enter(): void {
    const { context } = this;
    context.mustBeGathering().rotationCount = 0;
    // What the old ring got since Gather raises its aru: less to copy.
    context.freezeInstalled();
    context.arm('commit', context.timers.commit);
  }

  /** Nothing that names the ring leaves before its sequence is on the disk (E24, B3). */
  settled(): void {
    const { context } = this;
    if (this.isFilled || !context.hasAllSummaries() || !context.sequence.covers(this.commit.ring.seq)) return;
    this.fill();
    if (this.commit.entries.length === 1) {
      context.to.recovery(this.commit);
      return;
    }
    context.mustBeGathering().rotationCount = 1;
    this.forward();
  }

  event(event: CoreEvent): void {
    switch (event.type) {
      case 'control':
        this.control(event);
        return;
      case 'unreachable':
        if (!isOnCommit(this.commit, event.peer)) return;
        this.context.to.gather({ reason: `node ${event.peer.node} is unreachable`, fail: [event.peer] });
        return;
      case 'paused':
        if (event.withoutStepNs >= BigInt(Math.round(this.context.timers.token * 1e6))) {
          this.context.to.gather({ reason: 'this process was stopped' });
        }
        return;
    }
  }

  timer(name: DeadlineName): void {
    if (name === 'commit') this.context.to.gather({ reason: 'the commit token was lost' });
    if (name === 'resend') this.forward();
  }

  private control(event: CoreEvent & { type: 'control' }): void {
    switch (event.packet) {
      case 'commitToken':
        this.commitToken(event);
        return;
      case 'join':
        if (isOnCommit(this.commit, event.sender) && this.hasGivenUp(event.body)) {
          const { sender, body } = event;
          this.context.to.gather({ reason: `node ${sender.node} gave up the ring`, join: { sender, body } });
        }
        return;
      case 'leave':
        if (!isOnCommit(this.commit, event.sender)) return;
        this.context.to.gather({ reason: `node ${event.sender.node} leaves`, fail: [event.sender] });
        return;
    }
  }

  /** It knows this ring and gathers again, or agreed on other members since and will refuse the token. */
  private hasGivenUp(body: JoinBody): boolean {
    return body.ringSeq >= this.commit.ring.seq || this.context.mustBeGathering().hasMovedOn(body);
  }

  private commitToken(event: CoreEvent & { type: 'control'; packet: 'commitToken' }): void {
    const { context } = this;
    const arrival = readArrival(context.self, event.sender, event.body);
    if (arrival === undefined) return;
    const { ring } = event.body;
    if (sameRing(ring, this.commit.ring)) {
      if (arrival.rotation === 1 && this.isFilled && this.isAsSent(arrival.commit)) context.to.recovery(arrival.commit);
      return;
    }
    // The representative gave up the ring that I was committed to and made another of the same members.
    const isNewer = arrival.rotation === 0 && ring.seq > this.commit.ring.seq;
    if (
      isNewer &&
      listsMembers(event.body, context.mustBeGathering().candidates()) &&
      context.sequence.learn(ring.seq)
    ) {
      context.to.commit(arrival.commit);
    }
  }

  /** My entry is as I wrote it, and whoever claims to come from my old ring was in it. */
  private isAsSent(arrived: Commit): boolean {
    const mine = this.commit.entries[this.commit.index];
    const returned = arrived.entries[arrived.index];
    if (mine === undefined || returned === undefined || !sameEntry(mine, returned)) return false;
    return arrived.entries.every((entry) => !sameRing(entry.old, mine.old) || this.context.isMember(entry.identity));
  }

  private fill(): void {
    const { context } = this;
    const { id, members, summary } = context.mustHaveInstalled();
    if (summary === undefined) return;
    const { obligation } = context;
    const nodes = members.map((member) => member.node);
    this.commit = withEntry(this.commit, {
      identity: context.self,
      filled: true,
      receivedFlag: obligation !== undefined,
      old: id,
      aru: summary.aru,
      highDelivered: summary.highDelivered,
      window: context.config.window,
      acceleratedWindow: context.config.acceleratedWindow,
      deliverMembers: toBitmap(obligation?.deliverMembers ?? [], nodes),
    });
    this.isFilled = true;
  }

  private forward(): void {
    const { context } = this;
    context.send(nextNode(this.commit), { packet: 'commitToken', body: tokenOf(this.commit, 0) });
    context.arm('resend', this.resendMs);
    this.resendMs = Math.min(2 * this.resendMs, context.timers.commitResendMax);
  }
}
