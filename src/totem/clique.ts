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
const STEPS_MAX = 20_000;

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
  // Those that hear all are in every maximum clique: in a sound network nothing is left to search.
  const universal = vertices.filter((a) => vertices.every((b) => a === b || edge(a.node, b.node)));
  const torn = vertices.filter((vertex) => !universal.includes(vertex));
  let best: Vertex[] = [];
  let bestOfOneRing = -1;
  let steps = 0;

  // Ascending, the next vertex first taken and then left out: the first of equals is the lowest list.
  const search = (taken: readonly Vertex[], candidates: readonly Vertex[]): void => {
    if (candidates.length === 0) {
      const ofOneRing = mostOfOneRing([...universal, ...taken]);
      if (taken.length > best.length || (taken.length === best.length && ofOneRing > bestOfOneRing)) {
        best = [...taken];
        bestOfOneRing = ofOneRing;
      }
      return;
    }
    for (let i = 0; i < candidates.length; i++) {
      if (taken.length + candidates.length - i < best.length || ++steps > STEPS_MAX) return;
      const vertex = candidates[i] as Vertex;
      const rest = candidates.slice(i + 1).filter((other) => edge(vertex.node, other.node));
      search([...taken, vertex], rest);
    }
  };

  search([], torn);
  return [...universal, ...best].sort((a, b) => a.node - b.node);
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
