import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Configuration, EvsSession, Message } from '../../src/client/evs/types.js';
import type { OtherService } from '../../src/client/other-service.js';
import type { Ais } from '../../src/client/types.js';
import { ACKNOWLEDGE_STEP, CONNECTION_WINDOW, SESSION_WINDOW } from '../../src/ipc/evs-frames.js';
import type { ExecutiveLink, RequestHandler } from '../../src/ipc/link.js';
import { STALLED_LIMIT_MS } from '../../src/services/evs/connection-session.js';
import { type Stack, World } from '../gmi/support/stacks.js';
import { closeSockets, connectThroughSocket, during, pass } from './support/pump.js';
import { bytes, fill } from './support/scene.js';

let world: World;
let stack: Stack;
let ais: Ais;
beforeEach(async () => {
  world = new World();
  stack = world.start(1);
  world.form();
  ais = await connectThroughSocket(stack);
});
afterEach(async () => {
  vi.useRealTimers();
  await ais[Symbol.asyncDispose]();
  await closeSockets();
  world.close();
});

const watch = (texts: string[]) => ({ message: ({ data }: Message) => texts.push(data.toString().trim()) });

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

describe('An executive that goes away', () => {
  test('ends calls: unknown what became of those that were sent, nothing of those that wait', async () => {
    const session = await ais.evs.join(['g']);
    const { id } = ais.evs.configuration;
    const sent = session.mcast(bytes('x'), { configuration: id });
    sent.catch(() => {});
    await settle();
    fill(session);
    const waiting = session.mcast(bytes('y'));
    waiting.catch(() => {});
    await closeSockets();
    await expect(sent).rejects.toMatchObject({ code: 'SA_AIS_ERR_LIBRARY', outcome: 'unknown' });
    await expect(waiting).rejects.toMatchObject({ code: 'SA_AIS_ERR_LIBRARY', outcome: 'none' });
    expect(await ais.closed).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    expect(await session.closed).toMatchObject({ code: 'SA_AIS_ERR_LIBRARY' });
    expect(() => session.send(bytes('z'))).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_BAD_HANDLE' }));
  });
});

describe('Late completion', () => {
  test('A join that was given up is closed again when it is answered', async () => {
    const controller = new AbortController();
    const opens = vi.spyOn(stack.evs, 'close');
    const joined = ais.evs.join(['g'], { signal: controller.signal });
    controller.abort('enough');
    await expect(joined).rejects.toBe('enough');
    await settle();
    expect(opens).toHaveBeenCalledTimes(1);
  });

  test('A join with a time-out of 0 succeeds where nothing has to wait, and fails where it has to', async () => {
    const session = await ais.evs.join(['g'], { timeout: 0 });
    await session.join(['h'], { timeout: 0 });
    const flood = session.route({ to: ['nobody'] });
    while (flood.send(Buffer.alloc(1000)));
    await expect(session.join(['i'], { timeout: 0 })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT' });
    await settle();
    await expect(session.join(['i'], { tryAgain: 'throw' })).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN' });
    await during(world, session.flush());
    await session.join(['i'], { tryAgain: 'throw' });
  });

  test('A flush that is given up is forgotten there', async () => {
    const session = await ais.evs.join(['g']);
    session.send(bytes('x'));
    const controller = new AbortController();
    const flushed = session.flush({ signal: controller.signal });
    await settle();
    controller.abort('enough');
    await expect(flushed).rejects.toBe('enough');
    await during(world, session.flush());
  });
});

describe('A session that holds all that it may', () => {
  async function flood(session: EvsSession, count: number, size: number): Promise<void> {
    for (let i = 0; i < count; i++) await during(world, session.mcast(bytes(String(i).padEnd(size))));
  }

  test('stops the executive at its window, and gets everything in order when it goes on', async () => {
    const stream = await ais.evs.join(['g'], { queueBytes: 1000 });
    const others: string[] = [];
    const other = await connectThroughSocket(stack);
    const sender = await other.evs.join(['g'], watch(others));
    const size = 16 << 10;
    const count = (2 * SESSION_WINDOW) / size;
    await flood(sender, count, size);
    await pass(world, 200);
    expect(others.length).toBeLessThan(count);
    expect(others.length).toBeGreaterThanOrEqual(Math.floor(SESSION_WINDOW / (size + 100)));
    const taken: string[] = [];
    const taking = (async () => {
      for await (const event of stream) {
        if (event.type === 'message') taken.push(event.data.toString().trim());
        if (taken.length === count) return;
      }
    })();
    await during(world, taking);
    await pass(world, 50);
    expect(taken).toEqual(Array.from({ length: count }, (_, i) => String(i)));
    expect(others).toEqual(taken);
  });

  test('and does not go on is ended by the executive, and the others get the rest', async () => {
    const stream = await ais.evs.join(['g'], { queueBytes: Number.POSITIVE_INFINITY });
    const other = await connectThroughSocket(stack);
    const others: string[] = [];
    const sender = await other.evs.join(['g'], watch(others));
    // The client does not read.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const acknowledged = vi.spyOn(stack.evs, 'resume').mockImplementation(() => {});
    const { EvsConnection } = await import('../../src/services/evs/connection.js');
    const deaf = vi.spyOn(EvsConnection.prototype, 'acknowledged').mockImplementation(() => {});
    await flood(sender, 80, 16 << 10);
    await stream.mcast(bytes('accepted'));
    const flushed = expect(stream.flush()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    await pass(world, 100);
    deaf.mockRestore();
    acknowledged.mockRestore();
    const reasons: unknown[] = [];
    void stream.closed.then((reason) => reasons.push(reason));
    vi.advanceTimersByTime(STALLED_LIMIT_MS - 1);
    await settle();
    expect(reasons).toEqual([]);
    vi.advanceTimersByTime(1);
    await settle();
    expect(reasons).toMatchObject([{ code: 'SA_AIS_ERR_NO_RESOURCES' }]);
    await flushed;
    vi.useRealTimers();
    await pass(world, 200);
    expect(others.length).toBeGreaterThan(0);
  });

  test('and is closed lets the executive go on at once', async () => {
    const stream = await ais.evs.join(['g'], { queueBytes: 1000 });
    const texts: string[] = [];
    const sender = await ais.evs.join(['g'], watch(texts));
    const size = 16 << 10;
    await flood(sender, 100, size);
    await pass(world, 100);
    expect(texts.length).toBeLessThan(100);
    await stream.close();
    await during(world, sender.flush());
    expect(texts).toHaveLength(100);
  });
});

test('As many sessions as fill the window of the connection together go on, though none has much to acknowledge', async () => {
  const sessions: EvsSession[] = [];
  const heard = Array.from({ length: (1.25 * CONNECTION_WINDOW) / ACKNOWLEDGE_STEP }, () => 0);
  for (const i of heard.keys()) {
    const message = () => {
      heard[i]!++;
    };
    sessions.push(await during(world, ais.evs.join(['g'], { message })));
  }
  const total = Math.ceil(ACKNOWLEDGE_STEP / 1024) + 10;
  for (let i = 0; i < total; i++) await during(world, sessions[0]!.mcast(Buffer.alloc(1024)));
  await pass(world, 50);
  expect(new Set(heard)).toEqual(new Set([total]));
});

test('More destinations than have numbers are all reached', async () => {
  const texts: string[] = [];
  const session = await ais.evs.join(['odd', 'even'], watch(texts));
  for (let i = 0; i < 1500; i++) {
    const to = [`unused ${i}`, i % 2 === 0 ? 'even' : 'odd'];
    await during(world, session.mcast(bytes(String(i)), { to }));
  }
  await during(world, session.mcast(bytes('again'), { to: ['unused 0', 'even'] }));
  await during(world, session.flush());
  expect(texts).toEqual([...Array.from({ length: 1500 }, (_, i) => String(i)), 'again']);
}, 30_000);

test('What a client has open is closed with it', async () => {
  const other = await connectThroughSocket(stack);
  const sessions = await Promise.all([other.evs.join(['a']), other.evs.join(['b'])]);
  const closed = vi.spyOn(stack.evs, 'close');
  sessions[0]!.send(bytes('x'));
  await other.close();
  await settle();
  // Two sessions, and the one that tells the connection of configurations.
  expect(closed).toHaveBeenCalledTimes(3);
});

test('Configurations are told to a connection without a session', async () => {
  const before = ais.evs.configuration;
  world.start(2);
  world.form();
  await settle();
  expect(ais.evs.configuration).not.toBe(before);
  expect(ais.evs.configuration).toMatchObject({ members: [1, 2], joined: [2] } satisfies Partial<Configuration>);
});

describe('A service of a third party', () => {
  const answering = (link: ExecutiveLink): RequestHandler => ({
    request(service, fn, tag, _flags, body) {
      link.takenUp(body.length);
      if (fn === 9) link.answer(tag, { code: 'SA_AIS_ERR_EXIST', what: 'there' });
      if (fn === 1) link.answer(tag, { code: 'SA_AIS_OK', body: Buffer.from(`${service} ${body}`) });
      link.event(service, 3, fn, body);
    },
    cancel() {},
    closed() {},
  });

  test('is reached by its name, with calls and events of bytes', async () => {
    const other = await connectThroughSocket(stack, {}, answering);
    const third = other.service<OtherService>('third');
    expect(other.service('third')).toBe(third);
    const heard: string[] = [];
    const stop = third.listen(3, (fn, body) => heard.push(`${fn} ${body}`));
    expect((await third.call(1, bytes('x'))).toString()).toBe('64 x');
    await expect(third.call(9, bytes('y'))).rejects.toMatchObject({
      code: 'SA_AIS_ERR_EXIST',
      operation: 'third.call',
    });
    stop();
    const lost = third.call(2, bytes('z'), { hasEffect: false });
    lost.catch(() => {});
    await settle();
    expect(heard).toEqual(['1 x', '9 y']);
    await other.close();
    await expect(lost).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE', outcome: 'none' });
    await expect(third.call(1, bytes('x'))).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
  });

  test('that is not there, or is built in, does not exist', async () => {
    for (const id of ['evs', 'nothing']) {
      expect(() => ais.service(id)).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_NOT_EXIST' }));
    }
  });

  test('refuses wrong arguments', async () => {
    const other = await connectThroughSocket(stack, {}, answering);
    const third = other.service<OtherService>('third');
    const any = (value: unknown) => value as never;
    const invalid = { code: 'SA_AIS_ERR_INVALID_PARAM' };
    for (const call of [
      () => third.call(-1, bytes('x')),
      () => third.call(70_000, bytes('x')),
      () => third.call(1, any('x')),
      () => third.call(1, Buffer.alloc((1 << 20) + 1)),
      () => third.call(1, bytes('x'), any({ hasEffect: 1 })),
    ]) {
      await expect(call()).rejects.toMatchObject(invalid);
    }
    expect(() => third.listen(1, any('x'))).toThrow(expect.objectContaining(invalid));
    expect(() => third.listen(1.5, () => {})).toThrow(expect.objectContaining(invalid));
    await other.close();
  });
});
