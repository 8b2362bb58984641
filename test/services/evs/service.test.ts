import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_TICKETS } from '../../../src/gmi/group-messaging.js';
import { MAX_ROUTES } from '../../../src/services/evs/limits.js';
import { World } from '../../gmi/support/stacks.js';
import { HIGH, join, LOW, leave, MEDIUM, send, sendTo } from './support/sessions.js';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

describe('Groups', () => {
  test('C176: a message of a session that joined nothing is accepted and reaches nobody', () => {
    world.start(1);
    world.form();
    const client = join(world.stacks.get(1)!);
    const other = join(world.stacks.get(1)!, 'a');
    expect(send(client, 'x')).toBe(true);
    world.advance(5);
    expect([...client.heard.messages, ...other.heard.messages]).toEqual([]);
  });

  test('C177: after leaving one of three groups, messages for it are no longer delivered', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'key1', 'key2', 'key3');
    expect(leave(client, ['key1'])).toBe(-1);
    send(client, 'second', ['key2']);
    send(client, 'first', ['key1']);
    world.advance(5);
    expect(client.heard.messages).toEqual(['1 key2 second']);
  });

  test('C178: a message for two joined groups is delivered once', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'a', 'b');
    send(client, 'x', ['a', 'b', 'a']);
    world.advance(5);
    expect(client.heard.messages).toEqual(['1 a,b x']);
  });

  test('Leaving stops at the first group that is not joined; those before it are left', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'a', 'b', 'c');
    expect(leave(client, ['a', 'x', 'b'])).toBe(1);
    expect(leave(client, ['b', 'b'])).toBe(1);
    send(client, '1', ['a']);
    send(client, '2', ['b']);
    send(client, '3', ['c']);
    world.advance(5);
    expect(client.heard.messages).toEqual(['1 c 3']);
  });

  test('Group names are compared byte by byte: no form of a letter counts as another', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'caf\u00e9');
    send(client, 'decomposed', ['cafe\u0301']);
    send(client, 'composed', ['caf\u00e9']);
    send(client, 'nul', ['caf\u00e9\0']);
    world.advance(5);
    expect(client.heard.messages.map((line) => line.split(' ').at(-1))).toEqual(['composed']);
  });

  test('Sessions of one executive receive by their own groups, and equal lists are one array for all senders', () => {
    world.start(1);
    world.start(2);
    world.form();
    const a = join(world.stacks.get(1)!, 'a');
    const b = join(world.stacks.get(1)!, 'b');
    const far = join(world.stacks.get(2)!, 'b', 'a');
    send(a, 'x', ['a', 'b']);
    send(far, 'y', ['a', 'b']);
    world.advance(20);
    expect(a.heard.messages.toSorted()).toEqual(['1 a,b x', '2 a,b y']);
    expect(b.heard.messages).toEqual(a.heard.messages);
    expect(far.heard.messages).toEqual(a.heard.messages);
    expect(new Set([...a.heard.lists, ...b.heard.lists]).size).toBe(1);
  });

  test('Nothing is delivered to a session for messages of groups that it has not joined', () => {
    const stack = world.start(1);
    world.form();
    const idle = join(stack, 'quiet');
    const busy = join(stack, 'loud');
    for (let i = 0; i < 100; i++) send(busy, String(i));
    world.advance(20);
    expect(busy.heard.messages).toHaveLength(100);
    expect(idle.heard.messages).toEqual([]);
  });
});

describe('Order', () => {
  test('C183: three executives that send 1000 messages each deliver them in one order', () => {
    const clients = [1, 2, 3].map((node) => world.start(node)).map((stack) => ({ stack }));
    world.form();
    const joined = clients.map(({ stack }) => join(stack, 'g'));
    const sent = [0, 0, 0];
    world.until(() => {
      for (const [i, client] of joined.entries()) while (sent[i]! < 1000 && send(client, `${sent[i]}`)) sent[i]!++;
      return joined.every(({ heard }) => heard.messages.length === 3000);
    }, 5000);
    expect(joined[1]!.heard.messages).toEqual(joined[0]!.heard.messages);
    expect(joined[2]!.heard.messages).toEqual(joined[0]!.heard.messages);
    const own = joined[0]!.heard.messages.filter((line) => line.startsWith('1 '));
    expect(own).toEqual(Array.from({ length: 1000 }, (_, i) => `1 g ${i}`));
  });

  test('Priority and guarantee arrive as they were chosen', () => {
    world.start(1);
    world.start(2);
    world.form();
    const [a, b] = [join(world.stacks.get(1)!, 'g'), join(world.stacks.get(2)!, 'g')];
    send(a, 'h', ['g'], HIGH);
    send(a, 's', ['g'], MEDIUM, true);
    send(a, 'm', ['g'], MEDIUM);
    send(a, 'l', ['g'], LOW, true);
    world.advance(30);
    expect(b.heard.messages.toSorted()).toEqual(['1 g h p1', '1 g l safe p3', '1 g m', '1 g s safe']);
  });
});

describe('Configurations', () => {
  test('C175: the first event of a session is the current regular configuration', () => {
    world.start(1);
    world.start(2);
    world.form();
    const client = join(world.stacks.get(2)!);
    expect(client.heard.configurations).toEqual(['regular 1,2']);
  });

  test('A session opened between a transitional and a regular configuration sees the one before, and then that', () => {
    const stack = world.start(1);
    world.start(2);
    world.form();
    stack.budget = 0;
    world.kill(2);
    world.until(() => stack.membership.view.members.length === 1, 5000);
    stack.budget = 1;
    world.advance(1);
    const client = join(stack);
    expect(client.heard.configurations).toEqual(['regular 1,2', 'transitional 1']);
    stack.budget = Number.POSITIVE_INFINITY;
    world.advance(1);
    expect(client.heard.configurations.at(-1)).toBe('regular 1');
  });
});

describe('Routes', () => {
  test('A newcomer reads messages to groups that were announced long before it came', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'a long name of a group', 'b');
    send(client, 'before');
    world.advance(5);
    const late = world.start(2);
    stack.budget = 0;
    world.until(() => late.messaging.regular?.members.length === 2, 5000);
    const there = join(late, 'b');
    send(client, 'waits in the queue');
    world.advance(20);
    stack.budget = Number.POSITIVE_INFINITY;
    world.advance(20);
    expect(there.heard.messages).toEqual(['1 a long name of a group,b waits in the queue']);
    expect(late.evs.stats.violations).toBe(0);
  });

  test('After a merge each side reads what the other sends on routes from before', () => {
    for (const node of [1, 2, 3, 4]) world.start(node);
    world.partition([1, 2], [3, 4]);
    world.form(1, 2);
    world.form(3, 4);
    const clients = [1, 2, 3, 4].map((node) => join(world.stacks.get(node)!, 'g'));
    for (const client of clients) send(client, 'apart');
    world.advance(20);
    world.partition();
    world.form();
    for (const client of clients) send(client, 'together');
    world.advance(50);
    for (const { heard, stack } of clients) {
      expect(heard.messages.filter((line) => line.endsWith('together')).toSorted()).toEqual(
        [1, 2, 3, 4].map((node) => `${node} g together`),
      );
      expect(stack.evs.stats.violations).toBe(0);
    }
  });

  test('A node that started again is not taken for what it was', () => {
    world.start(1);
    const second = world.start(2);
    world.form();
    const client = join(world.stacks.get(1)!, 'new');
    send(join(second, 'old'), 'old');
    world.advance(20);
    world.kill(2);
    const again = world.start(2, { incarnation: 2n });
    world.form();
    send(join(again, 'new'), 'new');
    world.advance(20);
    expect(client.heard.messages).toEqual(['2 new new']);
  });

  test('What a closed session sent before is delivered, and nothing of it is remembered then', () => {
    world.start(1);
    world.start(2);
    world.form();
    const [client, there] = [join(world.stacks.get(1)!, 'g'), join(world.stacks.get(2)!, 'h')];
    send(client, 'last words', ['h']);
    client.session.close();
    world.advance(20);
    expect(there.heard.messages).toEqual(['1 h last words']);
    for (const stack of world.stacks.values()) expect(stack.evs.lists.size).toBe(0);
    expect(world.stacks.get(1)!.evs.routes.size).toBe(0);
  });

  test('A newcomer is told also if the ring changes again before this node has looked at its coming', () => {
    const stack = world.start(1);
    world.start(2);
    world.form();
    const client = join(stack, 'g');
    send(client, 'before');
    world.advance(20);
    stack.budget = 0;
    const late = world.start(3);
    world.until(() => late.messaging.regular?.members.length === 3, 5000);
    const there = join(late, 'g');
    world.kill(2);
    world.until(() => late.messaging.regular?.members.length === 2, 5000);
    stack.budget = Number.POSITIVE_INFINITY;
    world.form(1, 3);
    send(client, 'after');
    world.advance(20);
    expect(there.heard.messages).toEqual(['1 g after']);
    expect(late.evs.stats.violations).toBe(0);
  });

  test('A newcomer reads what waited in the queue of a session that was closed meanwhile', () => {
    const stack = world.start(1);
    world.start(2);
    world.form();
    const client = join(stack, 'g');
    const along = join(world.stacks.get(2)!, 'g');
    send(client, 'first');
    world.advance(20);
    world.partition([1, 2], [3]);
    world.start(3);
    world.form(3);
    const there = join(world.stacks.get(3)!, 'g');
    world.partition();
    world.until(() => stack.membership.view.state !== 'operational', 5000);
    // What is sent while no ring runs waits for the next.
    expect(send(client, 'last words')).toBe(true);
    client.session.close();
    world.form();
    world.advance(20);
    expect(along.heard.messages.at(-1)).toBe('1 g last words');
    expect(there.heard.messages).toEqual(['1 g last words']);
    for (const each of world.stacks.values()) expect(each.evs.stats.violations).toBe(0);
    there.session.close();
    along.session.close();
    world.advance(20);
    for (const each of world.stacks.values()) expect(each.evs.lists.size).toBe(0);
  });

  test('More destinations than are remembered push out the idle ones, and those come back when they are used', () => {
    const stack = world.start(1, { submitBytes: 1 << 20 });
    const far = world.start(2);
    world.form();
    const client = join(stack);
    const there = join(far, 'first', 'kept');
    const first = client.session.destination(['first'], MEDIUM, false);
    const kept = client.session.destination(['kept'], MEDIUM, false);
    expect(sendTo(first, '1')).toBe(true);
    for (let i = 0; i < MAX_ROUTES + 100; i++) {
      world.until(() => send(client, '', [`g${i}`]), 1000);
      if (i % 64 === 0) sendTo(kept, 'k');
    }
    expect(stack.evs.routes.size).toBe(MAX_ROUTES);
    world.until(() => sendTo(first, '2'), 1000);
    world.advance(50);
    expect(there.heard.messages.filter((line) => line.startsWith('1 first'))).toEqual(['1 first 1', '1 first 2']);
    expect(far.evs.stats.violations).toBe(0);
  });

  test('Messages that a correct member does not send are counted and dropped', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'g');
    const raw = (...bytes: number[]) =>
      stack.messaging.multicast(MEDIUM, 0, Buffer.from([1, ...bytes]), Buffer.alloc(0));
    raw(1, 9, 9, 9, 9, 0);
    raw(1, 9);
    raw(2, 1, 2, 3);
    raw(3, 1, 2, 3);
    raw(99);
    world.advance(10);
    expect(stack.evs.stats.violations).toBe(5);
    expect(client.heard.messages).toEqual([]);
  });

  test('A route that is withdrawn leads nowhere any more, also right behind a message that went by it', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'g');
    const raw = (...bytes: number[]) =>
      stack.messaging.multicast(MEDIUM, 0, Buffer.from([1, ...bytes]), Buffer.alloc(0));
    send(client, 'x');
    const message = [1, 1, 0, 0, 0, 0x79];
    raw(...message);
    raw(3, 1, 0, 0, 0);
    raw(...message);
    world.advance(10);
    expect(client.heard.messages).toEqual(['1 g x', '1 g y']);
    expect(stack.evs.stats.violations).toBe(1);
  });
});

describe('Flow', () => {
  test('A session that holds all it may stops the reading; with room again it goes on, and nothing is lost', () => {
    const stack = world.start(1);
    world.form();
    const client = join(stack, 'g');
    client.heard.hasRoom = false;
    for (let i = 0; i < 10; i++) send(client, String(i));
    world.advance(20);
    const before = client.heard.messages.length;
    expect(before).toBeLessThan(10);
    client.heard.hasRoom = true;
    client.session.resume();
    world.advance(20);
    expect(client.heard.messages).toEqual(Array.from({ length: 10 }, (_, i) => `1 g ${i}`));
  });

  test('A full session that is closed no longer stops the reading', () => {
    const stack = world.start(1);
    world.form();
    const full = join(stack, 'g');
    const other = join(stack, 'g');
    full.heard.hasRoom = false;
    for (let i = 0; i < 10; i++) send(other, String(i));
    world.advance(20);
    full.session.close();
    world.advance(20);
    expect(other.heard.messages).toHaveLength(10);
  });

  test('A full session holds a node no longer that is about to leave', () => {
    const stack = world.start(1);
    world.form();
    const full = join(stack, 'g');
    const other = join(stack, 'g');
    full.heard.hasRoom = false;
    for (let i = 0; i < 10; i++) send(other, String(i));
    world.advance(20);
    expect(other.heard.messages.length).toBeLessThan(10);
    stack.evs.leave();
    world.advance(20);
    expect(other.heard.messages).toHaveLength(10);
  });

  test('A session that closes itself while it is given something does not stop the reading, whatever it answers', () => {
    const stack = world.start(1);
    world.form();
    const closing = join(stack, 'g');
    const other = join(stack, 'g');
    const { message } = closing.heard;
    closing.heard.message = (delivery) => {
      message.call(closing.heard, delivery);
      closing.session.close();
      return false;
    };
    for (let i = 0; i < 10; i++) send(other, String(i));
    world.advance(20);
    expect(closing.heard.messages).toHaveLength(1);
    expect(other.heard.messages).toHaveLength(10);
  });

  test('All that was accepted has passed once its place in the order came by, of every priority', () => {
    world.start(1);
    world.start(2);
    world.form();
    const client = join(world.stacks.get(1)!, 'g');
    let hasPassed = false;
    for (const priority of [HIGH, MEDIUM, LOW] as const) send(client, String(priority), undefined, priority);
    client.session.whenPassed(() => {
      hasPassed = true;
    });
    expect(hasPassed).toBe(false);
    world.advance(20);
    expect(hasPassed).toBe(true);
    expect(client.heard.messages).toHaveLength(3);
  });

  test('More messages that are bound to a configuration than may be unanswered wait, and each is answered', () => {
    const stack = world.start(1, { submitBytes: 1 << 20 });
    world.form();
    const { session } = join(stack);
    const destination = session.destination(undefined, MEDIUM, false);
    const { id } = stack.messaging.regular!;
    const count = 5 * MAX_TICKETS;
    let sent = 0;
    let placed = 0;
    const settle = (refusal: unknown) => {
      if (refusal === undefined) placed++;
    };
    const send = () => {
      while (sent < count && destination.sendIn(id, Buffer.from('x'), settle)) sent++;
      return sent === count;
    };
    stack.isBusy = true;
    expect(send()).toBe(false);
    expect(sent).toBe(MAX_TICKETS);
    stack.messaging.flow.wait(MEDIUM, send);
    stack.isBusy = false;
    world.until(() => placed === count, 5000);
  });

  test('A message that missed its configuration does not keep anybody waiting', () => {
    const stack = world.start(1);
    world.start(2);
    world.form();
    const client = join(stack, 'g');
    const places: (string | undefined)[] = [];
    const { id } = stack.messaging.regular!;
    world.kill(2);
    world.until(() => stack.membership.view.state !== 'operational', 5000);
    const destination = client.session.destination(undefined, MEDIUM, false);
    expect(destination.sendIn(id, Buffer.from('late'), (refusal) => places.push(refusal?.code))).toBe(true);
    send(client, 'next');
    let hasPassed = false;
    client.session.whenPassed(() => {
      hasPassed = true;
    });
    world.form(1);
    world.advance(20);
    expect(places).toEqual(['SA_AIS_ERR_FAILED_OPERATION']);
    expect(client.heard.messages).toEqual(['1 g next']);
    expect(hasPassed).toBe(true);
  });
});
