/**
 * Ids of events, and of channels that were unlinked. The executive that is asked gives them, so that a message has one id even if parts of
 * a configuration that breaks deliver it at different places. 64 bits cannot hold a node id and all that a node ever publishes; an id is
 * 44 bits of counter and 20 of mark:
 *
 * - The counter of an executive only grows, and runs at least with the time of the cluster.
 * - Executives of one configuration have different marks: they tell them in their greetings, and of two that are equal the higher node
 *   takes another. So what is published by executives that know each other has different ids.
 * - Executives that don't (parts of a partition, lives of a node before and after all of a cluster was down) may have equal marks, one
 *   pair in a million: a mark is a hash of the configuration in which an executive was first, whose id is never used twice. Even those
 *   give equal ids only if they publish at the same millisecond of the times of their clusters.
 */
import { createHash } from 'node:crypto';

const MARK_BITS = 20;
const MARK_SHIFT = BigInt(MARK_BITS);

/** Of the members of a configuration, each its own: the same on all nodes. `told`: by the greetings of those that have one. */
export function assignMarks(
  configuration: string,
  members: readonly number[],
  told: ReadonlyMap<number, number>,
): Map<number, number> {
  const marks = new Map<number, number>();
  const taken = new Set<number>();
  const give = (node: number, mark: number) => {
    marks.set(node, mark);
    taken.add(mark);
  };
  for (const node of members) {
    const mark = told.get(node);
    if (mark !== undefined && !taken.has(mark)) give(node, mark);
  }
  for (const node of members) {
    if (marks.has(node)) continue;
    let attempt = 0;
    while (taken.has(markOf(configuration, node, attempt))) attempt++;
    give(node, markOf(configuration, node, attempt));
  }
  return marks;
}

function markOf(configuration: string, node: number, attempt: number): number {
  const hash = createHash('sha256').update(`${configuration} ${node} ${attempt}`).digest();
  return hash.readUInt32LE() >>> (32 - MARK_BITS);
}

export class EventIds {
  /** Undefined before the first configuration. */
  mark: number | undefined;
  /** Below 2^44: for 500 years, or 16 of 30,000 events a second. */
  #counter = 0;

  /** The time of the cluster, in ms. */
  advance(time: number): void {
    this.#counter = Math.max(this.#counter, Math.floor(time));
  }

  next(): bigint {
    this.#counter += 1;
    return (BigInt(this.#counter) << MARK_SHIFT) | BigInt(this.mark ?? 0);
  }
}
