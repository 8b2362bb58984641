/** What the states of membership share: this process, its rings, what it knows of others, timers and output. A state acts through it and
 *  goes to another state through `to`. */
import type { Command, ControlPacket, CoreEvent, Identity, JoinBody, Member, RingId, RingSummary } from './boundary.js';
import type { Commit } from './commit-token.js';
import type { Gathering, Merge } from './gathering.js';
import type { Attempt } from './obligation.js';
import { Peers } from './peers.js';
import { RingSequence } from './persistence.js';
import { Random } from './random.js';
import { sameMember } from './sets.js';
import type { Timers } from './timers.js';

export type StateName = 'boot' | 'operational' | 'gather' | 'commit' | 'recovery' | 'leaving' | 'left';

export interface Eviction {
  /** slowConsumer: the application took nothing for too long. staleIncarnation: others know a later life of this node. owedState: services
   *  of the others waited too long for what those of this node have to say. */
  readonly reason: 'slowConsumer' | 'staleIncarnation' | 'owedState';
  /** With staleIncarnation: the next start has to exceed it. */
  readonly highest?: bigint;
}

export type Input =
  /** Once, first. */
  | { readonly type: 'boot' }
  | { readonly type: 'event'; readonly event: CoreEvent }
  /** At deadline(), and whenever the driver likes. */
  | { readonly type: 'tick' }
  /** A `persist` is on the disk. */
  | { readonly type: 'persisted'; readonly ringSeq: bigint }
  /** The synchronisation of services goes on, and waits for what these nodes have to say; for none: it is over. */
  | { readonly type: 'awaits'; readonly nodes: readonly number[] }
  /** Finish what was submitted, tell the others, and go. */
  | { readonly type: 'leave' };

export type Output =
  | { readonly type: 'command'; readonly command: Command }
  /** Write this high-water mark, synced, then answer `persisted`. */
  | { readonly type: 'persist'; readonly ringSeq: bigint }
  | {
      readonly type: 'state';
      readonly from: StateName;
      readonly to: StateName;
      /** Why, in words, for status and log. */
      readonly reason: string;
      /** The ring that was installed last. */
      readonly ring: RingId | undefined;
    }
  /** The end after `leave`: the ring may be stopped. */
  | { readonly type: 'left' }
  /** The end without `leave`. */
  | ({ readonly type: 'selfEvict' } & Eviction);

export interface MembershipConfig {
  readonly self: Identity;
  readonly timers: Timers;
  /** The high-water mark of ring sequences on the disk; 0n on a first start. */
  readonly ringSeq: bigint;
  /** Packets a rotation that the receive buffers of this node admit, and how many of them may follow the token. */
  readonly window: number;
  readonly acceleratedWindow: number;
  /** 64 bits. */
  readonly seed: bigint;
}

/** A ring of the core, as seen from here. */
export interface RingRecord {
  readonly handle: number;
  readonly id: RingId;
  readonly members: readonly Identity[];
}

/** The ring that was installed last: running, or left and waiting to be followed by another. */
export interface InstalledRing extends RingRecord {
  summary: RingSummary | undefined;
  /** freeze and seal commands that were not answered yet. */
  unanswered: number;
}

/** A failed recovery whose ring was frozen and destroyed; its summary says whether it binds. */
interface Abandoned {
  readonly handle: number;
  readonly attempt: Attempt;
}

/** Timers by what they are for; each state has its own use of them. */
export type DeadlineName =
  | 'announce'
  | 'commit'
  | 'consensus'
  | 'drain'
  | 'join'
  | 'leave'
  | 'look'
  | 'owed'
  | 'probe'
  | 'resend';

export interface State {
  readonly name: StateName;
  enter(): void;
  event(event: CoreEvent): void;
  /** A timer that this state set is due, and no longer set. */
  timer(name: DeadlineName): void;
  /** Something that was awaited may be there: a summary, a mark on the disk. */
  settled(): void;
  /** Services wait for others than before. */
  awaited?(): void;
}

/** Why and with whom a ring is left. */
export interface GatherCause {
  readonly reason: string;
  readonly add?: readonly Member[];
  readonly fail?: readonly Member[];
  /** The Join that caused it; merged first. */
  readonly join?: { readonly sender: Identity; readonly body: JoinBody };
}

export interface Transitions {
  gather(cause: GatherCause): void;
  commit(commit: Commit): void;
  recovery(commit: Commit): void;
  operational(ring: RingRecord, reason: string, missed?: readonly CoreEvent[]): void;
  leaving(eviction?: Eviction): void;
}

export class Context {
  readonly config: MembershipConfig;
  readonly self: Identity;
  readonly timers: Timers;
  readonly random: Random;
  readonly peers: Peers;
  readonly sequence: RingSequence;
  readonly to: Transitions;
  now: number;

  installed: InstalledRing | undefined;
  /** Agreement in progress: from leaving a ring to installing the next. */
  gathering: Gathering | undefined;
  /** The attempt at recovery that binds this process (received_flg), if any does. */
  obligation: Attempt | undefined;
  /** For whom services wait; it may be told just before the event that says that the ring is installed. */
  awaited: readonly number[] = [];
  /** When this round of Gather began: words from before it do not count as heard. */
  roundBegan: number;

  private abandoned: Abandoned | undefined;
  private readonly deadlines = new Map<DeadlineName, number>();
  private outputs: Output[] = [];
  private lastHandle = 0;

  constructor(config: MembershipConfig, now: number, to: Transitions) {
    this.config = config;
    this.self = config.self;
    this.timers = config.timers;
    this.random = new Random(config.seed);
    this.peers = new Peers(config.timers);
    this.sequence = new RingSequence(config.ringSeq);
    this.to = to;
    this.now = now;
    this.roundBegan = now;
  }

  // --- output ---

  emit(output: Output): void {
    this.outputs.push(output);
  }

  command(command: Command): void {
    this.outputs.push({ type: 'command', command });
  }

  /** `node` 0: to all. */
  send(node: number, packet: ControlPacket): void {
    this.command({ type: 'control', node, ...packet });
  }

  takeOutputs(): Output[] {
    const taken = this.outputs;
    this.outputs = [];
    return taken;
  }

  /** Writes ahead, in the background. */
  persistAhead(): void {
    const mark = this.sequence.request();
    if (mark !== undefined) this.emit({ type: 'persist', ringSeq: mark });
  }

  // --- rings ---

  newHandle(): number {
    this.lastHandle += 1;
    return this.lastHandle;
  }

  /** Freezes the installed ring, or asks again what it holds: a frozen ring goes on taking packets (totem 1.13). */
  freezeInstalled(): void {
    const ring = this.mustHaveInstalled();
    ring.unanswered += 1;
    this.command({ type: 'freeze', handle: ring.handle });
  }

  sealInstalled(): void {
    const ring = this.mustHaveInstalled();
    ring.unanswered += 1;
    this.command({ type: 'seal', handle: ring.handle });
  }

  /**
   * A ring that will not be installed. Whether its recovery binds is known when its summary comes; until then no commit entry
   * is filled.
   */
  abandon(handle: number, attempt: Attempt): void {
    this.abandoned = { handle, attempt };
    this.command({ type: 'freeze', handle });
    this.command({ type: 'destroy', handle });
  }

  summary(summary: RingSummary): void {
    const ring = this.installed;
    if (ring !== undefined && summary.handle === ring.handle) {
      ring.summary = summary;
      ring.unanswered = Math.max(0, ring.unanswered - 1);
    }
    if (this.abandoned !== undefined && summary.handle === this.abandoned.handle) {
      if (summary.receivedFlag) this.obligation = this.abandoned.attempt;
      this.abandoned = undefined;
    }
  }

  /** All that a commit entry tells is known. */
  hasAllSummaries(): boolean {
    return this.installed?.summary !== undefined && this.installed.unanswered === 0 && this.abandoned === undefined;
  }

  mustHaveInstalled(): InstalledRing {
    if (this.installed === undefined) throw new Error('membership has no ring before it has booted');
    return this.installed;
  }

  mustBeGathering(): Gathering {
    if (this.gathering === undefined) throw new Error('membership agrees on nothing while a ring runs');
    return this.gathering;
  }

  /** A Join that was received. */
  merge(sender: Member, body: JoinBody): Merge {
    const merge = this.mustBeGathering().merge(sender, body, this.now);
    if (merge === 'kept' || merge === 'changed') this.sequence.learn(body.ringSeq);
    return merge;
  }

  isMember(member: Member): boolean {
    return this.installed?.members.some((other) => sameMember(other, member)) ?? false;
  }

  // --- timers ---

  /** In `delay` ms from now. */
  arm(name: DeadlineName, delay: number): void {
    this.deadlines.set(name, this.now + delay);
  }

  disarm(name: DeadlineName): void {
    this.deadlines.delete(name);
  }

  isArmed(name: DeadlineName): boolean {
    return this.deadlines.has(name);
  }

  /** Earliest timer, ms; Infinity if none is set. */
  deadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const at of this.deadlines.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  /** Timers that are due, each once, no longer set. */
  takeDue(): DeadlineName[] {
    const due = [...this.deadlines].filter(([, at]) => at <= this.now).sort((a, b) => a[1] - b[1]);
    for (const [name] of due) this.deadlines.delete(name);
    return due.map(([name]) => name);
  }

  /** Nothing that was due happens before what others sent meanwhile was read. */
  postpone(delay: number): void {
    for (const [name, at] of this.deadlines) this.deadlines.set(name, at + delay);
  }

  /** Timers of the state that is left; leaving goes on in whatever state comes. */
  clearTimers(): void {
    for (const name of this.deadlines.keys()) if (name !== 'drain') this.deadlines.delete(name);
  }
}
