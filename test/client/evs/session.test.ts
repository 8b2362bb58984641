import { describe, expect, test } from 'vitest';
import type { Configuration, Message } from '../../../src/client/evs/types.js';
import type { EvsSink } from '../../../src/ipc/evs.js';
import { MAX_SESSIONS } from '../../../src/services/evs/limits.js';
import { open } from '../../services/evs/support/sessions.js';
import { during, pass } from '../support/pump.js';
import { bytes, eachWay, fill } from '../support/scene.js';

eachWay((scene) => {
  describe('Sending', () => {
    test('An own message comes back with all that is known of it, in the very configuration object', async () => {
      const { session, events } = await scene().note(['a', 'b']);
      expect(session.send(bytes('hello'))).toBe(true);
      await pass(scene().world, 20);
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
      const { session, events } = await scene().note(['g']);
      const far = await scene().note(['g'], await scene().connect(scene().world.stacks.get(2)!));
      session.send(bytes('1'));
      far.session.send(bytes('2'));
      session.route({ to: ['g'] }).send(bytes('3'));
      await pass(scene().world, 20);
      const lists = events.filter((event) => event.type === 'message').map(({ groups }) => groups);
      expect(lists).toHaveLength(3);
      expect(new Set(lists).size).toBe(1);
    });

    test('A message is own to the session that sent it, and to no other of the connection', async () => {
      const a = await scene().note(['g']);
      const b = await scene().note(['g']);
      a.session.send(bytes('x'));
      await pass(scene().world, 20);
      const own = (events: (Message | Configuration)[]) => events.flatMap((e) => (e.type === 'message' ? [e.own] : []));
      expect([own(a.events), own(b.events)]).toEqual([[true], [false]]);
    });

    test('send() copies: the bytes may change as soon as it returns', async () => {
      const { session, texts } = await scene().note(['g']);
      const data = bytes('before');
      session.send(data);
      session.sendAll([data]);
      data.fill('x');
      await pass(scene().world, 20);
      expect(texts).toEqual(['before', 'before']);
    });

    test('A send that flow control refuses sends nothing, and after drain() it goes', async () => {
      const { session, texts } = await scene().note(['g']);
      fill(session);
      expect(session.send(bytes('refused'))).toBe(false);
      await during(scene().world, session.drain());
      expect(session.send(bytes('taken'))).toBe(true);
      await during(scene().world, session.flush());
      expect(texts).toEqual(['taken']);
    });

    test('sendAll() takes as many as there is room for, and says how many', async () => {
      const { session, texts } = await scene().note(['g']);
      // More than the send queue or the window takes.
      const count = 2000;
      const all = Array.from({ length: count }, (_, i) => bytes(String(i).padEnd(1000)));
      const first = session.sendAll(all);
      expect(first).toBeGreaterThan(0);
      expect(first).toBeLessThan(count);
      let sent = first;
      while (sent < count) {
        await during(scene().world, session.drain());
        sent += session.sendAll(all.slice(sent));
      }
      await during(scene().world, session.flush());
      expect(texts).toEqual(all.map(String));
      expect(session.sendAll([])).toBe(0);
    });

    test('C185: messages of every size up to the largest arrive whole', async () => {
      const big = scene().world.start(3, { submitBytes: 1 << 22 });
      scene().world.form();
      const from = await scene().connect(big);
      const sender = await from.evs.join(['g']);
      const heard: Buffer[] = [];
      const there = await scene().ais.evs.join(['g'], { message: ({ data }) => heard.push(data) });
      expect(from.evs.maxMessageSize).toBeGreaterThanOrEqual(1 << 20);
      const sizes = [0, 1, 99, 1400, 1472, 10_000, 100_098, from.evs.maxMessageSize];
      const sent = sizes.map((size) => Buffer.alloc(size, `${size}.`));
      for (const data of sent) await during(scene().world, sender.mcast(data));
      await during(scene().world, sender.flush());
      await pass(scene().world, 20);
      expect(heard.map(({ length }) => length)).toEqual(sizes);
      expect(heard.every((data, i) => data.equals(sent[i]!))).toBe(true);
      await there.close();
    });
  });

  describe('mcast', () => {
    test('waits for room in the order of the calls, and what is called after it waits too', async () => {
      const { session, texts } = await scene().note(['g', 'h']);
      fill(session);
      const calls = [
        session.mcast(bytes('1')),
        session.mcast(bytes('2'), { priority: 'high' }),
        session.leave(['h']),
        session.mcast(bytes('3'), { to: ['h'] }),
        session.mcast(bytes('4')),
      ];
      expect(session.route({ priority: 'high' }).send(bytes('not before them'))).toBe(false);
      await during(scene().world, Promise.all(calls));
      await during(scene().world, session.flush());
      expect(texts.toSorted()).toEqual(['1', '2', '4']);
      expect(texts.filter((text) => text !== '2')).toEqual(['1', '4']);
    });

    test('one that is aborted while it waits is never sent, and the next goes', async () => {
      const { session, texts } = await scene().note(['g']);
      fill(session);
      const controller = new AbortController();
      const aborted = session.mcast(bytes('aborted'), { signal: controller.signal });
      const late = session.mcast(bytes('late'), { timeout: 1 });
      const next = session.mcast(bytes('next'));
      controller.abort();
      await expect(aborted).rejects.toBe(controller.signal.reason);
      await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'none' });
      await during(scene().world, next);
      await during(scene().world, session.flush());
      expect(texts).toEqual(['next']);
    });

    test("with tryAgain 'throw' a full queue rejects, and nothing was done", async () => {
      const { session, texts } = await scene().note(['g']);
      fill(session);
      const refused = session.mcast(bytes('x'), { tryAgain: 'throw' });
      await expect(refused).rejects.toMatchObject({ code: 'SA_AIS_ERR_TRY_AGAIN', operation: 'evs.mcast' });
      await during(scene().world, session.flush());
      expect(texts).toEqual([]);
    });

    test('with a configuration resolves when it has its place in it', async () => {
      const { session, events } = await scene().note(['g']);
      const { id } = scene().ais.evs.configuration;
      await during(scene().world, session.mcast(bytes('here'), { configuration: id }));
      await pass(scene().world, 20);
      expect(events.at(-1)).toMatchObject({ type: 'message', configuration: { id } });
    });

    test('with a configuration that is over rejects, and the message is delivered nowhere', async () => {
      const { session, texts } = await scene().note(['g']);
      const { id } = scene().ais.evs.configuration;
      scene().world.kill(2);
      scene().world.until(() => scene().stack.membership.view.state !== 'operational', 5000);
      const late = session.mcast(bytes('late'), { configuration: id });
      late.catch(() => {});
      scene().world.form(1);
      await expect(during(scene().world, late)).rejects.toMatchObject({
        code: 'SA_AIS_ERR_FAILED_OPERATION',
        outcome: 'none',
      });
      await expect(session.mcast(bytes('x'), { configuration: id })).rejects.toMatchObject({
        code: 'SA_AIS_ERR_FAILED_OPERATION',
      });
      await during(scene().world, session.flush());
      expect(texts).toEqual([]);
    });

    test('aborted after it has left leaves its outcome to nobody: it rejects with the reason, and may be delivered', async () => {
      const { session } = await scene().note(['g']);
      const controller = new AbortController();
      const options = { configuration: scene().ais.evs.configuration.id, signal: controller.signal };
      const sent = session.mcast(bytes('x'), options);
      controller.abort('stop');
      await expect(sent).rejects.toBe('stop');
      const late = session.mcast(bytes('y'), { configuration: scene().ais.evs.configuration.id, timeout: 0 });
      await expect(late).rejects.toMatchObject({ code: 'SA_AIS_ERR_TIMEOUT', outcome: 'unknown' });
      await pass(scene().world, 20);
    });
  });

  describe('Groups', () => {
    test('A send without a destination goes to what is joined at that moment', async () => {
      const { session, events } = await scene().note(['a']);
      session.send(bytes('1'));
      await session.join(['b', 'a']);
      session.send(bytes('2'));
      await session.leave(['a']);
      session.send(bytes('3'));
      await pass(scene().world, 20);
      const lists = events.flatMap((event) => (event.type === 'message' ? [event.groups] : []));
      expect(lists).toEqual([['a', 'b'], ['b']]);
      await session.leave(['b']);
      expect(session.send(bytes('to nobody'))).toBe(true);
      await during(scene().world, session.flush());
    });

    test('Leaving a group that is not joined is told with its index; those before it are left', async () => {
      const { session, texts } = await scene().note(['a', 'b']);
      await expect(session.leave(['a', 'x', 'b'])).rejects.toMatchObject({
        code: 'SA_AIS_ERR_NOT_EXIST',
        number: 12,
        index: 1,
      });
      session.route({ to: ['a'] }).send(bytes('a'));
      session.route({ to: ['b'] }).send(bytes('b'));
      await during(scene().world, session.flush());
      expect(texts).toEqual(['b']);
    });

    test('C180: 51 groups in one call are too many, and none is joined; 50 are not', async () => {
      const names = Array.from({ length: 51 }, (_, i) => `g${i}`);
      const { session, texts } = await scene().note([]);
      await expect(scene().ais.evs.join(names)).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS', number: 30 });
      await expect(session.join(names)).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS' });
      session.route({ to: ['g0'] }).send(bytes('x'));
      await during(scene().world, session.flush());
      expect(texts).toEqual([]);
      await session.join(names.slice(0, 50));
      session.route({ to: ['g49'] }).send(bytes('y'));
      await during(scene().world, session.flush());
      expect(texts).toEqual(['y']);
    });

    test('All groups that a session has joined have a bound, too', async () => {
      const { session } = await scene().note([]);
      const block = (from: number) => Array.from({ length: 50 }, (_, i) => `g${from + i}`);
      for (let i = 0; i < 1000; i += 50) await session.join(block(i));
      await expect(session.join(block(1000))).rejects.toMatchObject({ code: 'EVS_ERR_TOO_MANY_GROUPS' });
      await session.join(block(950));
    });
  });

  describe('flush', () => {
    test('resolves after the handler has seen all that was accepted before, of every priority', async () => {
      const { session, texts } = await scene().note(['g']);
      for (const priority of ['low', 'high', 'medium'] as const) session.route({ priority }).send(bytes(priority));
      await during(scene().world, session.flush());
      expect(texts.toSorted()).toEqual(['high', 'low', 'medium']);
    });

    test('with nothing sent resolves at once, also with a time-out of 0; else it needs time', async () => {
      const { session } = await scene().note(['g']);
      await session.flush({ timeout: 0 });
      session.send(bytes('x'));
      await expect(session.flush({ timeout: 0 })).rejects.toMatchObject({
        code: 'SA_AIS_ERR_TIMEOUT',
        outcome: 'none',
      });
    });
  });

  describe('The sessions of an executive', () => {
    test('have a bound; beyond it a join is refused, until one is closed', async () => {
      const { stack, ais } = scene();
      const mute: EvsSink = { message: () => true, configuration: () => true, endOfBatch() {}, ended() {} };
      const first = open(stack, mute);
      for (let count = 1; count < MAX_SESSIONS; count++) open(stack, mute);
      expect(open(stack, mute)).toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
      await expect(ais.evs.join(['g'])).rejects.toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
      first.close();
      await ais.evs.join(['g']);
    });
  });

  test('flush() waits for the handler also right after the joining, when what came is still held back from it', async () => {
    const heard: string[] = [];
    const session = await scene().ais.evs.join(['g'], { message: ({ data }) => heard.push(data.toString()) });
    expect(session.send(bytes('x'))).toBe(true);
    await during(scene().world, session.flush());
    expect(heard).toEqual(['x']);
  });
});
