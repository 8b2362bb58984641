import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Configuration, EvsSession, Message } from '../../../src/client/evs/types.js';
import { pass } from '../support/pump.js';
import { bytes, eachWay } from '../support/scene.js';

eachWay((scene, way) => {
  describe('Handlers', () => {
    test('What a handler throws is an uncaught exception, and delivery goes on', async () => {
      const uncaught: unknown[] = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => uncaught.push(error));
      try {
        const texts: string[] = [];
        const session = await scene().ais.evs.join(['g'], {
          message({ data }) {
            texts.push(data.toString());
            throw new Error(`on ${data}`);
          },
        });
        session.sendAll([bytes('1'), bytes('2')]);
        await pass(scene().world, 20);
        expect(texts).toEqual(['1', '2']);
        expect(uncaught.map(String)).toEqual(['Error: on 1', 'Error: on 2']);
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const listener of listeners) process.on('uncaughtException', listener);
      }
    });

    test('No handler runs before the promise of join() has settled, nor within a call', async () => {
      const order: string[] = [];
      const session = await scene().ais.evs.join(['g'], {
        configuration: () => order.push('configuration'),
        message: () => order.push('message'),
      });
      order.push('joined');
      await Promise.resolve();
      session.send(bytes('x'));
      order.push('sent');
      await pass(scene().world, 20);
      expect(order).toEqual(['joined', 'sent', 'configuration', 'message']);
    });

    test('What comes before the first turn of a new session is kept for it, and no other session gets ahead', async () => {
      const { session, texts } = await scene().note(['g']);
      const late: string[] = [];
      const handlers = { message: ({ data }: Message) => late.push(data.toString()) };
      const second = await scene().ais.evs.join(['g'], handlers, { borrow: true });
      session.sendAll(['1', '2', '3'].map(bytes));
      scene().world.advance(20);
      expect(late).toEqual([]);
      if (way === 'in process') expect(texts).toEqual(['1']);
      await pass(scene().world, 20);
      expect(late).toEqual(['1', '2', '3']);
      await second.close();
    });

    // Through a socket a session begins when the executive has heard of it.
    test.runIf(way === 'in process')('A session that is opened in a handler gets all that comes after', async () => {
      const texts: string[] = [];
      let opened: Promise<EvsSession> | undefined;
      const session = await scene().ais.evs.join(['g'], {
        message() {
          opened ??= scene().ais.evs.join(['g'], { message: ({ data }) => texts.push(data.toString()) });
        },
      });
      session.sendAll(['1', '2', '3'].map(bytes));
      await pass(scene().world, 20);
      expect(texts).toEqual(['2', '3']);
      await opened;
    });

    test('A batch handler gets all that came together in one call, in order', async () => {
      const batches: string[][] = [];
      const session = await scene().ais.evs.join(['g'], {
        batch: (events) => batches.push(events.map((e) => (e.type === 'message' ? e.data.toString() : e.kind))),
      });
      await turn();
      session.sendAll(['a', 'b', 'c'].map(bytes));
      await pass(scene().world, 20);
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
      const session = await scene().ais.evs.join(['g'], handlers, { borrow: true });
      await turn();
      session.send(bytes('borrowed'));
      await pass(scene().world, 20);
      expect(texts).toEqual(['borrowed']);
      // Beyond the socket it is overwritten only when the memory is needed.
      if (way === 'in process') expect(kept[0]!.toString()).not.toBe('borrowed');
    });

    test('What is not borrowed belongs to the receiver alone', async () => {
      const { session, events } = await scene().note(['g']);
      const other = await scene().note(['g']);
      session.send(bytes('mine'));
      await pass(scene().world, 20);
      const data = (from: typeof events) => from.flatMap((event) => (event.type === 'message' ? [event.data] : []))[0]!;
      data(events).fill('x');
      expect(data(other.events).toString()).toBe('mine');
    });
  });

  describe('Configurations', () => {
    test('One object is for all messages of a configuration, and it is the one that was given', async () => {
      const { session, events } = await scene().note(['g']);
      session.sendAll(['1', '2'].map(bytes));
      await pass(scene().world, 20);
      scene().world.kill(2);
      scene().world.form(1);
      session.sendAll(['3', '4'].map(bytes));
      await pass(scene().world, 20);
      const summary = events.map((event) => (event.type === 'message' ? event.data.toString() : event.kind));
      expect(summary).toEqual(['regular', '1', '2', 'transitional', 'regular', '3', '4']);
      let current: Configuration | undefined;
      for (const event of events) {
        if (event.type === 'configuration') current = event;
        else expect(event.configuration).toBe(current);
      }
      expect(events[3]).toMatchObject({ members: [1], joined: [], left: [2] });
      expect(events[4]).toMatchObject({ members: [1], joined: [], left: [2] });
      expect(scene().ais.evs.configuration).toBe(events[4]);
    });
  });

  test('Sessions of one connection see one total order', async () => {
    const order: string[] = [];
    const join = (name: string) => scene().ais.evs.join(['g'], { message: ({ data }) => order.push(`${name}${data}`) });
    const [a, b] = [await join('a'), await join('b')];
    a.send(bytes('1'));
    b.send(bytes('2'));
    await pass(scene().world, 20);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2']);
  });
});
