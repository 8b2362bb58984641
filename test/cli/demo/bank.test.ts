import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bank } from '../../../src/cli/demo/bank.js';
import type { Books } from '../../../src/cli/demo/books.js';
import { BOOKS, CLOSE, encodeDeposit, encodePlain, encodeSettle, OPEN } from '../../../src/cli/demo/messages.js';
import type { Configuration } from '../../../src/client/evs/types.js';
import { EvsModel, type ModelMember } from './evs-model.js';

type Reaches = (node: number) => boolean;
const all: Reaches = () => true;
const none: Reaches = () => false;

/** A branch in the model. What it sends on its own waits, as in a send queue, until the test lets it go. */
class Branch implements ModelMember<Buffer> {
  readonly node: number;
  readonly bank: Bank;
  readonly settled: string[] = [];
  closed: Books | undefined;
  current: Configuration | undefined;
  #isListening: boolean;
  readonly #unsent: { readonly configuration: string; readonly message: Buffer }[] = [];
  readonly #model: EvsModel<Buffer>;

  constructor(model: EvsModel<Buffer>, node: number, isListening = true) {
    this.#model = model;
    this.#isListening = isListening;
    this.node = node;
    this.bank = new Bank(node, {
      send: (configuration, message) => this.#unsent.push({ configuration, message }),
      onBooks: () => {},
      onSettle: (batch, isRegular) => this.settled.push(`${batch} ${isRegular}`),
      onClose: (books) => {
        this.closed = books;
      },
    });
  }

  /** It joins the group, in the middle of a configuration. */
  listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.bank.configuration(this.current!);
  }

  configuration(configuration: Configuration): void {
    this.current = configuration;
    if (this.#isListening) this.bank.configuration(configuration);
  }

  message(data: Buffer, sender: number, own: boolean, isSafe: boolean): void {
    if (this.#isListening) this.bank.message({ data, sender, own, guarantee: isSafe ? 'safe' : 'agreed' });
  }

  /** First bytes of what waits. */
  get unsent(): (number | undefined)[] {
    return this.#unsent.map(({ message }) => message[0]);
  }

  flush(reaches: (node: number) => boolean): void {
    for (const { configuration, message } of this.#unsent.splice(0)) {
      this.#model.send(this.node, message, true, reaches, configuration);
    }
  }
}

class Town {
  readonly model = new EvsModel<Buffer>();
  readonly branches = new Map<number, Branch>();
  #deposits = 0;

  start(...nodes: number[]): void {
    for (const node of nodes) {
      const branch = new Branch(this.model, node);
      this.branches.set(node, branch);
      this.model.start(node, branch);
    }
  }

  /** Its executive joins rings; the application comes later. */
  startDeaf(node: number): void {
    const branch = new Branch(this.model, node, false);
    this.branches.set(node, branch);
    this.model.start(node, branch);
  }

  crash(node: number): void {
    this.model.crash(node);
    this.branches.delete(node);
  }

  form(...nodes: number[]): void {
    this.model.reform(nodes, all);
  }

  deposit(node: number, cents: number, reaches = all): void {
    const message = encodeDeposit({ id: this.#deposits++, account: 'A', cents });
    this.model.send(node, message, false, reaches);
  }

  send(node: number, message: Buffer, reaches = all): void {
    this.model.send(node, message, true, reaches);
  }

  /** Those without books ask for them, and everybody hears it. */
  ask(): void {
    this.flush();
    this.model.repair();
    this.model.deliver();
  }

  flush(): void {
    for (const branch of this.branches.values()) branch.flush(all);
  }

  /** Everything is sent, repaired and delivered: questions and books, too. */
  settle(): void {
    for (let i = 0; i < 4; i++) this.ask();
  }

  open(...nodes: number[]): void {
    this.start(...nodes);
    this.form(...nodes);
    this.send(nodes[0]!, encodePlain(OPEN));
    this.settle();
  }

  /** Whoever has not joined the group does. */
  listen(): void {
    for (const branch of this.branches.values()) branch.listen();
  }

  books(node: number): Books | undefined {
    return this.branches.get(node)!.bank.books;
  }

  /** What each branch holds, as this one has it. */
  held(node: number): Record<number, number> {
    return Object.fromEntries(this.books(node)!.accounts.get('A') ?? []);
  }
}

describe('The bank of the talk', () => {
  test('spreads a deposit over the members of the configuration in which it is delivered', () => {
    const town = new Town();
    town.open(1, 2, 3, 4);
    town.deposit(2, 9900);
    town.settle();
    for (const node of [1, 2, 3, 4]) expect(town.held(node)).toEqual({ 1: 2475, 2: 2475, 3: 2475, 4: 2475 });
  });

  test('gives the cents that do not divide to the first branches', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.deposit(1, 101);
    town.settle();
    expect(town.held(3)).toEqual({ 1: 34, 2: 34, 3: 33 });
  });

  test('divides by three everywhere if one branch closes before the deposit is delivered', () => {
    const town = new Town();
    town.open(1, 2, 3, 4);
    // A safe message that not all have holds back the deposit until 4 is gone: it comes in the transitional configuration.
    town.send(4, encodeSettle(1), (node) => node < 3);
    town.deposit(4, 9900);
    town.model.deliver();
    town.crash(4);
    town.form(1, 2, 3);
    for (const node of [1, 2, 3]) expect(town.held(node)).toEqual({ 1: 3300, 2: 3300, 3: 3300 });
  });

  test('neither makes nor loses money if half of the survivors delivered before the change, by virtual synchrony', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.deposit(3, 900);
    town.model.deliver();
    town.crash(3);
    town.form(1, 2);
    expect(town.held(1)).toEqual({ 1: 300, 2: 300, 3: 300 });
    expect(town.books(1)!.hash()).toBe(town.books(2)!.hash());
  });
});

describe('A newcomer', () => {
  test('gets the books as they were where it asked, and applies what it kept since', () => {
    const town = new Town();
    town.open(1, 2);
    town.start(3);
    town.form(1, 2, 3);
    town.deposit(1, 300);
    town.ask();
    town.deposit(2, 300);
    town.model.deliver();
    expect(town.books(3)).toBeUndefined();
    town.settle();
    expect(town.held(3)).toEqual({ 1: 200, 2: 200, 3: 200 });
    expect(town.books(3)!.hash()).toBe(town.books(1)!.hash());
  });

  test('that joins the group long after its executive joined the ring misses nothing', () => {
    const town = new Town();
    town.open(1, 2);
    town.startDeaf(3);
    town.form(1, 2, 3);
    town.deposit(1, 300);
    town.settle();
    town.branches.get(3)!.listen();
    town.deposit(1, 600);
    town.settle();
    expect(town.held(3)).toEqual({ 1: 300, 2: 300, 3: 300 });
    expect(town.books(3)!.hash()).toBe(town.books(1)!.hash());
  });

  test('gets them in the next configuration if none of the senders lives until they are ordered', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.deposit(1, 300);
    town.settle();
    town.start(4);
    town.form(1, 2, 3, 4);
    town.deposit(4, 400);
    town.ask();
    expect(town.branches.get(2)!.unsent).toEqual([BOOKS]);
    town.crash(1);
    town.form(2, 3, 4);
    expect(town.books(4)).toBeUndefined();
    town.settle();
    expect(town.held(4)).toEqual({ 1: 200, 2: 200, 3: 200, 4: 100 });
    expect(town.books(4)!.hash()).toBe(town.books(2)!.hash());
  });

  test('is the only reason to send books', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.form(2, 3);
    town.form(1, 2, 3);
    town.ask();
    expect([2, 3].map((node) => town.branches.get(node)!.unsent)).toEqual([[BOOKS], [BOOKS]]);
    town.settle();
    town.form(1, 2);
    town.form(1, 2, 3);
    town.crash(3);
    town.form(1, 2);
    expect([1, 2].map((node) => town.branches.get(node)!.unsent)).toEqual([[], []]);
  });

  test('together with another: each gets the books', () => {
    const town = new Town();
    town.open(2, 3);
    town.start(1, 4);
    town.form(1, 2, 3, 4);
    town.ask();
    town.deposit(3, 400);
    town.settle();
    expect(new Set([1, 2, 3, 4].map((node) => town.books(node)!.hash())).size).toBe(1);
    expect(town.held(4)).toEqual({ 1: 100, 2: 100, 3: 100, 4: 100 });
  });

  test('uses books that reach it in the transitional configuration', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.start(4);
    town.form(1, 2, 3, 4);
    town.ask();
    town.deposit(2, 400);
    town.branches.get(1)!.flush((node) => node === 4);
    town.crash(1);
    town.form(2, 3, 4);
    expect(town.books(4)!.hash()).toBe(town.books(2)!.hash());
    expect(town.books(4)!.total).toBe(400);
  });

  test('does not use books of a configuration that is over', () => {
    const town = new Town();
    town.open(1, 2);
    town.start(3);
    town.form(1, 2, 3);
    town.ask();
    const late = town.branches.get(1)!;
    expect(late.unsent).toEqual([BOOKS]);
    town.form(1, 2);
    town.form(1, 2, 3);
    town.deposit(1, 300);
    late.flush(all);
    expect(town.books(3)).toBeUndefined();
    town.settle();
    expect(town.held(3)).toEqual({ 1: 100, 2: 100, 3: 100 });
  });
});

describe('A bank that falls apart', () => {
  test('goes on where most of its branches are, and the others come back as newcomers', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.form(1);
    town.form(2, 3);
    expect(town.books(1)).toBeUndefined();
    town.deposit(1, 7);
    town.deposit(3, 200);
    town.settle();
    expect(town.books(2)!.total).toBe(200);
    town.form(1, 2, 3);
    town.settle();
    for (const node of [1, 2, 3]) expect(town.books(node)!.total).toBe(200);
  });

  test('of two equal parts goes on where the first branch is', () => {
    const town = new Town();
    town.open(1, 2);
    town.form(1);
    town.form(2);
    expect(town.books(1)).toBeDefined();
    expect(town.books(2)).toBeUndefined();
  });

  test('does not go on twice if only some of its branches came to know the last configuration', () => {
    const town = new Town();
    town.open(1, 2, 3);
    town.start(4);
    town.model.freeze([1, 3]);
    // 1, 3 and 4 agree, but only 1 and 4 install; 3 then finds 2, and they are most of the configuration that they know.
    town.model.reform([1, 3, 4], (node) => node !== 3);
    town.form(1, 4);
    town.form(2, 3);
    expect([1, 2, 3, 4].filter((node) => town.books(node) !== undefined)).toEqual([2, 3]);
  });
});

describe('Messages of the bank', () => {
  test('A batch is settled for its sender alone, and it learns whether every member has it', () => {
    const town = new Town();
    town.open(1, 2);
    town.send(1, encodeSettle(7));
    town.settle();
    town.send(1, encodeSettle(8), none);
    town.crash(2);
    town.form(1);
    expect(town.branches.get(1)!.settled).toEqual(['7 true', '8 false']);
  });

  test('Without books a branch cannot tell of a batch', () => {
    const town = new Town();
    town.open(1, 2);
    town.start(3);
    town.form(1, 2, 3);
    town.send(3, encodeSettle(9));
    town.model.deliver();
    expect(town.branches.get(3)!.settled).toEqual(['9 false']);
  });

  test('At the close every branch has the same books, a newcomer as soon as it gets them', () => {
    const town = new Town();
    town.open(1, 2);
    town.start(3);
    town.form(1, 2, 3);
    town.ask();
    town.deposit(1, 30);
    town.send(2, encodePlain(CLOSE));
    town.model.deliver();
    expect(town.branches.get(3)!.closed).toBeUndefined();
    town.settle();
    expect(new Set([1, 2, 3].map((node) => town.branches.get(node)!.closed!.hash())).size).toBe(1);
  });

  test('A deposit that comes twice counts once', () => {
    const town = new Town();
    town.open(1, 2);
    const message = encodeDeposit({ id: 5, account: 'A', cents: 10 });
    town.model.send(1, message, false, all);
    town.model.send(2, message, false, all);
    town.settle();
    expect(town.books(1)!.total).toBe(10);
  });
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('deposit' as const), node: fc.nat(4), mask: fc.nat(31) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const), node: fc.nat(4), mask: fc.nat(31) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('books' as const), mask: fc.nat(31) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('deliver' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('repair' as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('reform' as const), mask: fc.nat(31), installs: fc.nat(31) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const), node: fc.nat(4) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('start' as const), node: fc.nat(4), isDeaf: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('listen' as const) }) },
);

/** No money was made or lost in any books. */
function check(town: Town): void {
  for (const { bank } of town.branches.values()) {
    if (bank.books === undefined) continue;
    let sum = 0;
    for (const holdings of bank.books.accounts.values()) for (const cents of holdings.values()) sum += cents;
    expect(sum).toBe(bank.books.total);
    expect(sum).toBe(1000 * bank.books.deposits);
  }
}

test('In any history every deposit counts once, and whoever has books in the end has the same', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const town = new Town();
      town.open(1, 2, 3);
      town.start(4, 5);
      const picked = (mask: number) => (node: number) => (mask & (1 << (node - 1))) !== 0;
      let batch = 0;
      for (const each of steps) {
        if (each.type === 'deposit') town.deposit(each.node + 1, 1000, picked(each.mask));
        if (each.type === 'settle') town.send(each.node + 1, encodeSettle(batch++), picked(each.mask));
        if (each.type === 'books') for (const branch of town.branches.values()) branch.flush(picked(each.mask));
        if (each.type === 'deliver') town.model.deliver();
        if (each.type === 'repair') town.model.repair();
        if (each.type === 'crash' && town.branches.size > 2) town.crash(each.node + 1);
        if (each.type === 'start' && !town.branches.has(each.node + 1)) {
          if (each.isDeaf) town.startDeaf(each.node + 1);
          else town.start(each.node + 1);
        }
        if (each.type === 'listen') town.listen();
        if (each.type === 'reform') {
          const nodes = town.model.nodes.filter(picked(each.mask));
          if (nodes.length > 0) town.model.reform(nodes, picked(each.installs));
        }
        check(town);
      }
      town.listen();
      // Everybody comes together: whoever has books has the same ones.
      town.form(...town.model.nodes);
      const survivors = town.model.nodes.filter((node) => town.books(node) !== undefined);
      expect(new Set(survivors.map((node) => town.books(node)!.hash())).size).toBeLessThanOrEqual(1);
      if (survivors.length === 0) return;
      town.settle();
      expect(new Set(town.model.nodes.map((node) => town.books(node)?.hash())).size).toBe(1);
      expect(town.books(survivors[0]!)!.total).toBe(1000 * town.books(survivors[0]!)!.deposits);
    }),
    { numRuns: 1000 },
  );
}, 60_000);
