/**
 * What components make together that come from a partition, with what each of them had. The same on every node, for it looks at nothing
 * but the components in their order of precedence.
 *
 * 1. A checkpoint that several have. A state that another has grown out of gives way to it: the last change of the one is found in the
 *    lineage of the other. So does one that was not changed after the last configuration that both were in to one that was. So if one
 *    component alone changed it, that one's state is taken. If several did, the one of precedence wins. Openers of a component stay if
 *    the state that is taken is the component's own or grew out of it; else something of theirs is lost, and their handles are bad.
 * 2. A checkpoint that one has and another hasn't. It was deleted there, or made here. It stays if someone has it open, or if it was
 *    changed in the last configuration that both were in, or later. Else the deletion stands.
 * 3. A name. If several checkpoints have it now, those that were not changed after the last configuration that both components were in give
 *    way to one that was; of what is left the one stays that the component of precedence has. The others are deleted. A message that is
 *    the last of a configuration that falls apart may create one on each side, for it has a place on each: then this is as rule 1.
 *
 * Openers that stay are those of the members of each component; an active replica stays one if its node is among them.
 */
import type { Component } from '../../executive/service.js';
import type { Checkpoint, Opener } from './checkpoint.js';
import { NO_HASH } from './digest.js';
import type { CkptShadow } from './shadow.js';
import { CkptState } from './state.js';

/** A component, in its place in the order of precedence. */
class Side {
  readonly rank: number;
  readonly members: readonly number[];
  readonly state: CkptState;
  readonly #history: readonly string[];
  readonly #partings = new Map<Side, number>();

  constructor({ members, shadow, history }: Component<CkptShadow>, rank: number) {
    this.rank = rank;
    this.members = members;
    this.state = shadow.state;
    this.#history = history;
  }

  /** Whether the checkpoint was changed here before (-1), in (0) or after (1) the last configuration that both sides were in. */
  changedSince(other: Side, { lineage }: Checkpoint): number {
    const parting = this.#parting(other);
    return parting < 0 ? 1 : Math.sign(this.#history.lastIndexOf(lineage.changedIn) - parting);
  }

  #parting(other: Side): number {
    let parting = this.#partings.get(other);
    if (parting === undefined) {
      parting = this.#history.findLastIndex((id) => other.#history.includes(id));
      this.#partings.set(other, parting);
    }
    return parting;
  }
}

/** A side that has a checkpoint, and the checkpoint as it has it. */
interface Holder {
  readonly side: Side;
  readonly checkpoint: Checkpoint;
}

/** A checkpoint as it will be. */
interface Merged {
  readonly winner: Holder;
  readonly holders: readonly Holder[];
  /** Of the first side that has it. */
  readonly rank: number;
  readonly openers: readonly Opener[];
  readonly isOpen: boolean;
  readonly deadline: number;
  readonly activeReplica: number;
}

/** A checkpoint of which something was given up. */
export interface Loss {
  readonly checkpoint: string;
  /** Members of the component whose state was taken; none: it was deleted. */
  readonly taken: readonly number[];
  /** Of each of the others that had something else. */
  readonly lost: readonly (readonly number[])[];
}

export function merge(
  components: readonly Component<CkptShadow>[],
  onLoss: (loss: Loss) => void = () => {},
): CkptState {
  const sides = components.map((component, rank) => new Side(component, rank));
  const holders = new Map<bigint, Holder[]>();
  for (const side of sides) {
    for (const [id, checkpoint] of side.state.checkpoints) {
      const others = holders.get(id);
      if (others === undefined) holders.set(id, [{ side, checkpoint }]);
      else others.push({ side, checkpoint });
    }
  }
  const merged: Merged[] = [];
  for (const each of holders.values()) {
    if (isKept(each, sides)) merged.push(unite(each, onLoss));
    else onLoss(deleted(each));
  }
  const state = new CkptState();
  if (sides.some((side) => side.state.wasChanged)) state.markChanged();
  for (const each of withOneName(merged, onLoss)) insert(state, each);
  return state;
}

/** The first that gives way to no other. */
function winnerOf(holders: readonly Holder[]): Holder {
  return holders.find((holder) => !holders.some((other) => givesWay(holder, other))) ?? holders[0]!;
}

function givesWay(holder: Holder, other: Holder): boolean {
  if (isSame(holder, other) || isAncestor(other, holder)) return false;
  if (isAncestor(holder, other)) return true;
  const { side, checkpoint } = holder;
  return side.changedSince(other.side, checkpoint) <= 0 && other.side.changedSince(side, other.checkpoint) > 0;
}

function isSame(one: Holder, other: Holder): boolean {
  return one.checkpoint.lineage.last === other.checkpoint.lineage.last;
}

function isAncestor(old: Holder, grown: Holder): boolean {
  return !isSame(old, grown) && grown.checkpoint.lineage.includes(old.checkpoint.lineage.last);
}

function isKept(holders: readonly Holder[], sides: readonly Side[]): boolean {
  if (holders.length === sides.length || holders.some(({ checkpoint }) => checkpoint.isOpen)) return true;
  const { side, checkpoint } = winnerOf(holders);
  return sides
    .filter((other) => !holders.some((holder) => holder.side === other))
    .every((other) => side.changedSince(other, checkpoint) >= 0);
}

function deleted(holders: readonly Holder[]): Loss {
  return { checkpoint: holders[0]!.checkpoint.name, taken: [], lost: holders.map(({ side }) => side.members) };
}

function unite(holders: readonly Holder[], onLoss: (loss: Loss) => void): Merged {
  const winner = winnerOf(holders);
  const agreeing = holders.filter((holder) => isSame(holder, winner) || isAncestor(holder, winner));
  if (agreeing.length < holders.length) {
    const lost = holders.filter((holder) => !agreeing.includes(holder)).map(({ side }) => side.members);
    onLoss({ checkpoint: winner.checkpoint.name, taken: winner.side.members, lost });
  }
  const active = agreeing.find(({ side, checkpoint }) => side.members.includes(checkpoint.activeReplica));
  return {
    winner,
    holders,
    rank: holders[0]!.side.rank,
    openers: agreeing.flatMap(({ side, checkpoint }) =>
      [...checkpoint.openers].filter(({ node }) => side.members.includes(node)),
    ),
    isOpen: agreeing.some(({ checkpoint }) => checkpoint.isOpen),
    deadline: Math.max(...agreeing.map(({ checkpoint }) => checkpoint.deadline)),
    activeReplica: active?.checkpoint.activeReplica ?? 0,
  };
}

function withOneName(merged: readonly Merged[], onLoss: (loss: Loss) => void): Merged[] {
  const named = new Map<string, Merged[]>();
  for (const each of [...merged].sort((a, b) => a.rank - b.rank)) {
    const { name, isLinked } = each.winner.checkpoint;
    if (isLinked) named.set(name, [...(named.get(name) ?? []), each]);
  }
  const losers = new Set<Merged>();
  for (const several of named.values()) {
    const winner = winnerOf(several.map((each) => each.winner));
    for (const each of several) if (each.winner !== winner) losers.add(each);
  }
  return merged.filter((each) => {
    if (losers.has(each)) onLoss(deleted(each.holders));
    return !losers.has(each);
  });
}

/** With the winner's sections; an unlinked one that nobody has open goes with the configuration change that follows. */
function insert(state: CkptState, { winner: { checkpoint: winner }, ...rest }: Merged): void {
  const { openers, isOpen, deadline, activeReplica } = rest;
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
