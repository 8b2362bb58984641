/**
 * Watches those for whom the synchronisation of services waits (totem 6.3): it never waits for ever. A member whose JavaScript hangs stays
 * in the ring, because its ring thread goes on; but that thread tells how far behind its loop is. A loop that runs finds out by itself.
 */
import type { Identity, MergeDetectBody } from './boundary.js';
import type { Context, DeadlineName } from './context.js';
import { sameMember } from './sets.js';

export class Watchdog {
  private readonly context: Context;
  private readonly announcement: () => MergeDetectBody;
  private watched: readonly Identity[] = [];
  /** What each of the watched said last. */
  private readonly lags = new Map<number, number>();

  /** `announcement`: what this node has to say of its ring. */
  constructor(context: Context, announcement: () => MergeDetectBody) {
    this.context = context;
    this.announcement = announcement;
  }

  /** Told again whenever something of it came: that is progress. The next in the ring is watched, too: so every member is by somebody, and
   *  none holds back, with the whole ring, what others have to send. */
  awaits(nodes: readonly number[]): void {
    const { context } = this;
    const { self, timers } = context;
    const { members } = context.mustHaveInstalled();
    const next = members[(members.findIndex(({ node }) => node === self.node) + 1) % members.length];
    const isWatched = (member: Identity) => nodes.includes(member.node) || (member === next && nodes.length > 0);
    this.watched = members.filter((member) => member.node !== self.node && isWatched(member));
    if (nodes.includes(self.node)) context.arm('owed', timers.owed);
    else context.disarm('owed');
    if (this.watched.length === 0) context.disarm('look');
    else if (!context.isArmed('look')) context.arm('look', timers.look);
  }

  timer(name: DeadlineName): void {
    if (name === 'look') this.look();
    if (name === 'owed') this.context.to.leaving({ reason: 'owedState' });
  }

  /** The answer to a probe. Two in a row, the second with more: who has just woken up tells of it once, and who is slow gets on. */
  answered(peer: Identity, lagMs: number): void {
    const { context } = this;
    if (!this.watched.some((member) => sameMember(member, peer))) return;
    const before = this.lags.get(peer.node) ?? 0;
    this.lags.set(peer.node, lagMs);
    if (before <= context.timers.hang || lagMs <= before) return;
    context.peers.quarantine(peer, context.now);
    context.to.gather({ reason: `node ${peer.node} hangs while services wait`, fail: [peer] });
  }

  private look(): void {
    const { context } = this;
    for (const { node } of this.watched) {
      // How long its loop has left something unread is what is measured: there has to be something.
      context.send(node, { packet: 'mergeDetect', body: this.announcement() });
      context.command({ type: 'probe', node, count: 1, intervalNs: 0n });
    }
    context.arm('look', context.timers.look);
  }
}
