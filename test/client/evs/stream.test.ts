import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FULL_LIMIT_MS } from '../../../src/client/evs/stream.js';
import type { Configuration, EvsSession, EvsStream, Message } from '../../../src/client/evs/types.js';
import type { Ais } from '../../../src/client/types.js';
import { World } from '../../gmi/support/stacks.js';
import { closeSockets, connect, connectThroughSocket, during, pass } from '../support/pump.js';
import { WAYS, type Way } from '../support/scene.js';

let world: World;
let ais: Ais;

/** A connection to an executive alone, made in the given way. */
function useStack(way: Way): void {
  beforeEach(async () => {
    world = new World();
    const stack = world.start(1);
    world.form();
    ais = await (way === 'in process' ? connect(stack) : connectThroughSocket(stack));
  });
  afterEach(async () => {
    vi.useRealTimers();
    await ais[Symbol.asyncDispose]();
    await closeSockets();
    world.close();
  });
}

const textOf = (event: Message | Configuration) => (event.type === 'message' ? event.data.toString() : event.kind);

/** Takes so many events. */
async function take(stream: EvsStream, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const event of stream) {
    taken.push(textOf(event));
    if (taken.length === count) break;
  }
  return taken;
}

function sendNumbers(session: EvsSession, count: number, size = 0): void {
  for (let i = 0; i < count; i++) expect(session.send(Buffer.from(String(i).padEnd(size)))).toBe(true);
}

describe.each(WAYS)('%s', (way) => {
  useStack(way);
  test('A session without handlers is iterated: the configuration first, then what is delivered', async () => {
    const stream = await ais.evs.join(['g']);
    sendNumbers(stream, 3);
    await during(world, stream.flush());
    expect(await take(stream, 4)).toEqual(['regular', '0', '1', '2']);
  });

  test('A loop that was left may be taken up again where it stopped', async () => {
    const stream = await ais.evs.join(['g']);
    sendNumbers(stream, 4);
    await during(world, stream.flush());
    expect(await take(stream, 2)).toEqual(['regular', '0']);
    expect(await take(stream, 3)).toEqual(['1', '2', '3']);
  });

  test('An iterator waits for what is not there yet', async () => {
    const stream = await ais.evs.join(['g']);
    const taken = take(stream, 2);
    await pass(world, 5);
    sendNumbers(stream, 1);
    expect(await during(world, taken)).toEqual(['regular', '0']);
  });

  test('Two iterators share the events', async () => {
    const stream = await ais.evs.join(['g']);
    const both = Promise.all([take(stream, 3), take(stream, 3)]);
    await pass(world, 5);
    sendNumbers(stream, 5);
    const taken = (await during(world, both)).flat();
    expect(taken.toSorted()).toEqual(['0', '1', '2', '3', '4', 'regular']);
  });

  test('batches() gives all that is there at once', async () => {
    const stream = await ais.evs.join(['g']);
    sendNumbers(stream, 100);
    await during(world, stream.flush());
    const batches: string[][] = [];
    for await (const batch of stream.batches()) {
      batches.push(batch.map(textOf));
      break;
    }
    expect(batches).toEqual([['regular', ...Array.from({ length: 100 }, (_, i) => String(i))]]);
  });

  test('What was half iterated one by one goes on in batches', async () => {
    const stream = await ais.evs.join(['g']);
    sendNumbers(stream, 3);
    await during(world, stream.flush());
    expect(await take(stream, 2)).toEqual(['regular', '0']);
    for await (const batch of stream.batches()) {
      expect(batch.map(textOf)).toEqual(['1', '2']);
      break;
    }
  });

  test('Many events are iterated one by one, in order', async () => {
    const stream = await ais.evs.join(['g']);
    const count = 10_000;
    const all = Array.from({ length: count }, (_, i) => Buffer.from(String(i)));
    const sending = (async () => {
      for (let sent = 0; sent < count; ) {
        sent += stream.sendAll(all.slice(sent));
        if (sent < count) await stream.drain();
      }
    })();
    const taken = take(stream, count + 1);
    await during(world, sending);
    expect(await during(world, taken)).toEqual(['regular', ...all.map(String)]);
  });

  test('Two iterators that ask at once for the only event: one has it, the other waits', async () => {
    const stream = await ais.evs.join(['g']);
    await during(world, stream.flush());
    const [first, second] = [stream[Symbol.asyncIterator]().next(), stream[Symbol.asyncIterator]().next()];
    expect(textOf((await first).value!)).toBe('regular');
    sendNumbers(stream, 1);
    expect(textOf((await during(world, second)).value!)).toBe('0');
  });

  test.each(['events', 'batches'] as const)(
    'A close right behind a taking ends the iterator after what was taken: %s',
    async (what) => {
      const stream = await ais.evs.join(['g']);
      await during(world, stream.flush());
      const iterator = (what === 'events' ? stream : stream.batches())[Symbol.asyncIterator]();
      const taken = iterator.next();
      const closed = stream.close();
      expect([(await taken).value].flat().map((event) => textOf(event!))).toEqual(['regular']);
      await closed;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    },
  );

  describe('The end', () => {
    test('close() ends every iterator, and what was queued is gone', async () => {
      const stream = await ais.evs.join(['g']);
      const waiting = [stream[Symbol.asyncIterator](), stream.batches()[Symbol.asyncIterator]()];
      await pass(world, 2);
      await waiting[0]!.next();
      const pending = waiting.map((iterator) => iterator.next());
      sendNumbers(stream, 3);
      await stream.close();
      for (const result of await Promise.all(pending)) expect(result).toEqual({ done: true, value: undefined });
      expect(await take(stream, 1)).toEqual([]);
    });

    test('The end of the connection ends every iterator', async () => {
      const stream = await ais.evs.join(['g']);
      await turn();
      await take(stream, 1);
      const pending = take(stream, 1);
      await ais.close();
      expect(await pending).toEqual([]);
    });
  });

  describe('A queue at its bound', () => {
    test('stops the reading, and nothing is lost when it is taken', async () => {
      const stream = await ais.evs.join(['g'], { queueBytes: 1000 });
      let heard = 0;
      await ais.evs.join(['g'], { message: () => heard++ });
      await turn();
      sendNumbers(stream, 50, 100);
      await pass(world, 50);
      expect(heard).toBeLessThan(12);
      const taken = await during(world, take(stream, 51));
      expect(taken.map((text) => text.trim())).toEqual(['regular', ...Array.from({ length: 50 }, (_, i) => String(i))]);
      expect(heard).toBe(50);
    });

    test('holds back what came for other sessions, too: no flush() of theirs says that it was queued', async () => {
      const full = await ais.evs.join(['f'], { queueBytes: 1000 });
      const other = await ais.evs.join(['g']);
      await turn();
      sendNumbers(full, 20, 100);
      sendNumbers(other, 1);
      let flushed = 0;
      const flush = () =>
        other.flush().then(() => {
          flushed++;
        });
      const first = flush();
      await pass(world, 50);
      const both = Promise.all([first, flush()]);
      await pass(world, 50);
      const early = flushed;
      await during(world, take(full, 21));
      await during(world, both);
      expect(early).toBe(0);
      expect(await take(other, 2)).toEqual(['regular', '0']);
    });

    test('that takes even one event at a time never gives more than it may hold', async () => {
      const stream = await ais.evs.join(['g'], { queueBytes: 1 });
      sendNumbers(stream, 5);
      expect(await during(world, take(stream, 6))).toEqual(['regular', '0', '1', '2', '3', '4']);
    });

    test('for ten seconds ends the session with NO_RESOURCES, and the others go on', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const stream = await ais.evs.join(['g'], { queueBytes: 1000 });
      let heard = 0;
      await ais.evs.join(['g'], { message: () => heard++ });
      await turn();
      sendNumbers(stream, 50, 100);
      await pass(world, 50);
      vi.advanceTimersByTime(FULL_LIMIT_MS - 1);
      let reason: unknown;
      void stream.closed.then((error) => {
        reason = error;
      });
      await turn();
      expect(reason).toBeUndefined();
      vi.advanceTimersByTime(1);
      await turn();
      expect(reason).toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES', number: 18 });
      await pass(world, 50);
      expect(heard).toBe(50);
      expect(await take(stream, 1)).toEqual([]);
      await expect(stream.close()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    });

    test('that is taken from in time is no reason to end', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const stream = await ais.evs.join(['g'], { queueBytes: 500 });
      await turn();
      sendNumbers(stream, 50, 100);
      for (let i = 0; i < 10; i++) {
        await pass(world, 5);
        vi.advanceTimersByTime(FULL_LIMIT_MS - 1000);
        expect(await take(stream, 4)).toHaveLength(4);
      }
      expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
      await stream.close();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
