import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuorumOptions } from '../../../src/executive/manager/votes.js';
import { HIGH } from '../../../src/gmi/port.js';
import { NO_WAIT } from '../../../src/ipc/link.js';
import { type Client, Town, together } from './town.js';

describe('A request', () => {
  test('is applied everywhere and answered once, where it was made', () => {
    const town = together(1, 2, 3);
    const client = town.client(2);
    const tag = client.put('a', '1');
    expect(client.code(tag)).toBeUndefined();
    town.settle();
    expect(client.code(tag)).toBe('SA_AIS_OK');
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","1"]]'));
    const { positions } = town.node(1).register;
    expect([town.node(2), town.node(3)].map(({ register }) => register.positions)).toEqual([positions, positions]);
  });

  test('that reads sees what was acknowledged elsewhere before', () => {
    const town = together(1, 2, 3);
    const [writer, reader] = [town.client(1), town.client(3)];
    writer.putAgreed('a', '1');
    const read = reader.get('a');
    expect(reader.code(read)).toBeUndefined();
    town.settle();
    expect(reader.text(read)).toBe('1');
  });

  test('waits while the queue is full, behind those before it, and none is lost', () => {
    const town = together(1, 2);
    const clients = [town.client(1), town.client(1)];
    const tags = Array.from({ length: 40 }, (_, i) => clients.map((client) => client.put(`${i % 3}`, `${i}`)));
    const last = clients[0]!.get('0');
    town.settle();
    for (const pair of tags) expect(pair.map((tag, i) => clients[i]!.code(tag))).toEqual(['SA_AIS_OK', 'SA_AIS_OK']);
    expect(clients[0]!.text(last)).toBe('39');
    expect(clients[0]!.takenUp).toBeGreaterThan(0);
  });

  test('that will not wait is refused, and nothing is done', () => {
    const town = together(1, 2);
    const client = town.client(1);
    for (let i = 0; i < 20; i++) client.put('a', `${i}`);
    const refused = client.put('b', '1', NO_WAIT);
    town.settle();
    expect(client.code(refused)).toBe('SA_AIS_ERR_TRY_AGAIN');
    expect(town.node(2).register.entries.has('b')).toBe(false);
    expect(town.node(2).register.entries.get('a')).toBe('19');
  });

  test('that is cancelled while it waits never takes effect', () => {
    const town = together(1, 2);
    const client = town.client(1);
    for (let i = 0; i < 20; i++) client.put('a', `${i}`);
    const cancelled = client.put('b', '1');
    client.cancel(cancelled);
    town.settle();
    expect(client.code(cancelled)).toBe('SA_AIS_ERR_INTERRUPT');
    expect(town.node(2).register.entries.has('b')).toBe(false);
  });

  test('of an unknown service or function, or malformed, is answered with an error', () => {
    const town = together(1);
    const client = town.client(1);
    const tag = client.put('x', '1', 0, 77);
    expect(client.code(tag)).toBe('SA_AIS_ERR_NOT_SUPPORTED');
  });

  test('of a client that is gone has its effect, and its service hears that it is gone, everywhere', () => {
    const town = together(1, 2);
    const client = town.client(1);
    client.put('a', '1');
    client.close();
    town.settle();
    expect(town.texts(1, 2)).toEqual(Array(2).fill('[["a","1"],["gone 1.1","yes"]]'));
  });
});

describe('A merge', () => {
  test('makes one state of several, by the rule of the service', () => {
    const town = together(1, 2, 3);
    const [one, three] = [town.client(1), town.client(3)];
    one.put('common', '0');
    town.settle();
    town.form([1, 2]);
    town.form([3]);
    town.settle();
    one.put('a', 'of 1');
    three.put('a', 'of 3');
    three.put('b', 'of 3');
    town.settle();
    town.form([1, 2, 3]);
    town.settle();
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","of 1"],["b","of 3"],["common","0"]]'));
  });

  test('prefers what is there for long to what a node made that started again, and was alone at first', () => {
    const town = together(1, 2);
    town.client(2).put('a', 'old');
    town.settle();
    town.advance(1000);
    town.crash(1);
    town.form([2]);
    town.settle();
    town.start(1);
    town.settle();
    town.client(1).put('a', 'new');
    town.settle();
    expect(town.texts(1, 2)).toEqual(['[["a","new"]]', '[["a","old"]]']);
    town.form([1, 2]);
    town.settle();
    expect(town.texts(1, 2)).toEqual(Array(2).fill('[["a","old"]]'));
    // And what joined it counts as old as it.
    town.advance(1000);
    town.crash(2);
    town.form([1]);
    town.start(2, 3);
    town.settle();
    town.form([2, 3]);
    town.settle();
    town.client(3).put('a', 'newer');
    town.settle();
    town.form([1, 2, 3]);
    town.settle();
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","old"]]'));
  });

  test('holds back what is asked meanwhile', () => {
    const town = together(1, 2);
    const client = town.client(1);
    client.put('a', '1');
    town.settle();
    town.start(3);
    town.settle();
    town.client(3).put('b', '3');
    town.settle();
    town.form([1, 2, 3]);
    const tag = client.put('c', '1');
    expect(town.node(1).manager.isSynchronized).toBe(false);
    town.settle();
    expect(client.code(tag)).toBe('SA_AIS_OK');
    expect(town.texts(1, 2, 3)).toEqual(Array(3).fill('[["a","1"],["b","3"],["c","1"]]'));
  });
});

describe('A node that receives a state', () => {
  test('ends if what is sent is none', () => {
    const town = together(1, 2);
    town.client(1).put('a', '1');
    town.settle();
    town.node(1).register.replica.snapshot = function* () {
      yield Buffer.from([1]);
    };
    town.start(3);
    town.settle();
    town.form([1, 2, 3]);
    town.settle();
    expect(town.node(3).failures).toHaveLength(1);
    expect(town.node(3).manager.isSynchronized).toBe(false);
  });
});

describe('A deadline', () => {
  test('that is over while the queue is full waits for room', () => {
    const town = together(1, 2);
    const { messaging, register } = town.node(1);
    for (const node of [1, 2]) town.node(node).register.deadlines.set('a', town.time + 10);
    while (messaging.multicast(HIGH, 0, Buffer.from([200, 0]), Buffer.alloc(0)));
    messaging.end();
    town.advance(10);
    expect(town.timers.size).toBe(0);
    town.settle();
    town.advance(0);
    town.settle();
    expect([...register.deadlines]).toEqual([]);
  });
});

describe('A safe change that comes in the transitional configuration', () => {
  test('is answered when the next configuration has its state', () => {
    const town = together(1, 2, 3);
    const client = town.client(1);
    const tag = client.put('a', '1');
    // It reaches 2 and not 3, so it is not safe.
    town.step((node) => node !== 3);
    expect(client.code(tag)).toBeUndefined();
    town.crash(3);
    town.form([1, 2]);
    expect(town.texts(1, 2)).toEqual(Array(2).fill('[["a","1"]]'));
    expect(client.code(tag)).toBeUndefined();
    town.settle();
    expect(client.code(tag)).toBe('SA_AIS_OK');
  });
});

const put = (nodes: number) =>
  fc.record({
    type: fc.constant('put' as const),
    node: fc.nat(nodes - 1),
    key: fc.nat(5),
    safe: fc.boolean(),
    count: fc.integer({ min: 1, max: 3 }),
  });
const get = (nodes: number) =>
  fc.record({ type: fc.constant('get' as const), node: fc.nat(nodes - 1), key: fc.nat(5) });
const travel = (all: number) => fc.record({ type: fc.constant('step' as const), mask: fc.nat(all) });
const repair = fc.record({ type: fc.constant('repair' as const) });
const form = (all: number) =>
  fc.record({ type: fc.constant('form' as const), mask: fc.nat(all), installs: fc.nat(all) });
const step = fc.oneof(
  { weight: 8, arbitrary: put(5) },
  { weight: 3, arbitrary: get(5) },
  { weight: 8, arbitrary: travel(31) },
  { weight: 3, arbitrary: repair },
  { weight: 4, arbitrary: form(31) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const), node: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('start' as const), node: fc.nat(4) }) },
);
/** Of three nodes that live. */
const votingStep = fc.oneof(
  { weight: 8, arbitrary: put(3) },
  { weight: 3, arbitrary: get(3) },
  { weight: 12, arbitrary: travel(7) },
  { weight: 3, arbitrary: repair },
  { weight: 6, arbitrary: form(7) },
  // All come as far as to install it.
  { weight: 6, arbitrary: form(7).map((each) => ({ ...each, installs: 7 })) },
);
type Step = typeof step | typeof votingStep extends fc.Arbitrary<infer T> ? T : never;

/** Runs a history; returns the town and, by key, the values whose safe writes were acknowledged. */
function live(steps: readonly Step[], quorum?: QuorumOptions) {
  const town = new Town(quorum);
  town.start(1, 2, 3);
  town.settle();
  town.form([1, 2, 3]);
  town.settle();
  const picked = (mask: number) => (node: number) => (mask & (1 << (node - 1))) !== 0;
  const clients = new Map([1, 2, 3].map((node) => [node, town.client(node)]));
  const asked: { readonly client: Client; readonly tag: number; readonly value: string; readonly safe: boolean }[] = [];
  let value = 0;
  for (const each of steps) {
    const client = 'node' in each ? clients.get(each.node + 1) : undefined;
    if (each.type === 'put' && client !== undefined) {
      for (let i = 0; i < each.count; i++) {
        const [key, text] = [`${value++}`, `${each.key}`];
        const tag = each.safe ? client.put(key, text) : client.putAgreed(key, text);
        asked.push({ client, tag, value: key, safe: each.safe });
      }
    }
    if (each.type === 'get' && client !== undefined) client.get(`${each.key}`);
    if (each.type === 'step') town.step(picked(each.mask));
    if (each.type === 'repair') town.model.repair();
    if (each.type === 'crash' && town.nodes.size > 2 && client !== undefined) {
      town.crash(each.node + 1);
      clients.delete(each.node + 1);
    }
    if (each.type === 'start' && client === undefined) {
      town.start(each.node + 1);
      clients.set(each.node + 1, town.client(each.node + 1));
    }
    if (each.type === 'form') {
      const nodes = [...town.nodes.keys()].filter(picked(each.mask)).sort((a, b) => a - b);
      if (nodes.length > 0) town.form(nodes, picked(each.installs));
    }
  }
  town.form([...town.nodes.keys()].sort((a, b) => a - b));
  town.settle();
  // A sender of state lets those who work go first.
  while (town.timers.size > 0) {
    town.advance(15);
    town.settle();
  }
  return { town, asked, clients };
}

/** Keys are numbers that grow: what one client asked for is applied in the order of its calls, and once. */
function expectInOrder({ town, asked }: ReturnType<typeof live>): void {
  const clientOf = new Map(asked.map(({ client, value }) => [value, client]));
  for (const { register } of town.nodes.values()) {
    const latest = new Map<Client, number>();
    for (const key of register.applied) {
      const client = clientOf.get(key)!;
      expect(Number(key)).toBeGreaterThan(latest.get(client) ?? -1);
      latest.set(client, Number(key));
    }
  }
}

describe('In any history', () => {
  test('all who are together in the end have one state, every call has ended, and nothing was malformed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const lived = live(steps);
        const { town, asked, clients } = lived;
        expectInOrder(lived);
        const nodes = [...town.nodes.values()];
        expect(new Set(nodes.map(({ register }) => register.text)).size).toBe(1);
        expect(nodes.flatMap(({ violations }) => violations)).toEqual([]);
        expect(nodes.every(({ manager }) => manager.isSynchronized)).toBe(true);
        const alive = new Set(clients.values());
        for (const { client, tag } of asked) if (alive.has(client)) expect(client.code(tag)).toBeDefined();
        // A merge of this service keeps all keys: whatever was acknowledged as safe, by whomever, is there if any of those nodes is.
        for (const { client, tag, value, safe } of asked)
          if (safe && alive.has(client) && client.code(tag) === 'SA_AIS_OK')
            expect(nodes[0]!.register.entries.has(value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  }, 120_000);

  test('with quorum no acknowledged change is lost while most of the nodes live, and each client keeps its order', () => {
    const quorum = {
      votes: new Map([1, 2, 3].map((node) => [node, 1])),
      expectedVotes: 3,
      twoNode: false,
      waitForAll: false,
      autoTieBreaker: false,
    };
    fc.assert(
      fc.property(fc.array(votingStep, { maxLength: 80 }), (steps) => {
        const lived = live(steps, quorum);
        const { town, asked } = lived;
        expectInOrder(lived);
        const nodes = [...town.nodes.values()];
        expect(new Set(nodes.map(({ register }) => register.text)).size).toBe(1);
        for (const { client, tag, value, safe } of asked) {
          expect(client.code(tag)).toBeDefined();
          if (safe && client.code(tag) === 'SA_AIS_OK') expect(nodes[0]!.register.entries.has(value)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  }, 120_000);
});
