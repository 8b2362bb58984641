import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AisError, aisError } from '../../src/ais-error.js';
import { PROTOCOL_VERSION } from '../../src/ipc/frame.js';
import { type Answer, BODY_MAX, OPEN_REQUESTS_MAX, OUTBOX_MAX, REQUEST_WINDOW } from '../../src/ipc/link.js';
import { packed } from '../gmi/support/packed.js';
import { until, useLinks, welcome } from './support/link-pair.js';

const links = useLinks();
beforeEach(() => links().serve());
const bytes = (text: string) => Buffer.from(text);
const ok = (text: string): Answer => ({ code: 'SA_AIS_OK', body: bytes(text) });

describe.each(['in process', 'through a socket'] as const)('A link %s', (way) => {
  test('carries requests, answers and events in order, and says who the executive is', async () => {
    const { link, handler } = await links().connect(way);
    expect(link.welcome).toEqual(welcome);
    const heard: string[] = [];
    link.listen(64, 7, (fn, body) => heard.push(`event ${fn} ${body}`));
    handler.onRequest = ({ fn, tag, body }) => {
      handler.link.event(64, 7, fn, bytes('about '), body, 1, body.length);
      handler.link.answer(
        tag,
        fn === 9 ? { code: 'SA_AIS_ERR_EXIST', what: 'there', index: 0, mayHaveEffect: true } : ok(`got ${body}`),
      );
    };
    const answered = (answer: Answer) =>
      heard.push(`answer ${'body' in answer ? answer.body : JSON.stringify(answer)}`);
    link.request(64, 8, 1, bytes('ab'), answered, bytes('cd'));
    link.request(64, 9, 0, bytes('xy'), answered);
    expect(heard).toEqual([]);
    await until(() => heard.length === 4);
    const error = '{"code":"SA_AIS_ERR_EXIST","what":"there","index":0,"mayHaveEffect":true}';
    expect(heard).toEqual(['event 8 about bcd', 'answer got abcd', 'event 9 about y', `answer ${error}`]);
    expect(handler.requests[0]).toMatchObject({ service: 64, fn: 8, flags: 1 });
  });

  test('handles nothing from inside a call, and copies what it is given', async () => {
    const { link, handler } = await links().connect(way);
    const data = bytes('before');
    link.request(64, 1, 0, data, () => {});
    data.fill('x');
    expect(handler.requests).toEqual([]);
    await until(() => handler.requests.length > 0);
    expect(handler.requests[0]!.body.toString()).toBe('before');
  });

  test('keeps what is told behind what a listener of another service keeps back, up to a bound', async () => {
    const { link, handler } = await links().connect(way);
    const heard: string[] = [];
    const behind: (() => void)[] = [];
    const listener = {
      isHolding: false,
      event: (_object: number, fn: number) => heard.push(`own ${fn}`),
      endOfBatch: () => heard.push('batch'),
      behind: (tell: () => void) => behind.push(tell),
    };
    link.listenAll(65, listener);
    link.listen(64, 7, (fn, body) => heard.push(`other ${fn} ${body.toString('latin1', 0, 3)}`));
    const ended = new Promise<AisError>((resolve) => {
      link.onEnd = resolve;
    });
    handler.link.event(65, 1, 1, bytes(''));
    handler.link.event(64, 7, 2, bytes('abc'));
    await until(() => heard.length === 4);
    expect(heard).toEqual(['own 1', 'batch', 'other 2 abc', 'batch']);
    listener.isHolding = true;
    handler.link.event(64, 7, 3, bytes('def'));
    await until(() => behind.length === 1);
    for (const tell of behind.splice(0)) tell();
    expect(heard.at(-1)).toBe('other 3 def');
    // What was told is held no longer: all of the bound is there.
    const body = Buffer.alloc(1 << 20);
    const most = OUTBOX_MAX / body.length;
    for (let i = 0; i < most; i++) {
      handler.link.event(64, 7, 4, body);
      if (i % 16 === 15) await until(() => behind.length === Math.min(i + 1, most - 1));
    }
    expect((await ended).code).toBe('SA_AIS_ERR_NO_RESOURCES');
    expect(behind).toHaveLength(most - 1);
  });

  test('holds back a library whose requests are not taken up, and serves who waits in order', async () => {
    const { link, handler } = await links().connect(way);
    handler.isTaking = false;
    const body = Buffer.alloc(64 << 10);
    let sent = 0;
    while (link.request(64, 1, 0, body) !== false) sent++;
    expect(sent).toBeLessThanOrEqual(REQUEST_WINDOW / body.length);
    const order: number[] = [];
    const attempt = (number: number) => () => {
      if (link.request(64, 2, 0, body) === false) return false;
      order.push(number);
      return true;
    };
    link.whenRoom(attempt(1));
    const giveUp = link.whenRoom(attempt(2));
    link.whenRoom(attempt(3));
    giveUp();
    await until(() => handler.requests.length === sent);
    for (let i = 0; i < sent; i++) handler.link.takenUp(body.length);
    expect(order).toEqual([]);
    await until(() => order.length === 2);
    expect(order).toEqual([1, 3]);
  });

  test('makes one request of items for one head that follow each other, and counts them', async () => {
    const { link, handler } = await links().connect(way);
    handler.isTaking = false;
    const [one, two] = [bytes('one'), bytes('two')];
    for (const text of ['a', '', 'bc']) expect(link.requestItem(64, 1, one, bytes(text))).toBe(true);
    link.requestItem(64, 1, two, bytes('d'));
    link.request(64, 2, 0, bytes('between'));
    link.requestItem(64, 1, two, bytes('e'));
    await until(() => handler.requests.length === 4);
    link.requestItem(64, 1, two, bytes('f'));
    await until(() => handler.requests.length === 5);
    const bodies = [['one', packed('a', '', 'bc')], ['two', packed('d')], ['between'], ['two', packed('e')]];
    const all = [...bodies, ['two', packed('f')]].map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));
    expect(handler.requests.map(({ body }) => body)).toEqual(all);
    // What was counted is what is taken up: a byte more would be refused as a credit for nothing.
    for (const { body } of handler.requests) handler.link.takenUp(body.length);
    const large = Buffer.alloc(20 << 10);
    let sent = 0;
    while (link.requestItem(64, 1, one, large)) sent++;
    expect(sent).toBeGreaterThan((REQUEST_WINDOW / large.length) * 0.9);
    expect(sent).toBeLessThanOrEqual(REQUEST_WINDOW / large.length + 1);
    await until(() => handler.requests.length === 5 + sent);
    for (const { body } of handler.requests.slice(5)) handler.link.takenUp(body.length);
    await until(() => link.hasRoom);
  });

  test('tells what grows before what follows it', async () => {
    const { link, handler } = await links().connect(way);
    const heard: string[] = [];
    link.listen(64, 7, (_fn, body) => heard.push(`${body}`));
    link.request(64, 1, 0, bytes('x'), () => heard.push('answer'));
    await until(() => handler.requests.length === 1);
    const { link: end } = handler;
    let text = 'a';
    const growing = { write: () => end.event(64, 7, 1, bytes(text)) };
    end.grow(growing);
    text = 'ab';
    expect(end.growing).toBe(growing);
    end.answer(handler.requests[0]!.tag, ok(''));
    expect(end.growing).toBeUndefined();
    end.grow(growing);
    end.event(64, 7, 1, bytes('c'));
    end.grow(growing);
    end.end(aisError('SA_AIS_ERR_LIBRARY', 'test', 'over'));
    await until(() => heard.length === 5);
    expect(heard).toEqual(['ab', 'answer', 'ab', 'c', 'ab']);
  });

  test('lets nobody in before those who wait', async () => {
    const { link, handler } = await links().connect(way);
    link.whenRoom(() => false);
    expect(link.hasRoom).toBe(false);
    expect(link.request(64, 1, 0, bytes('x'))).toBe(false);
    await turn();
    expect(handler.requests).toEqual([]);
  });

  test('bounds the requests that wait for an answer', async () => {
    const { link, handler } = await links().connect(way);
    let sent = 0;
    for (let isMore = true; isMore && sent < OPEN_REQUESTS_MAX; ) {
      while (link.request(64, 1, 0, new Uint8Array(0), () => {}) !== false) sent++;
      await turn();
      isMore = !handler.isClosed;
    }
    expect(sent).toBe(OPEN_REQUESTS_MAX);
    expect(link.request(64, 1, 0, new Uint8Array(0), () => {})).toBe(false);
    let hasRoom = false;
    link.whenRoom(() => {
      hasRoom = true;
      return true;
    });
    await until(() => handler.requests.length === sent);
    handler.link.answer(handler.requests[5]!.tag, ok(''));
    await until(() => hasRoom);
  });

  test('carries a body of the largest size, and refuses a larger one', async () => {
    const { link, handler } = await links().connect(way);
    link.request(64, 1, 0, Buffer.alloc(BODY_MAX, 'z'));
    expect(() => link.request(64, 1, 0, Buffer.alloc(BODY_MAX + 1))).toThrow('bytes');
    await until(() => handler.requests.length === 1);
    expect(handler.requests[0]!.body.equals(Buffer.alloc(BODY_MAX, 'z'))).toBe(true);
  });

  test('passes on what is cancelled and what is acknowledged', async () => {
    const { link, handler } = await links().connect(way);
    const tag = link.request(64, 1, 0, bytes('x'), () => {}) as number;
    link.cancel(tag);
    link.cancel(tag + 1);
    link.acknowledge(64, 3, 4000);
    await until(() => handler.acknowledgements.length > 0);
    expect(handler.cancelled).toEqual([tag]);
    expect(handler.acknowledgements).toEqual([[64, 3, 4000]]);
  });

  test('that the executive ends says why, once, and answers nothing more', async () => {
    const { link, handler } = await links().connect(way);
    let answers = 0;
    const tag = link.request(64, 1, 0, bytes('x'), () => answers++) as number;
    await until(() => handler.requests.length > 0);
    const reasons: AisError[] = [];
    link.onEnd = (reason) => reasons.push(reason);
    handler.link.event(64, 1, 1, bytes('before'));
    handler.link.end(aisError('SA_AIS_ERR_NO_RESOURCES', 'test', 'too slow'));
    handler.link.answer(tag, ok(''));
    handler.link.end(aisError('SA_AIS_ERR_LIBRARY', 'test', 'again'));
    expect(handler.isClosed).toBe(false);
    await until(() => reasons.length > 0 && handler.isClosed);
    expect(reasons.map(({ code }) => code)).toEqual(['SA_AIS_ERR_NO_RESOURCES']);
    expect(reasons[0]!.message).toContain('too slow');
    expect(answers).toBe(0);
    expect(link.request(64, 1, 0, bytes('x'))).toBe(false);
  });

  test('that the library closes is closed there, and the library is told nothing', async () => {
    const { link, handler } = await links().connect(way);
    let isTold = false;
    link.onEnd = () => {
      isTold = true;
    };
    link.request(64, 1, 0, bytes('last'));
    link.close();
    link.close();
    await until(() => handler.isClosed);
    expect(handler.requests).toHaveLength(1);
    handler.link.event(64, 1, 1, bytes('x'));
    await turn();
    expect(isTold).toBe(false);
  });

  test('drops a client that is further behind than OUTBOX_MAX, with a reason', async () => {
    const { handler } = await links().connect(way);
    const big = Buffer.alloc(1 << 20);
    for (let told = 0; told <= OUTBOX_MAX; told += big.length) handler.link.event(64, 1, 1, big);
    // What it did not read is given up with it.
    expect(handler.link.waiting).toBeLessThan(2 * big.length);
    await until(() => handler.isClosed);
    if (way === 'through a socket') {
      expect(links().ended).toMatchObject([{ code: 'SA_AIS_ERR_NO_RESOURCES' }]);
    }
  });
});

describe('The executive', () => {
  test('refuses a client that it does not admit with SECURITY', async () => {
    links().refusal = aisError('SA_AIS_ERR_SECURITY', 'test', 'user 5 may not connect');
    await expect(links().connect()).rejects.toMatchObject({ code: 'SA_AIS_ERR_SECURITY' });
    expect(links().handlers).toEqual([]);
    expect(links().ended).toMatchObject([{ code: 'SA_AIS_ERR_SECURITY' }]);
  });

  test('refuses another version clearly', async () => {
    const { socket, received, closed } = await links().raw();
    socket.write(Buffer.from([6, 0, 0, 0, 1, PROTOCOL_VERSION + 1, 0x61, 0x69, 0x73, 0]));
    await closed;
    expect(received()).toContain('SA_AIS_ERR_VERSION');
    expect(received()).toContain(`a library of protocol version ${PROTOCOL_VERSION + 1}`);
  });
});
