/** Drives one Membership by literal events, as a core and other nodes would, and looks at what it puts out. */
import type {
  Command,
  CommitEntry,
  CommitTokenBody,
  ControlPacket,
  CoreEvent,
  Identity,
  RingId,
} from '../../src/totem/boundary.js';
import { emptyEntry } from '../../src/totem/commit-token.js';
import { type Input, Membership, type MembershipConfig, type Output } from '../../src/totem/membership.js';
import { makeTimers } from '../../src/totem/timers.js';
import { control, entry, identity, join } from './values.js';

type CommandOf<T extends Command['type']> = Command & { type: T };
type Sent<P extends ControlPacket['packet']> = Command & { type: 'control'; packet: P };

export const TIMERS = makeTimers({ nodes: 3 });

export class Driver {
  readonly self: Identity;
  readonly membership: Membership;
  now = 1000;
  /** Of the last step. */
  outputs: Output[] = [];
  /** freeze and seal commands that no summary answered yet. */
  private asked: Command[] = [];

  constructor(node: number, config: Partial<MembershipConfig> = {}) {
    this.self = config.self ?? identity(node);
    const plain = { timers: TIMERS, ringSeq: 0n, window: 50, acceleratedWindow: 20, seed: 1n };
    this.membership = new Membership({ ...plain, self: this.self, ...config }, this.now);
  }

  get state(): string {
    return this.membership.view.state;
  }

  step(input: Input): Output[] {
    this.outputs = this.membership.step(this.now, input);
    this.asked.push(...this.commands('freeze'), ...this.commands('seal'));
    return this.outputs;
  }

  event(event: CoreEvent): Output[] {
    return this.step({ type: 'event', event });
  }

  from(sender: number | Identity, packet: ControlPacket): Output[] {
    return this.event(control(typeof sender === 'number' ? identity(sender) : sender, packet));
  }

  /** Ticks at each deadline on the way. Returns all outputs. */
  advance(ms: number): Output[] {
    const until = this.now + ms;
    const outputs: Output[] = [];
    while (this.membership.deadline() <= until) {
      this.now = Math.max(this.now, this.membership.deadline());
      outputs.push(...this.step({ type: 'tick' }));
    }
    this.now = until;
    this.outputs = outputs;
    return outputs;
  }

  commands<T extends Command['type']>(type: T, outputs = this.outputs): CommandOf<T>[] {
    return outputs.flatMap((output) =>
      output.type === 'command' && output.command.type === type ? [output.command as CommandOf<T>] : [],
    );
  }

  sent<P extends ControlPacket['packet']>(packet: P, outputs = this.outputs): Sent<P>[] {
    return this.commands('control', outputs).filter((command) => command.packet === packet) as Sent<P>[];
  }

  reasons(outputs = this.outputs): string[] {
    return outputs.flatMap((output) => (output.type === 'state' ? [output.reason] : []));
  }

  /** Boots and installs the ring of this node alone. */
  boot(): this {
    for (const output of this.step({ type: 'boot' })) {
      if (output.type === 'persist') this.step({ type: 'persisted', ringSeq: output.ringSeq });
    }
    this.event({ type: 'installed', handle: 1 });
    return this;
  }

  /** Answers every freeze and seal as a core would. Returns all outputs. */
  summarize(more: { receivedFlag?: boolean; aru?: bigint; highDelivered?: bigint } = {}): Output[] {
    const outputs: Output[] = [];
    for (const command of this.asked.splice(0)) {
      if (command.type !== 'freeze' && command.type !== 'seal') continue;
      const mode = command.type === 'seal' ? 'sealed' : 'frozen';
      const summary = { aru: 10n, high: 12n, highDelivered: 10n, receivedFlag: false, ...more };
      outputs.push(...this.event({ type: 'summary', handle: command.handle, mode, ...summary }));
    }
    this.outputs = outputs;
    return outputs;
  }

  /** From any state in which Joins are heard: all of `nodes` gather and agree. Ends in Commit, or waiting for the commit token. */
  agree(nodes: number[], more: Parameters<typeof join>[1] = {}): Output[] {
    const outputs: Output[] = [];
    for (const node of nodes.filter((other) => other !== this.self.node)) {
      outputs.push(...this.from(node, { packet: 'join', body: join(nodes, more) }));
    }
    this.outputs = outputs;
    return outputs;
  }

  /** The commit token of `ring` as the node before this one sends it. */
  commitToken(
    ring: RingId,
    nodes: number[],
    rotation: number,
    change: (entry: CommitEntry) => CommitEntry = (e) => e,
  ): Output[] {
    const body = commitTokenFor(this.self.node, ring, nodes, rotation, change);
    const index = nodes.indexOf(this.self.node);
    return this.from(nodes[(index + nodes.length - 1) % nodes.length] as number, { packet: 'commitToken', body });
  }
}

/** As it arrives at `node` in that rotation: entries of those before it, or of all. */
export function commitTokenFor(
  node: number,
  ring: RingId,
  nodes: number[],
  rotation: number,
  change: (entry: CommitEntry) => CommitEntry = (e) => e,
): CommitTokenBody {
  const index = nodes.indexOf(node);
  const filled = rotation === 0 ? index : nodes.length;
  const entries = nodes.map((other, i) => (i < filled ? change(entry(other)) : emptyEntry(identity(other))));
  return { ring, tokenSeq: rotation * nodes.length + index - 1, entries };
}

/** A node that runs in a ring with others, in state Operational. */
export function operational(node: number, nodes: number[], config: Partial<MembershipConfig> = {}): Driver {
  const driver = new Driver(node, config).boot();
  for (const other of nodes.filter((n) => n !== node)) {
    const body = { ring: { representative: other, nonce: 9, seq: 100n }, members: [other], heard: nodes };
    driver.from(other, { packet: 'mergeDetect', body });
  }
  driver.summarize();
  driver.agree(nodes, { old: { representative: 9, nonce: 9, seq: 96n } });
  recoverAndInstall(driver, nodes);
  return driver;
}

/** From agreement to Operational. */
export function recoverAndInstall(driver: Driver, nodes: number[]): void {
  const own = finishCommit(driver, nodes);
  driver.event({ type: 'recovered', handle: own });
  driver.event({ type: 'installed', handle: own });
}

/** From agreement to Recovery; returns the handle of the new ring. */
export function finishCommit(driver: Driver, nodes: number[]): number {
  const { self, membership } = driver;
  const others = { old: { representative: 9, nonce: 9, seq: 96n } };
  if (nodes[0] === self.node) {
    driver.summarize();
    const [first] = driver.sent('commitToken');
    if (first === undefined) throw new Error(`no commit token from ${membership.view.state}`);
    const mine = first.body.entries[0] as CommitEntry;
    driver.commitToken(first.body.ring, nodes, 1, (e) => (e.identity.node === self.node ? mine : { ...e, ...others }));
  } else {
    const seq = (membership.view.ring?.seq ?? 0n) + 1000n;
    const ring = { representative: nodes[0] as number, nonce: 5, seq };
    driver.commitToken(ring, nodes, 0, (e) => ({ ...e, ...others }));
    const asked = driver.outputs;
    const mark = asked.find((output) => output.type === 'persist');
    driver.summarize();
    const sent = driver.outputs;
    if (mark?.type === 'persist') sent.push(...driver.step({ type: 'persisted', ringSeq: mark.ringSeq }));
    const [forwarded] = driver.sent('commitToken', sent);
    const mine = forwarded?.body.entries.find((e) => e.identity.node === self.node) as CommitEntry;
    driver.commitToken(ring, nodes, 1, (e) => (e.identity.node === self.node ? mine : { ...e, ...others }));
  }
  const [created] = driver.commands('createRing');
  if (created === undefined) throw new Error(`no recovery from ${membership.view.state}`);
  return created.handle;
}
