/** Whom a running ring lets in (totem 1.11 (R)): a process that cannot hear one of my ring must not break it, unless it brings a larger
 *  clique. Without this a ring beside somebody whom only some of it hear would form again and again. */
import type { Identity, Member, RingId } from './boundary.js';
import { cliqueOf, type Vertex } from './clique.js';
import type { Peer, Peers, Report } from './peers.js';
import { ringKey, sameMember, sameRing } from './sets.js';
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

/** Those with whom I had better gather; empty: my ring stays as it is. Whole rings merge at once. To tear a ring for a larger clique
 *  waits until whoever is missing had the time to speak. `inviter` gathers already: damping is for whoever would start it. */
export function admitted(around: Neighbourhood, inviter?: Member): Peer[] {
  const { self, peers, now } = around;
  const mayCome = (peer: Peer): boolean => {
    const report = peers.freshReport(peer, now);
    if (report === undefined || !report.heard.has(self.node)) return false;
    if (peer.dampUntil > now && peer.identity.node !== inviter?.node) return false;
    return !report.failed.some((failed) => around.members.some((member) => sameMember(failed, member)));
  };
  const candidates = new Map(
    foreigners(around)
      .filter(mayCome)
      .map((peer) => [peer.identity.node, peer]),
  );
  if (candidates.size === 0) return [];
  const graph = new Graph(around, candidates);
  let nodes = graph.wholeRings();
  if (nodes.size === 0 && [...candidates.values()].every((peer) => isSettled(peer, around))) {
    nodes = new Set(cliqueOf(self.node, graph.vertices(), (a, b) => graph.edge(a, b)));
  }
  return [...candidates.values()].filter((peer) => nodes.has(peer.identity.node));
}

/** Whoever can be heard at all has been heard, and has told whom it hears. */
function isSettled({ heardFrom }: Peer, { timers, now }: Neighbourhood): boolean {
  return now - heardFrom >= timers.foreign;
}

/** Who hears whom, by what each told. */
class Graph {
  private readonly around: Neighbourhood;
  private readonly ringOf = new Map<number, string>();
  private readonly reports = new Map<number, Report>();

  constructor(around: Neighbourhood, candidates: ReadonlyMap<number, Peer>) {
    this.around = around;
    const { ring, members, peers, now } = around;
    for (const member of members) {
      this.ringOf.set(member.node, ringKey(ring));
      const report = peers.freshReport(peers.get(member), now);
      if (report !== undefined && sameRing(report.ring, ring)) this.reports.set(member.node, report);
    }
    for (const [node, { report }] of candidates) {
      if (report === undefined) continue;
      this.ringOf.set(node, ringKey(report.ring));
      this.reports.set(node, report);
    }
    // The rest of a running ring counts although I do not hear it: it is what a candidate would have to leave.
    for (const { report } of candidates.values()) {
      for (const node of report?.members ?? []) {
        if (report !== undefined && !this.ringOf.has(node)) this.ringOf.set(node, ringKey(report.ring));
      }
    }
  }

  /** Nodes of rings of which each hears each of mine, and of those taken before. */
  wholeRings(): Set<number> {
    const own = ringKey(this.around.ring);
    const rings = new Map<string, number[]>();
    for (const { node, ring } of this.vertices()) rings.set(ring, [...(rings.get(ring) ?? []), node]);
    const taken = rings.get(own) ?? [];
    const chosen = new Set<number>();
    for (const [ring, nodes] of rings) {
      if (ring === own || !nodes.every((a) => taken.every((b) => this.edge(a, b)))) continue;
      for (const node of nodes) chosen.add(node);
      taken.push(...nodes);
    }
    return chosen;
  }

  vertices(): Vertex[] {
    return [...this.ringOf].map(([node, ring]) => ({ node, ring })).sort((a, b) => a.node - b.node);
  }

  edge(a: number, b: number): boolean {
    // Members of one ring hear each other, or are about to find out.
    return this.ringOf.get(a) === this.ringOf.get(b) || (this.hears(a, b) && this.hears(b, a));
  }

  private hears(a: number, b: number): boolean {
    // I hear those from whom I have a report.
    return a === this.around.self.node ? this.reports.has(b) : (this.reports.get(a)?.heard.has(b) ?? false);
  }
}
