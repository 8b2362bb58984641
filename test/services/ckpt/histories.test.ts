/** Random histories on three nodes that crash, part and come together: members never differ, and nothing is left of what was closed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checkpoint } from '../../../src/client/ckpt/types.js';
import type { CkptService } from '../../../src/services/ckpt/service.js';
import { attributes } from '../../conformance/ckpt-scene.js';
import { type ModelCluster, settled } from '../model.js';
import { dump, dumpOf, EMPTY, modelCluster, reloaded, statusOf, TestClient } from './support.js';

const NODES = [1, 2, 3];
const RETENTION = 5000;
/** Collapse: a node crashes, and its component is merged with the others at once. */
const FAULTS = ['crash', 'collapse', 'restart', 'isolate', 'disconnect'] as const;

const node = fc.constantFrom(...NODES);
const name = fc.constantFrom('one', 'two');
const section = fc.constantFrom('a', 'b', 'c');
const data = fc.uint8Array({ minLength: 1, maxLength: 20 });
const offset = fc.nat(30);
const ms = fc.nat(RETENTION);
const which = fc.nat(20);

type Action =
  | { do: 'open'; node: number; name: string; collocated: boolean }
  | { do: 'close' | 'watch' | 'unlink' | 'activate'; which: number }
  | { do: 'create'; which: number; section: string | undefined; data: Uint8Array; ms: number }
  | { do: 'write'; which: number; section: string; data: Uint8Array; offset: number }
  | { do: 'overwrite' | 'delete'; which: number; section: string; data: Uint8Array }
  | { do: 'expire' | 'retain'; which: number; section: string; ms: number }
  | { do: (typeof FAULTS)[number]; node: number }
  | { do: 'merge' }
  | { do: 'wait'; ms: number };

const kind = <T extends string>(value: T) => fc.constant(value);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: kind('open'), node, name, collocated: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: kind('create'), which, section: fc.option(section, { nil: undefined }), data, ms }),
  },
  { weight: 6, arbitrary: fc.record({ do: kind('write'), which, section, data, offset }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('overwrite' as const, 'delete' as const), which, section, data }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('expire' as const, 'retain' as const), which, section, ms }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('close' as const, 'watch' as const, 'unlink' as const, 'activate' as const),
      which,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(...FAULTS),
      node,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: kind('merge') }) },
  { weight: 2, arbitrary: fc.record({ do: kind('wait'), ms }) },
);

class History {
  readonly cluster: ModelCluster = modelCluster();
  readonly #clients = new Map<number, TestClient>();
  readonly #open: { node: number; name: string; checkpoint: Checkpoint }[] = [];
  #isolated: number | undefined;

  constructor() {
    this.cluster.start(...NODES);
  }

  async apply(action: Action): Promise<void> {
    // A client of a node that crashed is never answered.
    void this.#start(action)?.catch(() => {});
    await settled();
    this.check();
  }

  check(): void {
    const { cluster } = this;
    for (const members of this.#components()) {
      const [first, ...others] = members;
      const state = (cluster.node(first!).service as CkptService).state();
      for (const other of others) expect(dumpOf(cluster, other)).toEqual(dumpOf(cluster, first!));
      expect(new Set(cluster.digests(...members)).size).toBe(1);
      const copy = reloaded(state);
      expect(dump(copy)).toEqual(dump(state));
      expect(copy.digest.bytes()).toEqual(state.digest.bytes());
    }
    expect(cluster.violations).toEqual([]);
  }

  /** All clients go, and all deadlines pass. */
  async end(): Promise<void> {
    this.#merge();
    for (const client of this.#clients.values()) await client.close();
    await settled();
    this.cluster.advance(RETENTION + 1);
    this.cluster.advance(RETENTION + 1);
    for (const id of this.cluster.nodes.keys()) expect(statusOf(this.cluster, id)).toEqual(EMPTY);
  }

  #components(): number[][] {
    const all = [...this.cluster.nodes.keys()];
    const apart = all.filter((id) => id === this.#isolated);
    return [all.filter((id) => id !== this.#isolated), apart].filter((members) => members.length > 0);
  }

  #form(): void {
    for (const members of this.#components()) this.cluster.form(...members);
  }

  #merge(): void {
    this.#isolated = undefined;
    this.#form();
  }

  #client(id: number): TestClient {
    let client = this.#clients.get(id);
    if (client === undefined) {
      client = new TestClient(this.cluster, id);
      this.#clients.set(id, client);
    }
    return client;
  }

  #start(action: Action): Promise<unknown> | undefined {
    if ('which' in action) return this.#use(action);
    if (action.do === 'wait') this.cluster.advance(action.ms);
    else if (action.do === 'merge') this.#merge();
    else if (action.do === 'open') return this.#opened(action);
    else return this.#fault(action.do, action.node);
    return undefined;
  }

  #fault(fault: (typeof FAULTS)[number], id: number): Promise<unknown> | undefined {
    const isAlive = this.cluster.nodes.has(id);
    if (fault === 'disconnect') {
      const client = this.#clients.get(id);
      this.#forget(id);
      return client?.close();
    }
    if ((fault === 'crash' || fault === 'collapse') && isAlive && this.cluster.nodes.size > 1) {
      this.cluster.crash(id);
      this.#forget(id);
      if (fault === 'collapse') this.#merge();
      else this.#form();
    } else if (fault === 'restart' && !isAlive) {
      this.cluster.start(id);
      this.#form();
    } else if (fault === 'isolate' && isAlive) {
      this.#merge();
      this.#isolated = id;
      this.#form();
    }
    return undefined;
  }

  #forget(id: number): void {
    this.#clients.delete(id);
    const left = this.#open.filter((each) => each.node !== id);
    this.#open.splice(0, this.#open.length, ...left);
  }

  async #opened({ node: id, name, collocated }: Extract<Action, { do: 'open' }>): Promise<void> {
    if (!this.cluster.nodes.has(id)) return;
    const update = collocated ? 'active-replica' : 'all-replicas';
    const create = attributes({ maxSections: 4, maxSectionSize: 60, retentionDuration: RETENTION, update, collocated });
    const checkpoint = await this.#client(id).ckpt.open(name, { create, read: true, write: true });
    this.#open.push({ node: id, name, checkpoint });
  }

  #use(action: Extract<Action, { which: number }>): Promise<unknown> | undefined {
    const entry = this.#open[action.which % Math.max(1, this.#open.length)];
    if (entry === undefined) return undefined;
    const { checkpoint } = entry;
    if (action.do === 'create') {
      const { section: id, data: bytes } = action;
      const expirationTime = action.ms % 2 === 0 ? Number.POSITIVE_INFINITY : this.cluster.time + action.ms;
      return checkpoint.createSection({ ...(id === undefined ? {} : { id }), data: bytes, expirationTime });
    }
    if (action.do === 'write') return checkpoint.write(action);
    if (action.do === 'overwrite') return checkpoint.overwrite(action);
    if (action.do === 'delete') return checkpoint.deleteSection(action.section);
    if (action.do === 'expire')
      return checkpoint.setSectionExpirationTime(action.section, this.cluster.time + action.ms);
    if (action.do === 'retain') return checkpoint.setRetentionDuration(action.ms);
    if (action.do === 'activate') return checkpoint.setActiveReplica();
    if (action.do === 'watch') return checkpoint.watch();
    if (action.do === 'unlink') return this.#client(entry.node).ckpt.unlink(entry.name);
    this.#open.splice(this.#open.indexOf(entry), 1);
    return checkpoint.close();
  }
}

test('Members have equal states at every step, a snapshot is the state, and nothing leaks', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
      const history = new History();
      for (const each of actions) await history.apply(each);
      await history.end();
    }),
    { numRuns: 150 },
  );
});
