/** Who can form a ring together when not everybody hears everybody (totem 1.11 (R)): a maximum clique, chosen so that all who know the
 *  same choose the same. */

export interface Vertex {
  readonly node: number;
  /** Names the ring that it comes from: of two cliques of one size the one that holds more of one ring is kept. */
  readonly ring: string;
}

/** True if each of the two hears the other. Symmetric. */
export type Edge = (a: number, b: number) => boolean;

/** Steps of one search. A network that is so torn that they do not suffice gets a large clique instead of a largest one. */
const STEPS_MAX = 5000;

function mostOfOneRing(clique: readonly Vertex[]): number {
  const counts = new Map<string, number>();
  let most = 0;
  for (const vertex of clique) {
    const count = (counts.get(vertex.ring) ?? 0) + 1;
    counts.set(vertex.ring, count);
    most = Math.max(most, count);
  }
  return most;
}

/** The largest clique; of several the one with most members of one ring; of these the lowest list of nodes. `vertices` ascending by
 *  node. Empty for no vertices. */
export function maximumClique(vertices: readonly Vertex[], edge: Edge): Vertex[] {
  const hears = vertices.map((a) => vertices.map((b) => a === b || edge(a.node, b.node)));
  const pick = (indexes: readonly number[]): Vertex[] => indexes.map((i) => vertices[i] as Vertex);
  // Those that hear all are in every maximum clique: in a sound network nothing is left to search.
  const all = vertices.map((_, i) => i);
  const universal = all.filter((i) => hears[i]?.every((heard) => heard));
  const torn = all.filter((i) => !universal.includes(i));
  let best: readonly number[] = [];
  let bestOfOneRing = -1;
  let steps = 0;

  // Ascending, the next vertex first taken and then left out: the first of equals is the lowest list.
  const search = (taken: readonly number[], candidates: readonly number[]): void => {
    if (candidates.length === 0) {
      const ofOneRing = mostOfOneRing(pick([...universal, ...taken]));
      if (taken.length > best.length || (taken.length === best.length && ofOneRing > bestOfOneRing)) {
        best = taken;
        bestOfOneRing = ofOneRing;
      }
      return;
    }
    for (const [i, vertex] of candidates.entries()) {
      if (taken.length + candidates.length - i < best.length || ++steps > STEPS_MAX) return;
      const row = hears[vertex];
      search(
        [...taken, vertex],
        candidates.slice(i + 1).filter((other) => row?.[other]),
      );
    }
  };

  search([], torn);
  return pick([...universal, ...best].sort((a, b) => a - b));
}

/** Everybody in cliques, the best first, each from those that are left: the nodes of the one that holds `self`. */
export function cliqueOf(self: number, vertices: readonly Vertex[], edge: Edge): number[] {
  let left = vertices;
  for (;;) {
    const clique = maximumClique(left, edge);
    if (clique.length === 0 || clique.some((vertex) => vertex.node === self))
      return clique.map((vertex) => vertex.node);
    left = left.filter((vertex) => !clique.includes(vertex));
  }
}
