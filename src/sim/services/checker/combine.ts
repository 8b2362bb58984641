/**
 * What the members of a configuration have together, by the rules that the documentation states (SERVICES.md, CKPT.md, EVT.md): with
 * quorum the state of the component that was primary last, else the merge of all that have one.
 */
import type { Change, Instance, ServiceState } from './state.js';

/** Members that have the same state. */
export interface Component {
  readonly nodes: readonly number[];
  readonly lastPrimary: number;
  /** ms since the start of the executive that its state goes back to. */
  readonly age: number;
  /** Configurations that its state went through, oldest first. */
  readonly history: readonly string[];
  readonly state: ServiceState;
}

/** What is there for longest, then most members, then the lowest node; with quorum, before that, who was primary last. */
export function inOrder(components: readonly Component[], hasQuorum: boolean): Component[] {
  return [...components].sort((a, b) => {
    const primary = hasQuorum ? b.lastPrimary - a.lastPrimary : 0;
    return primary || b.age - a.age || b.nodes.length - a.nodes.length || Math.min(...a.nodes) - Math.min(...b.nodes);
  });
}

/** `components`: in order. `isSure`: whether a change is known to have been made. */
export function combine(
  components: readonly Component[],
  hasQuorum: boolean,
  isSure: (token: string) => boolean,
): ServiceState {
  const changed = hasQuorum ? components.slice(0, 1) : components.filter(({ state }) => state.wasChanged);
  const state = changed[0]?.state.copy() ?? components[0]!.state.copy();
  if (hasQuorum) return state;
  for (const token of components.flatMap((each) => [...each.state.seen])) state.seen.add(token);
  for (const other of components) {
    for (const [handle, channel] of other.state.channelHandles) state.channelHandles.set(handle, channel);
    for (const [id, event] of other.state.events)
      if (state.events.get(id)?.isSure !== true) state.events.set(id, event);
  }
  if (changed.length > 1) mergeCheckpoints(state, changed, isSure);
  // Where components have different checkpoints for a handle, it is good for the one that is left, if it is good.
  for (const other of components) {
    for (const [handle, id] of other.state.checkpointHandles)
      if (state.instances.has(id) || !state.checkpointHandles.has(handle)) state.checkpointHandles.set(handle, id);
  }
  return state;
}

interface Holder {
  readonly component: Component;
  readonly instance: Instance;
}

/** One of the checkpoints that have a name. `sure`: without changes of which it is not known whether they were made. */
interface Candidate {
  readonly id: string;
  readonly winner: Holder;
  readonly sure: Holder;
}

function mergeCheckpoints(
  state: ServiceState,
  components: readonly Component[],
  isSure: (token: string) => boolean,
): void {
  for (const name of components.flatMap((each) => [...each.state.unclear])) state.unclear.add(name);
  state.instances = new Map();
  state.names = new Map();
  const candidates = new Map<string, Candidate[]>();
  // In the order of the first component that has each.
  for (const id of new Set(components.flatMap((each) => [...each.state.instances.keys()]))) {
    const holders = components.flatMap((component): Holder[] => {
      const instance = component.state.instances.get(id);
      return instance === undefined ? [] : [{ component, instance }];
    });
    const { name } = holders[0]!.instance;
    const winner = winnerOf(holders);
    const sure = winnerOf(
      holders.map(({ component, instance }) => {
        const changes = instance.changes.filter(({ token }, at) => at === 0 || isSure(token));
        return { component, instance: { ...instance, changes } };
      }),
    );
    if (sure.component !== winner.component || !isKept(winner, holders, components)) state.unclear.add(name);
    candidates.set(name, [...(candidates.get(name) ?? []), { id, winner, sure }]);
  }
  for (const [name, several] of candidates) {
    const winner = winnerOf(several.map((each) => each.winner));
    const { id, sure } = several.find((each) => each.winner === winner)!;
    if (winnerOf(several.map((each) => each.sure)) !== sure) state.unclear.add(name);
    state.names.set(name, id);
    state.instances.set(id, winner.instance);
  }
}

/** The first that gives way to no other. */
function winnerOf(holders: readonly Holder[]): Holder {
  return holders.find((holder) => !holders.some((other) => givesWay(holder, other))) ?? holders[0]!;
}

/** One alone changed it: the other has all that this one has, and more; or it was changed since they were together, and this one not. */
function givesWay(one: Holder, other: Holder): boolean {
  if (last(one).place === last(other).place || includes(one, last(other))) return false;
  return includes(other, last(one)) || (since(one, other.component) <= 0 && since(other, one.component) > 0);
}

function includes({ instance }: Holder, { place }: Change): boolean {
  return instance.changes.some((change) => change.place === place);
}

function last({ instance }: Holder): Change {
  return instance.changes.at(-1)!;
}

/** Whether it was changed before (-1), in (0) or after (1) the last configuration in which both were together. */
function since(holder: Holder, other: Component): number {
  const { history } = holder.component;
  const together = history.findLastIndex((id) => other.history.includes(id));
  return together < 0 ? 1 : Math.sign(history.lastIndexOf(last(holder).configuration) - together);
}

/** Whether that is certain: one that a component lacks stays also if somebody has it open, which is not looked at here. */
function isKept(winner: Holder, holders: readonly Holder[], components: readonly Component[]): boolean {
  return components.every((other) => holders.some(({ component }) => component === other) || since(winner, other) >= 0);
}
