import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { during, pass } from '../support/pump.js';
import { bytes, eachWay, fill } from '../support/scene.js';

eachWay((scene) => {
  describe('The end', () => {
    test('C182: after close() every call fails with BAD_HANDLE, a second close() too', async () => {
      const { session } = await scene().note(['g']);
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
      const { session, texts } = await scene().note(['g']);
      session.send(bytes('under way'));
      fill(session);
      const waiting = session.mcast(bytes('never'));
      const flushing = session.flush();
      waiting.catch(() => {});
      flushing.catch(() => {});
      await session.close();
      await expect(waiting).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE', outcome: 'none' });
      await expect(flushing).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
      await pass(scene().world, 50);
      expect(texts).toEqual([]);
    });

    test('A handler may close its own session: it is not called again', async () => {
      let calls = 0;
      const session = await scene().ais.evs.join(['g'], {
        message() {
          calls++;
          void session.close();
        },
      });
      session.sendAll([bytes('1'), bytes('2'), bytes('3')]);
      await pass(scene().world, 20);
      expect(calls).toBe(1);
    });

    test('The end of the connection ends its sessions, and what they wait for', async () => {
      const { session } = await scene().note(['g']);
      fill(session);
      const waiting = session.mcast(bytes('x'));
      waiting.catch(() => {});
      await scene().ais.close();
      await expect(waiting).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
      expect(await session.closed).toBeUndefined();
      expect(() => session.send(bytes('x'))).toThrow(expect.objectContaining({ code: 'SA_AIS_ERR_BAD_HANDLE' }));
      await expect(scene().ais.evs.join([])).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
      await expect(scene().ais.close()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
      expect(await scene().ais.closed).toBeUndefined();
      await scene().ais[Symbol.asyncDispose]();
    });
  });

  describe('Misuse', () => {
    const invalid = { code: 'SA_AIS_ERR_INVALID_PARAM', number: 7, outcome: 'none' };

    test('Wrong arguments of promises reject with INVALID_PARAM, and nothing is done', async () => {
      const { session } = await scene().note(['g']);
      const any = (value: unknown) => value as never;
      const calls: (() => Promise<unknown>)[] = [
        () => scene().ais.evs.join(any('g')),
        () => scene().ais.evs.join(any(undefined)),
        () => scene().ais.evs.join(['']),
        () => scene().ais.evs.join([any(5)]),
        () => scene().ais.evs.join(['\ud800']),
        () => scene().ais.evs.join(['g'], any(5)),
        () => scene().ais.evs.join(['g'], any({ message: 5 })),
        () => scene().ais.evs.join(['g'], any({ batch: 5 })),
        () => scene().ais.evs.join(['g'], any({ configuration: () => {} })),
        () => scene().ais.evs.join(['g'], { queueBytes: 0 }),
        () => scene().ais.evs.join(['g'], { queueBytes: any('1') }),
        () => scene().ais.evs.join(['g'], { borrow: any(1) }),
        () => scene().ais.evs.join(['g'], { timeout: -1 }),
        () => scene().ais.evs.join(['g'], { timeout: Number.NaN }),
        () => scene().ais.evs.join(['g'], { tryAgain: any('maybe') }),
        () => scene().ais.evs.join(['g'], { signal: any({}) }),
        () => session.mcast(any('text')),
        () => session.mcast(any(undefined)),
        () => session.mcast(any(new Uint16Array(2))),
        () => session.mcast(Buffer.alloc(scene().ais.evs.maxMessageSize + 1)),
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
      await during(scene().world, session.flush());
    });

    test('Wrong arguments of the other functions throw INVALID_PARAM', async () => {
      const { session } = await scene().note(['g']);
      const any = (value: unknown) => value as never;
      for (const call of [
        () => session.send(any('text')),
        () => session.send(any(null)),
        () => session.send(Buffer.alloc(scene().ais.evs.maxMessageSize + 1)),
        () => session.sendAll(any(bytes('x'))),
        () => session.route(any(undefined)),
        () => session.route({ to: [any(1)] }),
      ]) {
        expect(call, String(call)).toThrow(expect.objectContaining(invalid));
      }
      expect(() => session.sendAll([bytes('x'), any('y')])).toThrow(expect.objectContaining({ ...invalid, index: 1 }));
    });

    test('A name of 255 bytes is one, a name of 256 is too long, counted in UTF-8', async () => {
      const { session } = await scene().note([]);
      await session.join(['x'.repeat(255), 'é'.repeat(127)]);
      const tooLong = { code: 'SA_AIS_ERR_NAME_TOO_LONG', number: 13, index: 0 };
      await expect(session.join(['x'.repeat(256)])).rejects.toMatchObject(tooLong);
      await expect(session.join(['é'.repeat(128)])).rejects.toMatchObject(tooLong);
    });

    test('Bytes and signals of another realm are as good as those of this one', async () => {
      const { session, texts } = await scene().note(['g']);
      const foreign = runInNewContext('({ data: new Uint8Array([65, 66]), text: new String("AB") })');
      expect(foreign.data instanceof Uint8Array).toBe(false);
      const signal = { aborted: false, addEventListener: () => {} } as never;
      await session.mcast(foreign.data, { signal });
      expect(() => session.send(foreign.text)).toThrow(expect.objectContaining(invalid));
      await during(scene().world, session.flush());
      expect(texts).toEqual(['AB']);
    });

    test('A list of groups may be changed by the caller after the call', async () => {
      const { session, texts } = await scene().note(['g']);
      const to = ['g'];
      const route = session.route({ to });
      to[0] = 'elsewhere';
      route.send(bytes('x'));
      await during(scene().world, session.flush());
      expect(texts).toEqual(['x']);
    });
  });
});
