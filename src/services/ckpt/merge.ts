/**
 * What components make together that come from a partition, with what each of them had. The same on every node, for it looks at nothing
 * but the components in their order of precedence.
 *
 * 1. A checkpoint that several have. A state that another has grown out of gives way to it; whether it has is seen from the lineage: the
 *    last change of the one is found in the other's. So if one component alone changed it, that one's state is taken, and all openers
 *    stay. If several did, the one of precedence wins, and openers of the others are gone: their handles are bad from then on.
 * 2. A checkpoint that one has and another hasn't. It was deleted there, or made here. It stays if someone has it open, or if it was
 *    changed in the last configuration that both were in, or later. Else the deletion stands.
 * 3. A name. If several checkpoints have it now, the one stays that the component of precedence has; the others are deleted.
 *
 * Openers that stay are those of the members of each component; an active replica stays one if its node is among them.
 */
import type { Component } from '../../executive/service.js';
import { type Checkpoint, lastChange, type Opener } from './checkpoint.js';
import { NO_HASH } from './digest.js';
import type { CkptShadow } from './shadow.js';
import { CkptState } from './state.js';

type CkptComponent = Component<CkptShadow>;

/** A component, and the checkpoint as it has it. */
interface Holder {
  readonly component: CkptComponent;
  readonly rank: number;
  readonly checkpoint: Checkpoint;
}

/** A checkpoint as it will be. */
interface Merged {
  readonly winner: Checkpoint;
  /** Of the first component that has it. */
  readonly rank: number;
  readonly openers: readonly Opener[];
  readonly isOpen: boolean;
  readonly deadline: number;
  readonly activeReplica: number;
}

export function merge(components: readonly CkptComponent[]): CkptState {
  const holders = new Map<bigint, Holder[]>();
  for (const [rank, component] of components.entries()) {
    for (const [id, checkpoint] of component.shadow.state.checkpoints) {
      const holder = { component, rank, checkpoint };
      const others = holders.get(id);
      if (others === undefined) holders.set(id, [holder]);
      else others.push(holder);
    }
  }
  const merged = [...holders.values()].filter((each) => isKept(each, components)).map(unite);
  const state = new CkptState();
  if (components.some(({ shadow }) => shadow.state.wasChanged)) state.markChanged();
  for (const each of withOneName(merged)) insert(state, each);
  return state;
}

/** The first that no other has grown out of. */
function winnerOf(holders: readonly Holder[]): Holder {
  return holders.find((holder) => !holders.some((other) => isAncestor(holder, other)))!;
}

function isAncestor(old: Holder, grown: Holder): boolean {
  const last = lastChange(old.checkpoint);
  return last !== lastChange(grown.checkpoint) && grown.checkpoint.lineage.includes(last);
}

function isKept(holders: readonly Holder[], components: readonly CkptComponent[]): boolean {
  if (holders.length === components.length || holders.some(({ checkpoint }) => checkpoint.isOpen)) return true;
  const { component, checkpoint } = winnerOf(holders);
  return components
    .filter((other) => !holders.some((holder) => holder.component === other))
    .every((other) => isNews(checkpoint, component, other));
}

/** Changed when the other component was no longer there, or was about to leave. */
function isNews({ changedIn }: Checkpoint, { history }: CkptComponent, other: CkptComponent): boolean {
  const parted = history.findLastIndex((id) => other.history.includes(id));
  return parted < 0 || history.lastIndexOf(changedIn) >= parted;
}

function unite(holders: readonly Holder[]): Merged {
  const winner = winnerOf(holders);
  const last = lastChange(winner.checkpoint);
  const agreeing = holders.filter((holder) => lastChange(holder.checkpoint) === last || isAncestor(holder, winner));
  const active = agreeing.find(({ component, checkpoint }) => component.members.includes(checkpoint.activeReplica));
  return {
    winner: winner.checkpoint,
    rank: holders[0]!.rank,
    openers: agreeing.flatMap(({ component, checkpoint }) =>
      [...checkpoint.openers].filter(({ node }) => component.members.includes(node)),
    ),
    isOpen: agreeing.some(({ checkpoint }) => checkpoint.isOpen),
    deadline: Math.max(...agreeing.map(({ checkpoint }) => checkpoint.deadline)),
    activeReplica: active?.checkpoint.activeReplica ?? 0,
  };
}

function withOneName(merged: readonly Merged[]): Merged[] {
  const named = new Map<string, Merged>();
  for (const each of merged) {
    if (!each.winner.isLinked) continue;
    const other = named.get(each.winner.name);
    if (other === undefined || each.rank < other.rank) named.set(each.winner.name, each);
  }
  return merged.filter((each) => !each.winner.isLinked || named.get(each.winner.name) === each);
}

/** With the winner's sections; an unlinked one that nobody has open goes with the configuration change that follows. */
function insert(state: CkptState, { winner, openers, isOpen, deadline, activeReplica }: Merged): void {
  const checkpoint: Checkpoint = {
    ...winner,
    sections: new Map(),
    used: 0,
    openers: new Set(),
    isOpen: isOpen || !winner.isLinked,
    deadline: isOpen ? Number.POSITIVE_INFINITY : deadline,
    activeReplica,
  };
  state.insertCheckpoint(checkpoint);
  for (const section of winner.sections.values()) state.insertSection({ ...section, checkpoint, readers: 0 });
  for (const { node, connection, handle, rights } of openers)
    state.insertOpener({ checkpoint, node, connection, handle, rights, hash: NO_HASH });
}
