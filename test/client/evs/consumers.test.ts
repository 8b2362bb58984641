import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Configuration, Message } from '../../../src/client/evs/types.js';
import { pass } from '../support/pump.js';
import { bytes, eachWay } from '../support/scene.js';

eachWay((scene) => {
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

    test('A new session is called when it is there, gets all from then on, and no other session gets ahead', async () => {
      const { ais, world } = scene();
      const heard: string[] = [];
      const noting = (who: string) => ({ message: ({ data }: Message) => heard.push(`${who} ${data}`) });
      const first = await ais.evs.join(['g'], noting('a'));
      const joined = ais.evs.join(['g'], noting('b'), { borrow: true }).then(() => heard.push('joined'));
      const count = 30;
      for (let i = 0; i < count; i++) {
        first.send(bytes(String(i)));
        world.advance(1);
        await turn();
      }
      await joined;
      await pass(world, 20);
      const start = heard.findIndex((line) => line.startsWith('b'));
      expect(start).toBeGreaterThan(heard.indexOf('joined'));
      const from = Number(heard[start]!.slice(2));
      const both = Array.from({ length: count - from }, (_, i) => [`a ${from + i}`, `b ${from + i}`]).flat();
      expect(heard.filter((line) => line !== 'joined').slice(-both.length)).toEqual(both);
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

    test('What is borrowed is good until the handler returns', async () => {
      const texts: string[] = [];
      const handlers = {
        message({ data }: Message) {
          texts.push(data.toString());
        },
      };
      const session = await scene().ais.evs.join(['g'], handlers, { borrow: true });
      await turn();
      session.send(bytes('borrowed'));
      await pass(scene().world, 20);
      expect(texts).toEqual(['borrowed']);
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
