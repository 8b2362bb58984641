import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Configuration, EvsSession, Message } from '../../../src/client/evs/types.js';
import type { Ais } from '../../../src/client/types.js';
import { type Stack, World } from '../../gmi/support/stacks.js';
import { connect, during, pass } from '../support/pump.js';

let world: World;
let stack: Stack;
let ais: Ais;
beforeEach(() => {
  world = new World();
  stack = world.start(1, { submitBytes: 1 << 12 });
  world.start(2);
  world.form();
  ais = connect(stack);
});
afterEach(async () => {
  await ais[Symbol.asyncDispose]();
  world.close();
});

const bytes = (text: string) => Buffer.from(text);

/** A session that notes what it is given. */
async function note(
  groups: string[],
  from: Ais = ais,
): Promise<{ session: EvsSession; texts: string[]; events: (Message | Configuration)[] }> {
  const texts: string[] = [];
  const events: (Message | Configuration)[] = [];
  const session = await from.evs.join(groups, {
    message(message) {
      texts.push(message.data.toString());
      events.push(message);
    },
    configuration: (configuration) => events.push(configuration),
  });
  await turn();
  return { session, texts, events };
}

/** Fills the send queue of a priority. */
function fill(session: EvsSession, priority: 'high' | 'medium' | 'low' = 'medium'): number {
  const route = session.route({ to: ['nobody'], priority });
  let count = 0;
  while (route.send(bytes('filler'))) count++;
  return count;
}

describe('Sending', () => {
  test('An own message comes back with all that is known of it, in the very configuration object', async () => {
    const { session, events } = await note(['a', 'b']);
    expect(session.send(bytes('hello'))).toBe(true);
    await pass(world, 20);
    const [configuration, message] = events as [Configuration, Message];
    expect(configuration).toMatchObject({ kind: 'regular', members: [1, 2], joined: [1, 2], left: [] });
    expect(message).toEqual({
      type: 'message',
      groups: ['a', 'b'],
      sender: 1,
      session: session.id,
      own: true,
      priority: 'medium',
      guarantee: 'agreed',
      configuration,
      data: bytes('hello'),
    });
    expect(message.configuration).toBe(configuration);
  });

  test('The same list of groups is the same array, also from another sender', async () => {
    const { session, events } = await note(['g']);
    const far = await note(['g'], connect(world.stacks.get(2)!));
    session.send(bytes('1'));
    far.session.send(bytes('2'));
    session.route({ to: ['g'] }).send(bytes('3'));
    await pass(world, 20);
    const lists = events.filter((event) => event.type === 'message').map(({ groups }) => groups);
    expect(lists).toHaveLength(3);
    expect(new Set(lists).size).toBe(1);
  });

  test('A message is own to the session that sent it, and to no other of the connection', async () => {
    const a = await note(['g']);
    const b = await note(['g']);
    a.session.send(bytes('x'));
    await pass(world, 20);
    const own = (events: (Message | Configuration)[]) => events.flatMap((e) => (e.type === 'message' ? [e.own] : []));
    expect([own(a.events), own(b.events)]).toEqual([[true], [false]]);
  });

  test('send() copies: the bytes may change as soon as it returns', async () => {
    const { session, texts } = await note(['g']);
    const data = bytes('before');
    session.send(data);
    session.sendAll([data]);
    data.fill('x');
    await pass(world, 20);
    expect(texts).toEqual(['before', 'before']);
  });

  test('A send that flow control refuses sends nothing, and after drain() it goes', async () => {
    const { session, texts } = await note(['g']);
    fill(session);
    expect(session.send(bytes('refused'))).toBe(false);
    await during(world, session.drain());
    expect(session.send(bytes('taken'))).toBe(true);
    await during(world, session.flush());
    expect(texts).toEqual(['taken']);
  });

  test('sendAll() takes as many as there is room for, and says how many', async () => {
    const { session, texts } = await note(['g']);
    const all = Array.from({ length: 500 }, (_, i) => bytes(String(i)));
    const first = session.sendAll(all);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(500);
    let sent = first;
    while (sent < 500) {
      await during(world, session.drain());
      sent += session.sendAll(all.slice(sent));
    }
    await during(world, session.flush());
    expect(texts).toEqual(all.map(String));
    expect(session.sendAll([])).toBe(0);
  });

  test('A full queue of one priority does not stop the others', async () => {
    const { session } = await note(['g']);
    fill(session, 'low');
    expect(session.route({ priority: 'low' }).send(bytes('x'))).toBe(false);
    expect(session.route({ priority: 'high' }).send(bytes('x'))).toBe(true);
    expect(session.send(bytes('x'))).toBe(true);
  });

  test('C185: messages of every size up to the largest arrive whole', async () => {
    const big = world.start(3, { submitBytes: 1 << 22 });
    world.form();
    const from = connect(big);
    const sender = await from.evs.join(['g']);
    const heard: Buffer[] = [];
    const there = await ais.evs.join(['g'], { message: ({ data }) => heard.push(data) });
    expect(sender.maxMessageSize ?? from.evs.maxMessageSize).toBeGreaterThanOrEqual(1 << 20);
    const sizes = [0, 1, 99, 1400, 1472, 10_000, 100_098, from.evs.maxMessageSize];
    const sent = sizes.map((size) => Buffer.alloc(size, `${size}.`));
    for (const data of sent) await during(world, sender.mcast(data));
    await during(world, sender.flush());
    await pass(world, 20);
    expect(heard.map(({ length }) => length)).toEqual(sizes);
    expect(heard.every((data, i) => data.equals(sent[i]!))).toBe(true);
    await there.close();
  });
});

describe('mcast', () => {
  test('waits for room in the order of the calls, and what is called after it waits too', async () => {
    const { session, texts } = await note(['g', 'h']);
    fill(session);
    const calls = [
      session.mcast(bytes('1')),
      session.mcast(bytes('2'), { priority: 'high' }),
      session.leave(['h']),
      session.mcast(bytes('3'), { to: ['h'] }),
      session.mcast(bytes('4')),
    ];
    expect(session.route({ priority: 'high' }).send(bytes('not before them'))).toBe(false);
    await during(world, Promise.all(calls));
    await during(world, session.flush());
    expect(texts.toSorted()).toEqual(['1', '2', '4']);
    expect(texts.filter((text) => text !== '2')).toEqual(['1', '4']);
  });

  test('one that is aborted while it waits is never sent, and the next goes', async () => {
    const { session, texts } = await note(['g']);
    fill(session);
    const controller = new AbortController();
    const aborted = session.mcast(bytes('aborted'), { signal: controller.signal });
    const late = session.mcast(bytes('late'), { timeout: 1 });
    const next = session.mcast(bytes('next'));
    controller.abort();
    await expect(aborted).rejects.toBe(controller.signal.reason);
    await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'none' });
    await during(world, next);
    await during(world, session.flush());
    expect(texts).toEqual(['next']);
  });

  test("with tryAgain 'throw' a full queue rejects, and nothing was done", async () => {
    const { session, texts } = await note(['g']);
    fill(session);
    const refused = session.mcast(bytes('x'), { tryAgain: 'throw' });
    await expect(refused).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN', operation: 'evs.mcast' });
    await during(world, session.flush());
    expect(texts).toEqual([]);
  });

  test('with a configuration resolves when it has its place in it', async () => {
    const { session, events } = await note(['g']);
    const { id } = ais.evs.configuration;
    await during(world, session.mcast(bytes('here'), { configuration: id }));
    await pass(world, 20);
    expect(events.at(-1)).toMatchObject({ type: 'message', configuration: { id } });
  });

  test('with a configuration that is over rejects, and the message is delivered nowhere', async () => {
    const { session, texts } = await note(['g']);
    const { id } = ais.evs.configuration;
    world.kill(2);
    world.until(() => stack.membership.view.state !== 'operational', 5000);
    const late = session.mcast(bytes('late'), { configuration: id });
    late.catch(() => {});
    world.form(1);
    await expect(during(world, late)).rejects.toMatchObject({ code: 'SA_AIS_ERR_FAILED_OPERATION', outcome: 'none' });
    await expect(session.mcast(bytes('x'), { configuration: id })).rejects.toMatchObject({
      code: 'SA_AIS_ERR_FAILED_OPERATION',
    });
    await during(world, session.flush());
    expect(texts).toEqual([]);
  });

  test('aborted after it has left leaves its outcome to nobody: it rejects with the reason, and may be delivered', async () => {
    const { session } = await note(['g']);
    const controller = new AbortController();
    const options = { configuration: ais.evs.configuration.id, signal: controller.signal };
    const sent = session.mcast(bytes('x'), options);
    controller.abort('stop');
    await expect(sent).rejects.toBe('stop');
    const late = session.mcast(bytes('y'), { configuration: ais.evs.configuration.id, timeout: 0 });
    await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'unknown' });
    await pass(world, 20);
  });
});

describe('Groups', () => {
  test('A send without a destination goes to what is joined at that moment', async () => {
    const { session, events } = await note(['a']);
    session.send(bytes('1'));
    await session.join(['b', 'a']);
    session.send(bytes('2'));
    await session.leave(['a']);
    session.send(bytes('3'));
    await pass(world, 20);
    const lists = events.flatMap((event) => (event.type === 'message' ? [event.groups] : []));
    expect(lists).toEqual([['a', 'b'], ['b']]);
    await session.leave(['b']);
    expect(session.send(bytes('to nobody'))).toBe(true);
    await during(world, session.flush());
  });

  test('Leaving a group that is not joined is told with its index; those before it are left', async () => {
    const { session, texts } = await note(['a', 'b']);
    await expect(session.leave(['a', 'x', 'b'])).rejects.toMatchObject({
      code: 'SA_AIS_ERR_NOT_EXIST',
      number: 12,
      index: 1,
    });
    session.route({ to: ['a'] }).send(bytes('a'));
    session.route({ to: ['b'] }).send(bytes('b'));
    await during(world, session.flush());
    expect(texts).toEqual(['b']);
  });

  test('C180: 51 groups in one call are too many, and none is joined; 50 are not', async () => {
    const names = Array.from({ length: 51 }, (_, i) => `g${i}`);
    const { session, texts } = await note([]);
    await expect(ais.evs.join(names)).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS', number: 30 });
    await expect(session.join(names)).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS' });
    session.route({ to: ['g0'] }).send(bytes('x'));
    await during(world, session.flush());
    expect(texts).toEqual([]);
    await session.join(names.slice(0, 50));
    session.route({ to: ['g49'] }).send(bytes('y'));
    await during(world, session.flush());
    expect(texts).toEqual(['y']);
  });

  test('All groups that a session has joined have a bound, too', async () => {
    const { session } = await note([]);
    const block = (from: number) => Array.from({ length: 50 }, (_, i) => `g${from + i}`);
    for (let i = 0; i < 1000; i += 50) await session.join(block(i));
    await expect(session.join(block(1000))).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS' });
    await session.join(block(950));
  });
});

describe('flush', () => {
  test('resolves after the handler has seen all that was accepted before, of every priority', async () => {
    const { session, texts } = await note(['g']);
    for (const priority of ['low', 'high', 'medium'] as const) session.route({ priority }).send(bytes(priority));
    await during(world, session.flush());
    expect(texts.toSorted()).toEqual(['high', 'low', 'medium']);
  });

  test('with nothing sent resolves at once, also with a time-out of 0; else it needs time', async () => {
    const { session } = await note(['g']);
    await session.flush({ timeout: 0 });
    session.send(bytes('x'));
    await expect(session.flush({ timeout: 0 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'none' });
  });
});

describe('The end', () => {
  test('C182: after close() every call fails with BAD_HANDLE, a second close() too', async () => {
    const { session } = await note(['g']);
    const route = session.route({});
    await session.close();
    const bad = { code: 'SA_AIS_ERR_BAD_HANDLE', number: 9 };
    for (const call of [
      () => session.close(),
      () => session.mcast(bytes('x')),
      () => session.flush(),
      () => session.join(['a']),
      () => session.leave(['a']),
      () => session.drain(),
      () => route.drain(),
    ]) {
      await expect(call()).rejects.toMatchObject(bad);
    }
    for (const call of [
      () => session.send(bytes('x')),
      () => session.sendAll([bytes('x')]),
      () => session.route({}),
      () => route.send(bytes('x')),
    ]) {
      expect(call).toThrow(expect.objectContaining(bad));
    }
    expect(await session.closed).toBeUndefined();
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
  });

  test('After close() no handler runs, and pending calls reject', async () => {
    const { session, texts } = await note(['g']);
    session.send(bytes('under way'));
    fill(session);
    const waiting = session.mcast(bytes('never'));
    const flushing = session.flush();
    waiting.catch(() => {});
    flushing.catch(() => {});
    await session.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE', outcome: 'none' });
    await expect(flushing).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await pass(world, 50);
    expect(texts).toEqual([]);
  });

  test('A handler may close its own session: it is not called again', async () => {
    let calls = 0;
    const session = await ais.evs.join(['g'], {
      message() {
        calls++;
        void session.close();
      },
    });
    session.sendAll([bytes('1'), bytes('2'), bytes('3')]);
    await pass(world, 20);
    expect(calls).toBe(1);
  });

  test('The end of the connection ends its sessions, and what they wait for', async () => {
    const { session } = await note(['g']);
    fill(session);
    const waiting = session.mcast(bytes('x'));
    waiting.catch(() => {});
    await ais.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(await session.closed).toBeUndefined();
    expect(() => session.send(bytes('x'))).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_BAD_HANDLE' }));
    await expect(ais.evs.join([])).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await expect(ais.close()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(await ais.closed).toBeUndefined();
    await ais[Symbol.asyncDispose]();
  });
});

describe('Misuse', () => {
  const invalid = { code: 'SA_AIS_ERR_INVALID_PARAM', number: 7, outcome: 'none' };

  test('Wrong arguments of promises reject with INVALID_PARAM, and nothing is done', async () => {
    const { session } = await note(['g']);
    const any = (value: unknown) => value as never;
    const calls: (() => Promise<unknown>)[] = [
      () => ais.evs.join(any('g')),
      () => ais.evs.join(any(undefined)),
      () => ais.evs.join(['']),
      () => ais.evs.join([any(5)]),
      () => ais.evs.join(['\ud800']),
      () => ais.evs.join(['g'], any(5)),
      () => ais.evs.join(['g'], any({ message: 5 })),
      () => ais.evs.join(['g'], any({ batch: 5 })),
      () => ais.evs.join(['g'], any({ configuration: () => {} })),
      () => ais.evs.join(['g'], { queueBytes: 0 }),
      () => ais.evs.join(['g'], { queueBytes: any('1') }),
      () => ais.evs.join(['g'], { borrow: any(1) }),
      () => ais.evs.join(['g'], { timeout: -1 }),
      () => ais.evs.join(['g'], { timeout: Number.NaN }),
      () => ais.evs.join(['g'], { tryAgain: any('maybe') }),
      () => ais.evs.join(['g'], { signal: any({}) }),
      () => session.mcast(any('text')),
      () => session.mcast(any(undefined)),
      () => session.mcast(any(new Uint16Array(2))),
      () => session.mcast(Buffer.alloc(ais.evs.maxMessageSize + 1)),
      () => session.mcast(bytes('x'), { priority: any('urgent') }),
      () => session.mcast(bytes('x'), { guarantee: any('maybe') }),
      () => session.mcast(bytes('x'), { configuration: any(5) }),
      () => session.mcast(bytes('x'), { to: any('g') }),
      () => session.mcast(bytes('x'), any(5)),
      () => session.flush(any(5)),
      () => session.leave(any('g')),
      () => session.drain({ timeout: any('1') }),
    ];
    for (const call of calls) {
      await expect(call(), String(call)).rejects.toMatchObject(invalid);
    }
    await during(world, session.flush());
  });

  test('Wrong arguments of the other functions throw INVALID_PARAM', async () => {
    const { session } = await note(['g']);
    const any = (value: unknown) => value as never;
    for (const call of [
      () => session.send(any('text')),
      () => session.send(any(null)),
      () => session.send(Buffer.alloc(ais.evs.maxMessageSize + 1)),
      () => session.sendAll(any(bytes('x'))),
      () => session.route(any(undefined)),
      () => session.route({ to: [any(1)] }),
    ]) {
      expect(call, String(call)).toThrow(expect.objectContaining(invalid));
    }
    expect(() => session.sendAll([bytes('x'), any('y')])).toThrow(expect.objectContaining({ ...invalid, index: 1 }));
  });

  test('A name of 255 bytes is one, a name of 256 is too long, counted in UTF-8', async () => {
    const { session } = await note([]);
    await session.join(['x'.repeat(255), 'é'.repeat(127)]);
    const tooLong = { code: 'SA_AIS_ERR_NAME_TOO_LONG', number: 13, index: 0 };
    await expect(session.join(['x'.repeat(256)])).rejects.toMatchObject(tooLong);
    await expect(session.join(['é'.repeat(128)])).rejects.toMatchObject(tooLong);
  });

  test('Bytes and signals of another realm are as good as those of this one', async () => {
    const { session, texts } = await note(['g']);
    const foreign = runInNewContext('({ data: new Uint8Array([65, 66]), text: new String("AB") })');
    expect(foreign.data instanceof Uint8Array).toBe(false);
    const signal = { aborted: false, addEventListener: () => {} } as never;
    await session.mcast(foreign.data, { signal });
    expect(() => session.send(foreign.text)).toThrow(expect.objectContaining(invalid));
    await during(world, session.flush());
    expect(texts).toEqual(['AB']);
  });

  test('A list of groups may be changed by the caller after the call', async () => {
    const { session, texts } = await note(['g']);
    const to = ['g'];
    const route = session.route({ to });
    to[0] = 'elsewhere';
    route.send(bytes('x'));
    await during(world, session.flush());
    expect(texts).toEqual(['x']);
  });
});

describe('Handlers', () => {
  test('What a handler throws is an uncaught exception, and delivery goes on', async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const texts: string[] = [];
      const session = await ais.evs.join(['g'], {
        message({ data }) {
          texts.push(data.toString());
          throw new Error(`on ${data}`);
        },
      });
      session.sendAll([bytes('1'), bytes('2')]);
      await pass(world, 20);
      expect(texts).toEqual(['1', '2']);
      expect(uncaught.map(String)).toEqual(['Error: on 1', 'Error: on 2']);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  test('No handler runs before the promise of join() has settled, nor within a call', async () => {
    const order: string[] = [];
    const session = await ais.evs.join(['g'], {
      configuration: () => order.push('configuration'),
      message: () => order.push('message'),
    });
    order.push('joined');
    await Promise.resolve();
    session.send(bytes('x'));
    order.push('sent');
    await pass(world, 20);
    expect(order).toEqual(['joined', 'sent', 'configuration', 'message']);
  });

  test('What comes before the first turn of a new session is kept for it, and no other session gets ahead', async () => {
    const { session, texts } = await note(['g']);
    const late: string[] = [];
    const handlers = { message: ({ data }: Message) => late.push(data.toString()) };
    const second = await ais.evs.join(['g'], handlers, { borrow: true });
    session.sendAll(['1', '2', '3'].map(bytes));
    world.advance(20);
    expect(late).toEqual([]);
    expect(texts).toEqual(['1']);
    await pass(world, 20);
    expect(late).toEqual(['1', '2', '3']);
    await second.close();
  });

  test('A session that is opened in a handler gets all that comes after', async () => {
    const texts: string[] = [];
    let opened: Promise<EvsSession> | undefined;
    const session = await ais.evs.join(['g'], {
      message() {
        opened ??= ais.evs.join(['g'], { message: ({ data }) => texts.push(data.toString()) });
      },
    });
    session.sendAll(['1', '2', '3'].map(bytes));
    await pass(world, 20);
    expect(texts).toEqual(['2', '3']);
    await opened;
  });

  test('A batch handler gets all that came together in one call, in order', async () => {
    const batches: string[][] = [];
    const session = await ais.evs.join(['g'], {
      batch: (events) => batches.push(events.map((e) => (e.type === 'message' ? e.data.toString() : e.kind))),
    });
    await turn();
    session.sendAll(['a', 'b', 'c'].map(bytes));
    await pass(world, 20);
    expect(batches[0]).toEqual(['regular']);
    expect(batches.slice(1).flat()).toEqual(['a', 'b', 'c']);
    expect(batches.every((batch) => batch.length > 0)).toBe(true);
  });

  test('What is borrowed is good until the handler returns, and only until then', async () => {
    const kept: Buffer[] = [];
    const texts: string[] = [];
    const handlers = {
      message({ data }: Message) {
        kept.push(data);
        texts.push(data.toString());
      },
    };
    const session = await ais.evs.join(['g'], handlers, { borrow: true });
    await turn();
    session.send(bytes('borrowed'));
    await pass(world, 20);
    expect(texts).toEqual(['borrowed']);
    expect(kept[0]!.toString()).not.toBe('borrowed');
  });

  test('What is not borrowed belongs to the receiver alone', async () => {
    const { session, events } = await note(['g']);
    const other = await note(['g']);
    session.send(bytes('mine'));
    await pass(world, 20);
    const data = (from: typeof events) => from.flatMap((event) => (event.type === 'message' ? [event.data] : []))[0]!;
    data(events).fill('x');
    expect(data(other.events).toString()).toBe('mine');
  });
});

describe('Configurations', () => {
  test('One object is for all messages of a configuration, and it is the one that was given', async () => {
    const { session, events } = await note(['g']);
    session.sendAll(['1', '2'].map(bytes));
    await pass(world, 20);
    world.kill(2);
    world.form(1);
    session.sendAll(['3', '4'].map(bytes));
    await pass(world, 20);
    const summary = events.map((event) => (event.type === 'message' ? event.data.toString() : event.kind));
    expect(summary).toEqual(['regular', '1', '2', 'transitional', 'regular', '3', '4']);
    let current: Configuration | undefined;
    for (const event of events) {
      if (event.type === 'configuration') current = event;
      else expect(event.configuration).toBe(current);
    }
    expect(events[3]).toMatchObject({ members: [1], joined: [], left: [2] });
    expect(events[4]).toMatchObject({ members: [1], joined: [], left: [2] });
    expect(ais.evs.configuration).toBe(events[4]);
  });
});

test('Sessions of one connection see one total order', async () => {
  const order: string[] = [];
  const join = (name: string) => ais.evs.join(['g'], { message: ({ data }) => order.push(`${name}${data}`) });
  const [a, b] = [await join('a'), await join('b')];
  a.send(bytes('1'));
  b.send(bytes('2'));
  await pass(world, 20);
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2']);
});
