import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventChannel, Subscription } from '../../../src/client/evt/types.js';
import { BodyReader } from '../../../src/ipc/body.js';
import { settled } from '../model.js';
import { Oracle, type OracleOpen, type OracleSubscription } from './oracle.js';
import { connect, EvtCluster, type EvtConnection } from './support.js';

const NODES = [1, 2, 3];
const NAMES = ['a', 'b'];
const PATTERNS = ['', 'x', 'xy', 'z'];
const ALL = { create: true, publisher: true, subscriber: true };
const MAX_RETENTION = 500;

interface Opened {
  readonly node: number;
  readonly channel: EventChannel;
  readonly oracle: OracleOpen;
}

interface Subscribed {
  readonly opened: Opened;
  readonly subscription: Subscription;
  readonly received: bigint[];
  readonly oracle: OracleSubscription;
}

/** A cluster and its oracle, that do the same. */
class History {
  readonly cluster = new EvtCluster();
  readonly oracle = new Oracle([...NODES]);
  readonly connections = new Map<number, EvtConnection>();
  opened: Opened[] = [];
  subscribed: Subscribed[] = [];
  readonly ids: bigint[] = [];

  constructor() {
    this.cluster.start(...NODES);
    for (const node of NODES) this.connections.set(node, connect(this.cluster, node));
  }

  get alive(): number[] {
    return [...this.cluster.nodes.keys()];
  }

  async open(a: number, b: number): Promise<void> {
    const node = pick(this.alive, a);
    const name = pick(NAMES, b);
    if (node === undefined) return;
    const channel = await this.connections.get(node)!.evt.open(name!, ALL);
    this.opened.push({ node, channel, oracle: this.oracle.open(node, name!) });
  }

  async close(a: number): Promise<void> {
    const opened = pick(this.opened, a);
    if (opened === undefined) return;
    await opened.channel.close();
    this.oracle.close(opened.oracle);
    this.forget((other) => other === opened);
  }

  async unlink(a: number, b: number): Promise<void> {
    const node = pick(this.alive, a);
    const name = pick(NAMES, b);
    if (node === undefined) return;
    const done = this.connections.get(node)!.evt.unlink(name!);
    if (this.oracle.unlink(node, name!)) await done;
    else await expect(done).rejects.toMatchObject({ code: 'SA_AIS_ERR_NOT_EXIST' });
  }

  async publish(a: number, b: number, c: number): Promise<void> {
    const opened = pick(this.opened, a);
    if (opened === undefined) return;
    const pattern = pick(PATTERNS, b)!;
    const priority = (c % 4) as 0 | 1 | 2 | 3;
    const retentionTime = c % 3 === 0 ? 0 : (c * 37) % MAX_RETENTION;
    const data = Buffer.alloc(c % 7 === 0 ? 65536 : 3);
    const publishTime = this.cluster.time;
    const id = await opened.channel.publish(data, { patterns: [pattern], priority, retentionTime });
    this.ids.push(id);
    this.oracle.publish(opened.oracle, { id, pattern, priority, publishTime, deadline: publishTime + retentionTime });
  }

  async subscribe(a: number, b: number): Promise<void> {
    const opened = pick(this.opened, a);
    if (opened === undefined) return;
    const prefix = pick(PATTERNS, b)!;
    const received: bigint[] = [];
    const subscription = await opened.channel.subscribe([{ prefix }], ({ eventId }) => received.push(eventId));
    this.subscribed.push({ opened, subscription, received, oracle: this.oracle.subscribe(opened.oracle, prefix) });
  }

  async unsubscribe(a: number): Promise<void> {
    const subscribed = pick(this.subscribed, a);
    if (subscribed === undefined) return;
    await settled();
    await subscribed.subscription.unsubscribe();
    const { subscriptions } = subscribed.opened.oracle;
    subscriptions.splice(subscriptions.indexOf(subscribed.oracle), 1);
    this.check(subscribed);
    this.subscribed.splice(this.subscribed.indexOf(subscribed), 1);
  }

  async clear(a: number, b: number): Promise<void> {
    const opened = pick(this.opened, a);
    const id = pick(this.ids, b);
    if (opened === undefined || id === undefined) return;
    const done = opened.channel.clearRetentionTime(id);
    if (this.oracle.clear(opened.oracle, id)) await done;
    else await expect(done).rejects.toMatchObject({ code: 'SA_AIS_ERR_NOT_EXIST' });
  }

  async disconnect(a: number): Promise<void> {
    const node = pick(this.alive, a);
    if (node === undefined) return;
    await settled();
    this.connections.get(node)!.end();
    await settled();
    for (const opened of this.opened) if (opened.node === node) this.oracle.close(opened.oracle);
    this.forget((opened) => opened.node === node);
    this.connections.set(node, connect(this.cluster, node));
  }

  async advance(a: number): Promise<void> {
    this.cluster.advance(a % 50);
    this.oracle.expire(this.cluster.time);
  }

  async crash(a: number, b: number): Promise<void> {
    const node = pick(this.alive, a);
    if (node === undefined || this.alive.length === 1) return;
    await settled();
    this.connections.get(node)!.end();
    this.cluster.crash(node);
    this.oracle.crash(node);
    this.forget((opened) => opened.node === node);
    // Else the others notice when the next configuration comes.
    if (b % 2 === 0) for (const { members } of this.oracle.components) this.cluster.form(...members);
  }

  async start(): Promise<void> {
    const node = NODES.find((each) => !this.alive.includes(each));
    if (node === undefined) return;
    this.cluster.start(node);
    this.connections.set(node, connect(this.cluster, node));
    this.oracle.start(node);
  }

  async partition(a: number): Promise<void> {
    const parts = this.oracle.components.flatMap(({ members }) => [
      members.filter((node) => (node + a) % 2 === 0),
      members.filter((node) => (node + a) % 2 === 1),
    ]);
    await settled();
    this.oracle.partition(parts);
    for (const { members } of this.oracle.components) this.cluster.form(...members);
  }

  async merge(): Promise<void> {
    await settled();
    this.cluster.form(...this.alive);
    this.oracle.merge();
  }

  /** Nothing of these is expected any more. */
  forget(isGone: (opened: Opened) => boolean): void {
    for (const subscribed of this.subscribed) if (isGone(subscribed.opened)) this.check(subscribed);
    this.subscribed = this.subscribed.filter(({ opened }) => !isGone(opened));
    this.opened = this.opened.filter((opened) => !isGone(opened));
  }

  check({ received, oracle }: Subscribed): void {
    // A handler that was ended before its first turn has not got what is retained.
    expect(received).toEqual(oracle.expected.slice(0, received.length));
  }

  /** Replicas are equal, also those that a snapshot makes. */
  checkReplicas(): void {
    for (const { members } of this.oracle.components) {
      const digests = this.cluster.digests(...members);
      expect(new Set(digests).size).toBe(1);
      const { replica } = this.cluster.services.get(members[0]!)!;
      const shadow = replica.shadow();
      const chunks = replica.snapshot();
      for (let next = chunks.next(); !next.done; next = chunks.next())
        shadow.load(new BodyReader(Buffer.from(next.value)));
      const other = new EvtCluster();
      other.start(9);
      const copy = other.services.get(9)!;
      copy.replica.commit([{ members: NODES, shadow, history: [] }]);
      expect(Buffer.from(copy.replica.digest()).toString('hex')).toBe(digests[0]);
    }
  }

  /** Everybody goes, and time passes: nothing is left. */
  async end(): Promise<void> {
    await this.merge();
    await settled();
    for (const subscribed of this.subscribed) expect(subscribed.received).toEqual(subscribed.oracle.expected);
    expect(new Set(this.ids).size).toBe(this.ids.length);
    this.checkReplicas();
    for (const { channel } of this.opened) await channel.close();
    const { evt } = this.connections.get(this.alive[0]!)!;
    for await (const { name } of evt.list()) await evt.unlink(name);
    for (const connection of this.connections.values()) connection.end();
    await settled();
    this.cluster.advance(MAX_RETENTION);
    for (const node of this.alive) {
      const service = this.cluster.services.get(node)!;
      expect(service.status()).toEqual({
        channels: 0,
        openers: 0,
        retainedEvents: 0,
        retainedBytes: 0,
        subscriptions: 0,
      });
      expect(service.replica.isBlank()).toBe(true);
      expect(service.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    }
    expect(this.cluster.violations).toEqual([]);
  }
}

function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % from.length];
}

/** How often each of them is taken. */
const WEIGHTS = {
  open: 4,
  close: 1,
  unlink: 1,
  publish: 8,
  subscribe: 5,
  unsubscribe: 2,
  clear: 1,
  disconnect: 1,
  advance: 1,
  crash: 1,
  start: 1,
  partition: 3,
  merge: 3,
} as const;

type Step = keyof typeof WEIGHTS;
const weighted = Object.entries(WEIGHTS).map(([each, weight]) => ({ weight, arbitrary: fc.constant(each as Step) }));
const step = fc.oneof(...weighted);
const number = fc.nat(200);

test('Through crashes, joins, partitions and merges every subscriber has each event once and in order', async () => {
  const histories = fc.array(fc.tuple(step, number, number, number), { minLength: 20, maxLength: 150, size: 'max' });
  await fc.assert(
    fc.asyncProperty(histories, async (taken) => {
      const history = new History();
      for (const [each, a, b, c] of taken) {
        await history[each](a, b, c);
        history.checkReplicas();
      }
      await history.end();
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('What is asked for without waiting leaves replicas equal, and nothing behind', async () => {
  const histories = fc.array(fc.tuple(fc.nat(5), number, number), { minLength: 10, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(histories, async (taken) => {
      const cluster = new EvtCluster();
      cluster.start(...NODES);
      let connections = NODES.map((node) => connect(cluster, node));
      const channels: EventChannel[] = [];
      const use = (kind: number, a: number, b: number): Promise<unknown> => {
        const { evt } = pick(connections, a)!;
        const channel = pick(channels, b);
        if (kind === 0) return evt.open(pick(NAMES, b)!, ALL).then((opened) => channels.push(opened));
        if (kind === 1) return evt.unlink(pick(NAMES, b)!);
        if (kind === 2) return evt.open(pick(NAMES, b)!, { ...ALL, signal: AbortSignal.timeout(0) });
        if (kind === 3) return channel?.publish(Buffer.alloc(b), { retentionTime: b }) ?? Promise.resolve();
        if (kind === 4) return channel?.subscribe([]) ?? Promise.resolve();
        connections[a % 3]!.end();
        connections = connections.map((each, index) => (index === a % 3 ? connect(cluster, NODES[index]!) : each));
        return Promise.resolve();
      };
      for (const [kind, a, b] of taken) {
        use(kind, a, b).catch(() => {});
        if (b % 5 === 0) await settled();
      }
      await settled();
      expect(new Set(cluster.digests(...NODES)).size).toBe(1);
      for (const connection of connections) connection.end();
      await settled();
      for (const service of cluster.services.values())
        expect(service.status()).toMatchObject({ openers: 0, subscriptions: 0 });
    }),
    { numRuns: 25 },
  );
}, 120_000);
