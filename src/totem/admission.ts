/** Whom a running ring lets in (totem 1.11 (R)): a process that cannot hear one of my ring must not break it, unless it brings a larger
 *  clique. Without this a ring beside somebody whom only some of it hear would form again and again. */
import type { Identity, Member, RingId } from './boundary.js';
import { cliqueOf, type Vertex } from './clique.js';
import type { Peer, Peers } from './peers.js';
import { ringKey, sameRing } from './sets.js';
import type { Timers } from './timers.js';

export interface Neighbourhood {
  readonly self: Identity;
  readonly ring: RingId;
  readonly members: readonly Member[];
  readonly peers: Peers;
  readonly timers: Timers;
  readonly now: number;
}

/** Processes outside my ring that were heard lately. */
export function foreigners({ members, peers, timers, now }: Neighbourhood): Peer[] {
  const nodes = new Set(members.map((member) => member.node));
  return peers.heardSince(now - timers.foreign, now).filter((peer) => !nodes.has(peer.identity.node));
}

/** Those with whom I had better gather: the foreign part of my clique among all whom I hear. Empty: my ring stays as it is. `inviter`
 *  gathers already: damping is for whoever would start it. */
export function admitted(around: Neighbourhood, inviter?: Member): Peer[] {
  const { self, ring, members, peers, now } = around;
  const mayCome = (peer: Peer): boolean => {
    const isDamped = peer.dampUntil > now && peer.identity.node !== inviter?.node;
    return !isDamped && (peers.freshReport(peer, now)?.heard.has(self.node) ?? false);
  };
  const reports = new Map(
    foreigners(around)
      .filter(mayCome)
      .map((peer) => [peer.identity.node, peer]),
  );
  if (reports.size === 0) return [];
  const inRing = new Map(members.map((member) => [member.node, member]));

  const hears = (a: number, b: number): boolean => {
    const member = inRing.get(a);
    const report = peers.freshReport(member === undefined ? reports.get(a) : peers.get(member), now);
    if (report === undefined || !report.heard.has(b)) return false;
    return member === undefined || sameRing(report.ring, ring);
  };
  const ringOf = (node: number): string => ringKey(inRing.has(node) ? ring : (reports.get(node)?.report?.ring ?? ring));
  const edge = (a: number, b: number): boolean => {
    // Members of one ring hear each other, or are about to find out. That I hear whom I have a report from is plain.
    if (ringOf(a) === ringOf(b)) return true;
    return (a === self.node || hears(a, b)) && (b === self.node || hears(b, a));
  };
  const nodes = [...inRing.keys(), ...reports.keys()].sort((a, b) => a - b);
  const vertices: Vertex[] = nodes.map((node) => ({ node, ring: ringOf(node) }));
  return cliqueOf(self.node, vertices, edge)
    .map((node) => reports.get(node))
    .filter((peer) => peer !== undefined);
}
