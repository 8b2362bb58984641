import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cliqueOf, type Edge, maximumClique, type Vertex } from '../../src/totem/clique.js';

const vertices = (nodes: number[], ring: (node: number) => string = () => 'r'): Vertex[] =>
  nodes.map((node) => ({ node, ring: ring(node) }));

function edges(...pairs: [number, number][]): Edge {
  const keys = new Set(pairs.flatMap(([a, b]) => [`${a}-${b}`, `${b}-${a}`]));
  return (a, b) => keys.has(`${a}-${b}`);
}

const nodesOf = (clique: Vertex[]): number[] => clique.map((vertex) => vertex.node);

describe('the maximum clique', () => {
  test('is everybody where all hear all, also with many', () => {
    const many = vertices(Array.from({ length: 128 }, (_, i) => i + 1));
    expect(maximumClique(many, () => true)).toHaveLength(128);
  });

  test('is the larger of two', () => {
    const edge = edges([1, 2], [2, 3], [3, 4], [2, 4]);
    expect(nodesOf(maximumClique(vertices([1, 2, 3, 4]), edge))).toEqual([2, 3, 4]);
  });

  test('of one size is the one with most members of one ring', () => {
    const ring = (node: number): string => (node === 1 ? 'a' : 'b');
    expect(nodesOf(maximumClique(vertices([1, 2, 3], ring), edges([1, 2], [2, 3])))).toEqual([2, 3]);
  });

  test('is otherwise the one with the lowest nodes', () => {
    expect(nodesOf(maximumClique(vertices([1, 2, 3]), edges([1, 2], [2, 3])))).toEqual([1, 2]);
  });

  test('of nobody is empty', () => {
    expect(maximumClique([], () => true)).toEqual([]);
  });

  test('is a clique, and no vertex can be added, in any network', () => {
    const network = fc.record({
      count: fc.integer({ min: 1, max: 14 }),
      bits: fc.bigInt({ min: 0n, max: (1n << 91n) - 1n }),
    });
    fc.assert(
      fc.property(network, ({ count, bits }) => {
        const nodes = Array.from({ length: count }, (_, i) => i + 1);
        const edge: Edge = (a, b) => {
          const [low, high] = a < b ? [a - 1, b - 1] : [b - 1, a - 1];
          return ((bits >> BigInt((high * (high - 1)) / 2 + low)) & 1n) === 1n;
        };
        const clique = nodesOf(maximumClique(vertices(nodes), edge));
        for (const a of clique) for (const b of clique) expect(a === b || edge(a, b)).toBe(true);
        expect(clique).toHaveLength(largestSize(nodes, edge));
      }),
      { numRuns: 200 },
    );
  });

  test('is found in bounded time where searching all would not end', () => {
    // Everybody hears all but one other: 2^40 maximum cliques.
    const many = vertices(Array.from({ length: 80 }, (_, i) => i));
    const clique = maximumClique(many, (a, b) => a >> 1 !== b >> 1);
    expect(clique).toHaveLength(40);
  });
});

/** By looking at every set. */
function largestSize(nodes: number[], edge: Edge): number {
  let largest = 0;
  for (let set = 0; set < 1 << nodes.length; set++) {
    const chosen = nodes.filter((_, i) => (set >> i) & 1);
    if (chosen.length > largest && chosen.every((a) => chosen.every((b) => a === b || edge(a, b)))) {
      largest = chosen.length;
    }
  }
  return largest;
}

describe('the clique of a node', () => {
  test('parts everybody: who is not in the best is in the best of the rest', () => {
    const edge = edges([1, 2], [2, 3], [3, 4], [2, 4], [4, 5]);
    expect(cliqueOf(3, vertices([1, 2, 3, 4, 5]), edge)).toEqual([2, 3, 4]);
    expect(cliqueOf(1, vertices([1, 2, 3, 4, 5]), edge)).toEqual([1]);
    expect(cliqueOf(5, vertices([1, 2, 3, 4, 5]), edge)).toEqual([5]);
  });

  test('of a node that nobody hears is itself', () => {
    expect(cliqueOf(9, vertices([1, 2, 9]), edges([1, 2]))).toEqual([9]);
  });

  test('of an unknown node is empty', () => {
    expect(cliqueOf(7, vertices([1]), () => true)).toEqual([]);
  });
});
