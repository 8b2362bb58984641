/** What the commands of one scenario act on. */

import type { RingId } from '../../totem/boundary.js';
import type { ProcessTrace, TraceEvent } from '../checker/trace.js';
import { Cluster, type ClusterPlan } from '../cluster.js';
import type { Observer } from '../observer.js';
import { ProcessNames } from '../trace-lines.js';
import { ScenarioError } from './words.js';

/** What remembers how far it has shown. */
export const SHOWN = ['configurations', 'deliveries', 'totals'] as const;

export class World {
  readonly names = new ProcessNames();
  private readonly observer: Observer | undefined;
  private built: Cluster | undefined;
  /** How much of each trace `show` has shown, by what it shows. */
  private readonly rings = new Map<string, string>();
  private readonly shown = new Map<string, Map<ProcessTrace, number>>();

  constructor(observer?: Observer) {
    this.observer = observer;
  }

  get cluster(): Cluster {
    if (this.built === undefined) throw new ScenarioError("the first command is 'nodes'");
    return this.built;
  }

  build(plan: ClusterPlan): Cluster {
    if (this.built !== undefined) throw new ScenarioError('there are nodes already');
    this.built = new Cluster(plan, this.observer);
    return this.built;
  }

  /** A node that exists. */
  checkNode(index: number): number {
    if (this.cluster.machines[index] === undefined) throw new ScenarioError(`there is no node ${index + 1}`);
    return index;
  }

  allNodes(): number[] {
    return this.cluster.machines.map((_, index) => index);
  }

  /** What each process did since this was asked for the last time under this name, in the order of nodes and lives. */
  news(name: (typeof SHOWN)[number]): { readonly trace: ProcessTrace; readonly events: readonly TraceEvent[] }[] {
    for (const { process } of this.cluster.machines) process?.finish();
    // Lives are counted in the order in which they began.
    for (const { process } of this.cluster.recorder.processes) this.names.name(process);
    const seen = this.shown.get(name) ?? new Map<ProcessTrace, number>();
    this.shown.set(name, seen);
    const traces = this.cluster.recorder.processes.toSorted((a, b) => a.process.node - b.process.node);
    return traces.map((trace) => {
      const from = seen.get(trace) ?? 0;
      seen.set(trace, trace.events.length);
      return { trace, events: trace.events.slice(from) };
    });
  }

  /**
   * Rings are named in the order in which they are mentioned: their own numbers are as random as the seed is, and say nothing to a
   * reader.
   */
  ringName(ring: RingId): string {
    if (ring.representative === 0) return 'none';
    const key = `${ring.seq}@${ring.representative}/${ring.nonce}`;
    const known = this.rings.get(key);
    if (known !== undefined) return known;
    const name = `ring${this.rings.size + 1}`;
    this.rings.set(key, name);
    return name;
  }

  /** What has happened so far is shown by nobody. */
  forget(): void {
    for (const name of SHOWN) this.news(name);
  }

  close(): void {
    this.built?.close();
  }
}
