import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigurationChange } from '../../src/gmi/configuration.js';
import { GroupMessaging, type ServiceReceiver } from '../../src/gmi/group-messaging.js';
import { makeHeader } from '../../src/gmi/header.js';
import { HIGH, LOW, MEDIUM, type MessageFrame, OWN, SAFE } from '../../src/gmi/port.js';
import { type Stack, World } from './support/stacks.js';

/** Notes what it hears; tells newcomers what it was given to tell. */
class Note implements ServiceReceiver {
  readonly id = 200;
  readonly heard: string[] = [];
  toTell: Buffer[] = [];
  /** At each synchronisation. */
  readonly newcomers: string[] = [];

  deliver(fn: number, frame: MessageFrame, start: number): boolean {
    const flags = `${frame.flags & SAFE ? ' safe' : ''}${frame.flags & OWN ? ' own' : ''}`;
    this.heard.push(`${fn} ${frame.sender} ${frame.memory.toString('latin1', start, frame.end)}${flags}`);
    return true;
  }

  configuration({ configuration: { kind, members } }: ConfigurationChange): boolean {
    this.heard.push(`${kind} ${members}`);
    return true;
  }

  *synchronize(_change: ConfigurationChange, newcomers: readonly number[]): Iterable<Uint8Array> {
    this.newcomers.push(newcomers.join());
    if (newcomers.length > 0) yield* this.toTell;
  }

  endOfBatch(): void {}
}

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function start(node: number): { stack: Stack; note: Note } {
  const stack = world.start(node);
  const note = new Note();
  stack.messaging.register(note);
  return { stack, note };
}

function say(stack: Stack, text: string, priority: 1 | 2 | 3 = MEDIUM, flags = 0): boolean {
  return stack.messaging.multicast(priority, flags, makeHeader(200, 1), Buffer.from(text));
}

test('A message reaches the service that it names, at every member and in one order', () => {
  const nodes = [start(1), start(2), start(3)];
  world.form();
  for (const [index, { note, stack }] of nodes.entries()) {
    note.heard.length = 0;
    for (let i = 0; i < 50; i++) expect(say(stack, `${index}.${i}`)).toBe(true);
  }
  world.advance(50);
  const plain = nodes.map(({ note }) => note.heard.map((line) => line.replace(' own', '')));
  expect(plain[0]).toHaveLength(150);
  expect(plain[1]).toEqual(plain[0]);
  expect(plain[2]).toEqual(plain[0]);
  expect(nodes[1]!.note.heard.filter((line) => line.endsWith(' own'))).toHaveLength(50);
});

test('A message for a service that is not there is counted and dropped', () => {
  const { stack } = start(1);
  world.form();
  stack.messaging.multicast(MEDIUM, 0, makeHeader(77, 1), Buffer.from('?'));
  stack.messaging.multicast(MEDIUM, 0, Buffer.from([200]), Buffer.alloc(0));
  world.advance(5);
  expect(stack.messaging.stats.unknownService).toBe(2);
});

test('A safe message says that it is one', () => {
  const { stack, note } = start(1);
  start(2);
  world.form();
  say(stack, 'x', HIGH, SAFE);
  world.advance(20);
  expect(note.heard.at(-1)).toBe('1 1 x safe own');
});

test('Two services cannot have the same id', () => {
  const messaging = new GroupMessaging();
  messaging.register(new Note());
  expect(() => messaging.register(new Note())).toThrow('Two services have the id 200');
});

describe('Of a ring with newcomers', () => {
  test('what newcomers must know comes before anything that waited in the queues', () => {
    const first = start(1);
    first.note.toTell = [Buffer.concat([makeHeader(200, 2), Buffer.from('know this')])];
    world.form();
    const second = start(2);
    // The first has not looked at its deliveries when the new ring runs, and its queues are full of messages.
    first.stack.budget = 0;
    for (const priority of [HIGH, MEDIUM, LOW] as const) say(first.stack, `m${priority}`, priority);
    world.until(() => {
      say(first.stack, 'more');
      return second.note.heard.includes('regular 1,2');
    }, 5000);
    world.advance(50);
    const heardThere = () => second.note.heard.slice(second.note.heard.indexOf('regular 1,2') + 1);
    expect(heardThere()).toEqual([]);
    first.stack.budget = Number.POSITIVE_INFINITY;
    world.advance(50);
    expect(heardThere()[0]).toBe('2 1 know this');
    expect(heardThere()).toContain('1 1 more');
  });

  test('this holds when several rings follow each other before the executive has looked at the first', () => {
    const first = start(1);
    first.note.toTell = [Buffer.concat([makeHeader(200, 2), Buffer.from('know this')])];
    start(2);
    const third = start(3);
    world.form();
    first.stack.budget = 0;
    world.kill(2);
    world.until(() => third.note.heard.at(-1) === 'regular 1,3', 5000);
    const fourth = start(4);
    say(first.stack, 'queued');
    world.until(() => fourth.note.heard.includes('regular 1,3,4'), 5000);
    // The first sees that it lost a member, for which nothing has to be told; but another ring runs by now.
    first.stack.budget = 2;
    world.advance(20);
    expect(first.note.heard.at(-1)).toBe('regular 1,3');
    first.stack.budget = Number.POSITIVE_INFINITY;
    world.advance(50);
    const heard = fourth.note.heard.slice(fourth.note.heard.indexOf('regular 1,3,4') + 1);
    expect(heard).toEqual(['2 1 know this', '1 1 queued']);
  });

  test('who came with a ring that another followed before the executive has looked at it is told in that one', () => {
    const first = start(1);
    first.note.toTell = [Buffer.concat([makeHeader(200, 2), Buffer.from('know this')])];
    start(2);
    world.form();
    first.note.newcomers.length = 0;
    first.stack.budget = 0;
    const third = start(3);
    world.until(() => third.note.heard.includes('regular 1,2,3'), 5000);
    say(first.stack, 'queued');
    world.kill(2);
    world.until(() => third.note.heard.includes('regular 1,3'), 5000);
    first.stack.budget = Number.POSITIVE_INFINITY;
    world.advance(50);
    const heard = third.note.heard.slice(third.note.heard.indexOf('regular 1,3') + 1);
    expect(heard).toEqual(['2 1 know this', '1 1 queued']);
    expect(first.note.newcomers).toEqual(['3']);
  });

  test('who only lost members has nothing to tell', () => {
    const first = start(1);
    start(2);
    start(3);
    world.form();
    first.note.toTell = [Buffer.concat([makeHeader(200, 2), Buffer.from('know this')])];
    world.kill(3);
    world.form(1, 2);
    world.advance(50);
    expect(first.note.heard.filter((line) => line.includes('know this'))).toEqual([]);
  });
});

describe('A message for one configuration alone', () => {
  test('is delivered in it, and has its place', () => {
    const { stack, note } = start(1);
    world.form();
    const places: boolean[] = [];
    const { id } = stack.messaging.regular!;
    stack.messaging.multicastIn(id, MEDIUM, 0, makeHeader(200, 1), Buffer.from('here'), (p) => places.push(p));
    world.advance(5);
    expect(places).toEqual([true]);
    expect(note.heard.at(-1)).toBe('1 1 here own');
  });

  test('is refused at once if the configuration is not the present one', () => {
    const { stack, note } = start(1);
    world.form();
    const places: boolean[] = [];
    stack.messaging.multicastIn('9.9.9', MEDIUM, 0, makeHeader(200, 1), Buffer.from('x'), (p) => places.push(p));
    expect(places).toEqual([false]);
    world.advance(5);
    expect(note.heard).not.toContain('1 1 x own');
  });

  test('is not delivered if the configuration ends before it was ordered', () => {
    const { stack, note } = start(1);
    start(2);
    world.form();
    const places: boolean[] = [];
    const { id } = stack.messaging.regular!;
    // The executive does not look up while the ring changes; what it sends meanwhile is for a ring that is gone.
    world.kill(2);
    world.until(() => stack.membership.view.state !== 'operational', 5000);
    stack.messaging.multicastIn(id, MEDIUM, 0, makeHeader(200, 1), Buffer.from('late'), (p) => places.push(p));
    world.form(1);
    world.advance(20);
    expect(places).toEqual([false]);
    expect(note.heard).not.toContain('1 1 late own');
  });
});

test('A full queue refuses, nothing was done, and who waits is called when there is room', () => {
  const stack = world.start(1, { submitBytes: 1 << 12 });
  const note = new Note();
  stack.messaging.register(note);
  start(2);
  world.form();
  let sent = 0;
  while (say(stack, `m${sent}`)) sent++;
  expect(sent).toBeGreaterThan(10);
  expect(stack.messaging.flow.isOpen(MEDIUM)).toBe(false);
  expect(stack.messaging.flow.isOpen(HIGH)).toBe(true);
  let wasCalled = false;
  stack.messaging.flow.wait(MEDIUM, () => {
    wasCalled = true;
    return say(stack, 'waited');
  });
  world.advance(50);
  expect(wasCalled).toBe(true);
  const heard = note.heard.filter((line) => line.startsWith('1 1'));
  expect(heard).toEqual([...Array.from({ length: sent }, (_, i) => `1 1 m${i} own`), '1 1 waited own']);
});
