/** State Gather (totem 1.11): agree with all who can be heard on who they are, then wait for the commit token, or make it. */
import type { CoreEvent, Identity, JoinBody, Member } from './boundary.js';
import { listsMembers, newCommit, readArrival } from './commit-token.js';
import type { Context, DeadlineName, State } from './context.js';
import { JOIN_ENTRIES_MAX, PROTOCOL_VERSION } from './gathering.js';
import { MemberSet, sameMember } from './sets.js';

/** The same sets may lead to no ring so often; then the rotation rule fails a member. One failure can be chance. */
const ATTEMPTS_MAX = 2;
/** Probes to a member that has not agreed when half of the time of agreement is over. */
const PROBES = 4;

export class Gather implements State {
  readonly name = 'gather';
  private readonly context: Context;
  /** All agree, and somebody else is to send the commit token. */
  private isWaiting = false;
  /** A Join that says that I hear all candidates has been sent. */
  private hasToldAll = false;
  private lastSpoke = Number.NEGATIVE_INFINITY;
  private patienceEnds = 0;

  constructor(context: Context) {
    this.context = context;
  }

  enter(): void {
    const { context } = this;
    context.roundBegan = context.now;
    context.freezeInstalled();
    this.failQuarantined();
    this.restart();
  }

  event(event: CoreEvent): void {
    const gathering = this.context.mustBeGathering();
    switch (event.type) {
      case 'control':
        this.control(event);
        return;
      case 'unreachable':
        this.fail(event.peer);
        return;
      case 'paused':
        // What came before the pause says nothing of who is there now.
        if (event.withoutStepNs >= BigInt(Math.round(this.context.timers.token * 1e6))) {
          this.context.to.gather({ reason: 'this process was stopped' });
        }
        return;
      case 'pong':
        if (gathering.isCandidate(event.peer)) this.evaluate();
        return;
    }
  }

  timer(name: DeadlineName): void {
    switch (name) {
      case 'join':
        this.speak();
        return;
      case 'probe':
        this.probeMissing();
        return;
      case 'consensus':
        this.consensusExpired();
        return;
      case 'commit':
        this.context.to.gather({ reason: 'no commit token came' });
        return;
    }
  }

  settled(): void {}

  private control(event: CoreEvent & { type: 'control' }): void {
    switch (event.packet) {
      case 'join':
        this.join(event.sender, event.body);
        return;
      case 'leave':
        this.fail(event.sender);
        return;
      case 'commitToken': {
        // The first rotation of a token that lists those whom I propose (totem 1.12). One of an attempt that was given up has a
        // sequence that is not new.
        const { context } = this;
        const arrival = readArrival(context.self, event.sender, event.body);
        if (arrival === undefined || arrival.rotation !== 0) return;
        if (event.body.ring.seq <= context.sequence.durable) return;
        if (!listsMembers(event.body, context.mustBeGathering().candidates())) return;
        if (!context.sequence.learn(event.body.ring.seq)) return;
        context.to.commit(arrival.commit);
        return;
      }
      case 'mergeDetect':
        // Its ring runs. It comes to mine by a Join, or is merged when mine runs.
        return;
    }
  }

  private join(sender: Identity, body: JoinBody): void {
    const merge = this.context.merge(sender, body);
    if (merge === 'changed') {
      this.failQuarantined();
      this.restart();
    } else if (merge === 'kept') {
      this.evaluate();
    }
  }

  private fail(member: Member): void {
    const gathering = this.context.mustBeGathering();
    if (gathering.isCandidate(member) && gathering.addFailed([member])) this.restart();
  }

  private failQuarantined(): void {
    const { context } = this;
    const gathering = context.mustBeGathering();
    gathering.addFailed(gathering.candidates().filter((q) => context.peers.isQuarantined(q, context.now)));
  }

  /** The sets changed: everybody has to hear it, and everything counts from here. */
  private restart(): void {
    const { context } = this;
    const { timers } = context;
    this.isWaiting = false;
    this.hasToldAll = false;
    this.patienceEnds = context.now + timers.patience;
    context.disarm('commit');
    this.armConsensus();
    this.speakSoon();
    this.evaluate();
  }

  private armConsensus(): void {
    this.context.arm('consensus', this.context.timers.consensus);
    this.context.arm('probe', this.context.timers.consensus / 2);
  }

  private speakSoon(): void {
    const { timers, random, now } = this.context;
    const delay = Math.max(random.upTo(timers.joinSpread), this.lastSpoke + timers.joinGap - now);
    if (delay > 0) this.context.arm('join', delay);
    else this.speak();
  }

  private speak(): void {
    const { context } = this;
    const gathering = context.mustBeGathering();
    const heard = this.heard();
    this.lastSpoke = context.now;
    this.hasToldAll = this.hearsAll(heard);
    context.arm('join', context.timers.join + context.random.upTo(context.timers.joinJitter));
    context.send(0, {
      packet: 'join',
      body: {
        ringSeq: context.sequence.durable,
        old: context.mustHaveInstalled().id,
        rotationCount: gathering.rotationCount,
        flags: 0,
        versionMin: PROTOCOL_VERSION,
        versionMax: PROTOCOL_VERSION,
        proc: gathering.proc.list(),
        fail: gathering.fail.list(),
        heard: heard.list().slice(0, JOIN_ENTRIES_MAX),
      },
    });
  }

  /** Whom I heard in this round, and not too long ago. */
  private heard(): MemberSet {
    const { context } = this;
    const since = Math.max(context.roundBegan, context.now - context.timers.consensus);
    return context.peers.heardMembers(since, context.now);
  }

  private hearsAll(heard: MemberSet): boolean {
    const { context } = this;
    return context
      .mustBeGathering()
      .candidates()
      .every((q) => sameMember(q, context.self) || heard.has(q));
  }

  /** Consensus: all have my sets, and each hears each other by its own word. */
  private evaluate(): void {
    if (this.isWaiting) return;
    const heard = this.heard();
    // Others wait for this word as I wait for theirs: a period earlier by telling it at once.
    if (!this.hasToldAll && this.hearsAll(heard)) {
      this.hasToldAll = true;
      this.speakSoon();
    }
    const gathering = this.context.mustBeGathering();
    if (gathering.missing().length === 0 && gathering.isClique(heard)) this.agreed(gathering.candidates());
  }

  private agreed(members: readonly Member[]): void {
    const { context } = this;
    const gathering = context.mustBeGathering();
    if (members.length > 1 && gathering.attempts >= ATTEMPTS_MAX) {
      this.failByRotation(members);
      return;
    }
    gathering.attempts += 1;
    gathering.rotationCount = 0;
    if (!sameMember(members[0] as Member, context.self)) {
      this.isWaiting = true;
      context.disarm('consensus');
      context.disarm('probe');
      context.arm('commit', context.timers.commit);
      return;
    }
    const identities = members.map((q) =>
      sameMember(q, context.self) ? context.self : context.peers.get(q)?.identity,
    );
    if (!identities.every((identity) => identity !== undefined)) return;
    const { node } = context.self;
    const ring = { representative: node, nonce: context.random.u32(), seq: context.sequence.next() };
    context.to.commit(newCommit(ring, identities));
  }

  private failByRotation(members: readonly Member[]): void {
    const { context } = this;
    const gathering = context.mustBeGathering();
    const lowest = gathering.lowestRotation();
    // If it is me, I go alone.
    gathering.addFailed(sameMember(lowest, context.self) ? members : [lowest]);
    this.restart();
  }

  private probeMissing(): void {
    const { context } = this;
    const intervalNs = BigInt(Math.round((context.timers.consensus / 10) * 1e6));
    for (const { node, incarnation } of context.mustBeGathering().missing()) {
      if (context.peers.get({ node, incarnation }) === undefined) continue;
      context.command({ type: 'probe', node, count: PROBES, intervalNs });
    }
  }

  private consensusExpired(): void {
    const gathering = this.context.mustBeGathering();
    const missing = gathering.missing().filter((q) => !this.isExcused(q));
    const gone = missing.filter((q) => !gathering.isHeardByOthers(q));
    if (gone.length > 0) {
      gathering.addFailed(gone);
      this.restart();
    } else if (missing.length > 0 || gathering.missing().length === 0) {
      this.failOutsideClique();
    } else {
      this.armConsensus();
    }
  }

  /** Its ring thread answers and its JavaScript is not far behind: it is busy, not gone (A28). One that sends Joins and still does not
   *  agree never will. */
  private isExcused(q: Member): boolean {
    const { context } = this;
    const since = context.now - context.timers.consensus;
    const peer = context.peers.get(q);
    if (peer === undefined || context.now >= this.patienceEnds) return false;
    if (context.peers.isQuarantined(q, context.now)) return false;
    // It has told of a ring that runs: it had the choice.
    const { report } = peer;
    if (report !== undefined && report.members.length > 0 && report.at >= context.roundBegan) return false;
    const isSilent = context.mustBeGathering().lastJoinAt(q) < since;
    return isSilent && peer.pongAt >= since && peer.lagMs <= context.timers.lagMax;
  }

  /** All whom I hear agree, but some do not hear each other, and had the time to. */
  private failOutsideClique(): void {
    const gathering = this.context.mustBeGathering();
    const chosen = new MemberSet(gathering.clique(this.heard()));
    const isChanged = gathering.addFailed(gathering.candidates().filter((q) => !chosen.has(q)));
    if (isChanged) this.restart();
    else this.armConsensus();
  }
}
