/**
 * A view of the cluster, and what it changes. The nodes of a view are the same on all members. What has changed is told against the view
 * that this node had before, so after a merge each side hears that the other one joined.
 */
import type { ChangedNode, NodeRecord } from '../../ipc/clm.js';
import type { Greeting } from './greeting.js';

export interface View {
  readonly viewNumber: number;
  readonly configuration: string;
  /** Ascending by node id. */
  readonly nodes: readonly NodeRecord[];
}

/** What of a configuration the view is made from. */
export interface Change {
  readonly nodeId: number;
  readonly viewNumber: number;
  readonly configuration: string;
  /** Ascending. */
  readonly members: readonly number[];
  readonly joined: readonly number[];
  readonly greetings: ReadonlyMap<number, Greeting>;
}

/** A node keeps its initial view while it stays with the component that has precedence; others are in from this view on. */
export function makeView({ viewNumber, configuration, members, joined, greetings }: Change): View {
  const nodes = members.map((nodeId): NodeRecord => {
    const { name, address, family, bootTimestamp, initialViewNumber } = greetings.get(nodeId)!;
    const isNew = joined.includes(nodeId) || initialViewNumber === 0;
    const since = isNew ? viewNumber : initialViewNumber;
    return { nodeId, name, address, family, member: true, bootTimestamp, initialViewNumber: since };
  });
  return { viewNumber, configuration, nodes };
}

/** All nodes of the view and those that left, ascending. A node that was away in between left first, and joined then. */
export function changesOf(before: View | undefined, after: View, change: Change): ChangedNode[] {
  const old = new Map(before?.nodes.map((node) => [node.nodeId, node]));
  const changes: ChangedNode[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.nodeId);
    old.delete(node.nodeId);
    if (was === undefined) {
      changes.push({ ...node, change: 'joined' });
    } else if (wasAway(was, node, change)) {
      changes.push({ ...was, member: false, change: 'left' }, { ...node, change: 'joined' });
    } else {
      changes.push({ ...node, change: isSame(was, node) ? 'none' : 'reconfigured' });
    }
  }
  for (const was of old.values()) changes.push({ ...was, member: false, change: 'left' });
  return changes.sort((a, b) => a.nodeId - b.nodeId);
}

/**
 * Whether a node of both views did not come along with this one: it has been in other views meanwhile, or came from another component.
 * `joined` is told from where the component with precedence stands, and this node may be in it itself.
 */
function wasAway(was: NodeRecord, node: NodeRecord, { nodeId, joined, greetings }: Change): boolean {
  if (node.nodeId === nodeId) return false;
  const told = greetings.get(node.nodeId)!;
  const isAnother = told.initialViewNumber !== was.initialViewNumber || told.bootTimestamp !== was.bootTimestamp;
  return isAnother || joined.includes(node.nodeId) !== joined.includes(nodeId);
}

function isSame(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.name === b.name && a.address === b.address && a.family === b.family && a.initialViewNumber === b.initialViewNumber
  );
}
