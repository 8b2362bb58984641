/** Membership: which ring exists (totem 1.11 to 1.15). A step function: input and time in, output out; no clock, no timers, no I/O. One
 *  file a state: boot, gather, commit, recovery, operational, leave. */
import { Boot } from './boot.js';
import type { CoreEvent, Identity, Member, RingId } from './boundary.js';
import { Committing } from './commit.js';
import {
  Context,
  type DeadlineName,
  type GatherCause,
  type Input,
  type MembershipConfig,
  type Output,
  type RingRecord,
  type State,
  type StateName,
  type Transitions,
} from './context.js';
import { Gather } from './gather.js';
import { Gathering, isUnderstood } from './gathering.js';
import { Leaving, Left } from './leave.js';
import { Operational } from './operational.js';
import { Recovery } from './recovery.js';
import { sameMember } from './sets.js';

export type { Eviction, Input, MembershipConfig, Output, StateName } from './context.js';

/** For status and logs. */
export interface MembershipView {
  readonly state: StateName;
  /** The ring that was installed last; undefined before boot. It runs in state operational alone. */
  readonly ring: RingId | undefined;
  readonly members: readonly Identity[];
  /** The ring that is being agreed upon; empty in state operational. */
  readonly candidates: readonly Member[];
}

export class Membership {
  private readonly context: Context;
  private state: State;
  private isDrained = false;
  private wasLate = false;

  /** `now`: milliseconds of a monotonic clock, fractions allowed; the same clock as in step().
   *  @throws nothing; check the timers with makeTimers. */
  constructor(config: MembershipConfig, now: number) {
    this.context = new Context(config, now, this.transitions());
    this.state = new Boot(this.context);
  }

  get view(): MembershipView {
    const { installed, gathering } = this.context;
    return {
      state: this.state.name,
      ring: installed?.id,
      members: installed?.members ?? [],
      candidates: gathering?.candidates() ?? [],
    };
  }

  /** When the next tick is due, ms; Infinity if nothing is awaited but input. */
  deadline(): number {
    return this.context.deadline();
  }

  /** Carry the outputs out in their order. `now` must not fall. */
  step(now: number, input: Input): Output[] {
    const { context } = this;
    context.now = Math.max(context.now, now);
    switch (input.type) {
      case 'boot':
        context.persistAhead();
        break;
      case 'event':
        this.event(input.event);
        break;
      case 'tick':
        this.tick();
        break;
      case 'persisted':
        context.sequence.persisted(input.ringSeq);
        break;
      case 'awaits':
        context.awaited = input.nodes;
        this.state.awaited?.();
        break;
      case 'leave':
        this.leave();
        break;
    }
    this.settle();
    return context.takeOutputs();
  }

  private event(event: CoreEvent): void {
    const { peers, now } = this.context;
    switch (event.type) {
      case 'control': {
        const peer = peers.heard(event.sender, now);
        if (peer === undefined) return;
        if (event.packet === 'mergeDetect') peers.announced(peer, event.body, now);
        if (event.packet === 'join') {
          if (!isUnderstood(event.body)) {
            peers.refuse(peer);
            return;
          }
          peers.joins(peer, event.body, now);
        }
        // What it said before is no invitation any more: or the ring without it would merge with it at once.
        if (event.packet === 'leave') peer.report = undefined;
        break;
      }
      case 'pong':
        peers.pong(event.peer, event.lagMs, now);
        break;
      case 'summary':
        this.context.summary(event);
        return;
      case 'drained':
        if (this.context.isArmed('drain')) this.isDrained = true;
        return;
      case 'stale':
        if (this.state.name !== 'leaving' && this.state.name !== 'left') {
          this.context.to.leaving({ reason: 'staleIncarnation', highest: event.highest });
        }
        return;
    }
    this.state.event(event);
  }

  private tick(): void {
    const { context } = this;
    const late = context.now - context.deadline();
    if (late > context.timers.pause && !this.wasLate) {
      // This process was stopped, or its loop blocked: what others sent meanwhile is read before it counts as silence. Once: who is always
      // late has to go on all the same.
      this.wasLate = true;
      context.postpone(late + context.timers.join);
      return;
    }
    const due = context.takeDue();
    if (due.length > 0) this.wasLate = false;
    for (const name of due) this.fire(name);
  }

  private fire(name: DeadlineName): void {
    if (name === 'drain') this.isDrained = true;
    else this.state.timer(name);
  }

  private leave(): void {
    const { context } = this;
    if (context.isArmed('drain') || this.isDrained || this.state.name === 'leaving' || this.state.name === 'left')
      return;
    if (context.installed === undefined) {
      this.isDrained = true;
      return;
    }
    context.command({ type: 'drain' });
    context.arm('drain', context.timers.drain);
  }

  /** What became possible by this step. */
  private settle(): void {
    const { context } = this;
    this.state.settled();
    context.persistAhead();
    // A recovery is finished first: it ends by itself, installed or given up.
    const { name } = this.state;
    if (!this.isDrained || name === 'recovery' || name === 'leaving' || name === 'left') return;
    context.to.leaving();
  }

  private transitions(): Transitions {
    return {
      gather: (cause) => this.gather(cause),
      commit: (commit) => this.become(new Committing(this.context, commit), 'agreed'),
      recovery: (commit) => this.become(new Recovery(this.context, commit), 'committed'),
      operational: (ring, reason, missed = []) => this.operational(ring, reason, missed),
      leaving: (eviction) => {
        const end = (): void => this.become(new Left(), eviction?.reason ?? 'left');
        this.become(new Leaving(this.context, eviction, end), eviction?.reason ?? 'asked to leave');
      },
    };
  }

  private gather(cause: GatherCause): void {
    const { context } = this;
    context.gathering ??= new Gathering(context.self, context.mustHaveInstalled());
    const { gathering } = context;
    gathering.beginRound();
    gathering.addProcesses(cause.add ?? []);
    gathering.addFailed(cause.fail ?? []);
    // Before Gather is entered: what it says first then agrees with the Join that called for it.
    if (cause.join !== undefined) context.merge(cause.join.sender, cause.join.body);
    this.become(new Gather(context), cause.reason);
  }

  private operational(ring: RingRecord, reason: string, missed: readonly CoreEvent[]): void {
    const { context } = this;
    const before = context.installed?.members ?? [];
    const gone = before.filter((member) => !ring.members.some((other) => sameMember(other, member)));
    context.peers.left(gone, context.roundBegan);
    context.installed = { ...ring, summary: undefined, unanswered: 0 };
    context.gathering = undefined;
    context.obligation = undefined;
    this.become(new Operational(context), reason);
    for (const event of missed) this.state.event(event);
  }

  private become(state: State, reason: string): void {
    const { context } = this;
    const from = this.state.name;
    this.state = state;
    context.clearTimers();
    context.emit({ type: 'state', from, to: state.name, reason, ring: context.installed?.id });
    state.enter();
  }
}
