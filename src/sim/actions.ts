/** What a harness may do to a cluster: the words of fault schedules and of scenarios alike. Nodes are named by their index from 0. */
import type { LinkQuality } from './network.js';
import type { WorkloadPlan } from './workload.js';

export type Action =
  | { readonly do: 'start'; readonly node: number }
  /** The process dies at once; with `power` its machine too, so that nobody answers for it. `loseWrites`: unsynced writes are gone. */
  | { readonly do: 'crash'; readonly node: number; readonly power: boolean; readonly loseWrites: boolean }
  /** A clean leave. */
  | { readonly do: 'leave'; readonly node: number }
  /** SIGSTOP and SIGCONT: input goes on queueing. */
  | { readonly do: 'pause'; readonly node: number }
  | { readonly do: 'resume'; readonly node: number }
  /** The JavaScript loop hangs. `for`: ns. */
  | { readonly do: 'stall'; readonly node: number; readonly for: number }
  /** The application reads nothing. */
  | { readonly do: 'stallConsumer'; readonly node: number; readonly for: number }
  /** One direction of a link. */
  | { readonly do: 'cut'; readonly from: number; readonly to: number }
  | { readonly do: 'mend'; readonly from: number; readonly to: number }
  /** A number for each node; equal numbers reach each other. */
  | { readonly do: 'partition'; readonly groups: readonly number[] }
  /** No cut and no partition. */
  | { readonly do: 'heal' }
  /** Left out `from` or `to`: all. */
  | { readonly do: 'quality'; readonly from?: number; readonly to?: number; readonly change: Partial<LinkQuality> }
  /** Every link as it was at the beginning. */
  | { readonly do: 'resetQuality' }
  /** Somebody in the middle of a link, in one direction, keeps what passes, or copies of it. */
  | { readonly do: 'tap'; readonly from: number; readonly to: number; readonly withhold: boolean }
  /** It keeps no more. */
  | { readonly do: 'closeTap'; readonly from: number; readonly to: number }
  /** What was kept arrives. */
  | { readonly do: 'release'; readonly from: number; readonly to: number }
  /** The application of that node sends like this from now on; left out: not at all. */
  | { readonly do: 'workload'; readonly node: number; readonly plan?: WorkloadPlan }
  /** An old copy of the disk is put back; the node must be down. */
  | { readonly do: 'restoreDisk'; readonly node: number };

export interface TimedAction {
  /** ns since the beginning. */
  readonly at: number;
  readonly action: Action;
}

/** As a person would write it down; nodes counted from 1. */
export function describeAction(action: Action): string {
  switch (action.do) {
    case 'start':
    case 'leave':
    case 'pause':
    case 'resume':
    case 'restoreDisk':
      return `${action.do} ${action.node + 1}`;
    case 'crash':
      return `crash ${action.node + 1}${action.power ? ' power' : ''}${action.loseWrites ? ' losing writes' : ''}`;
    case 'stall':
    case 'stallConsumer':
      return `${action.do} ${action.node + 1} for ${(action.for / 1e6).toFixed(3)} ms`;
    case 'cut':
    case 'mend':
      return `${action.do} ${action.from + 1} -> ${action.to + 1}`;
    case 'tap':
    case 'closeTap':
    case 'release':
      return `${action.do} ${action.from + 1} -> ${action.to + 1}`;
    case 'workload':
      return `workload ${action.node + 1} ${JSON.stringify(action.plan)}`;
    case 'partition':
      return `partition ${describeGroups(action.groups)}`;
    case 'heal':
    case 'resetQuality':
      return action.do;
    case 'quality': {
      const end = (node: number | undefined): string => (node === undefined ? '*' : String(node + 1));
      return `quality ${end(action.from)} -> ${end(action.to)} ${JSON.stringify(action.change)}`;
    }
  }
}

function describeGroups(groups: readonly number[]): string {
  const sides = new Map<number, number[]>();
  groups.forEach((group, node) => {
    sides.set(group, [...(sides.get(group) ?? []), node + 1]);
  });
  return [...sides.values()].map((side) => side.join(' ')).join(' | ');
}
