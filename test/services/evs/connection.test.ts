import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BodyError, BodyWriter } from '../../../src/ipc/body.js';
import type { Pending } from '../../../src/ipc/dispatcher.js';
import {
  CLOSE,
  CONNECT,
  CONNECTION,
  CONNECTION_WINDOW,
  DEFINE,
  DELIVERY_COST,
  DESTINATIONS_MAX,
  ENDED,
  EVS_SERVICE,
  GROUPS,
  JOIN,
  JOINED_GROUPS,
  LEAVE,
  LISTS_MAX,
  MESSAGE,
  MESSAGE_HEADER_SIZE,
  OPEN,
  PASSED,
  SEND,
  SEND_IN,
  SESSION_WINDOW,
  writeGroups,
} from '../../../src/ipc/evs-frames.js';
import type { Answer, RunLink } from '../../../src/ipc/link.js';
import { EvsConnection } from '../../../src/services/evs/connection.js';
import { GroupNumbers } from '../../../src/services/evs/group-numbers.js';
import { packed } from '../../gmi/support/packed.js';
import { type Stack, World } from '../../gmi/support/stacks.js';

/** Requests that are never answered. */
const UNANSWERED = [DEFINE, SEND, CLOSE];

/** A client that speaks to EVS by its bodies. */
class Client {
  readonly answers = new Map<number, Answer>();
  readonly events: { object: number; fn: number; body: Buffer }[] = [];
  readonly timers = new Set<() => void>();
  readonly connection: EvsConnection;
  #lastTag = 0;
  #acknowledged = 0;

  constructor(stack: Stack) {
    const link: RunLink = {
      takenUp() {},
      answer: (tag, answer) => this.answers.set(tag, answer),
      event: (_service, object, fn, body, data, start, end) => {
        this.events.push({ object, fn, body: Buffer.concat([body, data?.subarray(start, end) ?? Buffer.alloc(0)]) });
      },
      expect: () => {},
      waiting: 0,
      whenRead: () => () => {},
      growing: undefined,
      grow: (event) => event.write(),
      settle() {},
      end() {},
    };
    this.connection = new EvsConnection(link, stack.evs, (_ms, expire) => {
      this.timers.add(expire);
      return () => this.timers.delete(expire);
    });
  }

  /** Returns the tag, if it has one. */
  ask(fn: number, body: BodyWriter = new BodyWriter()): number {
    const tag = UNANSWERED.includes(fn) ? 0 : ++this.#lastTag;
    this.request(fn, tag, body);
    return tag;
  }

  /** Returns whether it has to wait, and how far it got. */
  send(body: BodyWriter, taken = 0): Pending | undefined {
    return this.request(SEND, 0, body, taken);
  }

  request(fn: number, tag: number, body: BodyWriter, taken = 0): Pending | undefined {
    const memory = body.finish();
    const request = { service: EVS_SERVICE, fn, tag, flags: 0, memory, start: 0, end: memory.length };
    return this.connection.request(request, taken);
  }

  code(fn: number, body?: BodyWriter): string | undefined {
    return this.answers.get(this.ask(fn, body))?.code;
  }

  /** Acknowledges all messages that it was told of since the last call. */
  acknowledge(): void {
    const all = this.heard(MESSAGE);
    const news = all.slice(this.#acknowledged);
    this.#acknowledged = all.length;
    const bytes = news.reduce((sum, { length }) => sum + length - MESSAGE_HEADER_SIZE + DELIVERY_COST, 0);
    this.connection.acknowledged(1, bytes);
  }

  heard(fn: number): Buffer[] {
    return this.events.filter((event) => event.fn === fn).map(({ body }) => body);
  }
}

let world: World;
let stack: Stack;
let client: Client;
beforeEach(() => {
  world = new World();
  stack = world.start(1);
  world.form();
  client = new Client(stack);
});
afterEach(() => world.close());

const object = (number: number) => new BodyWriter().u32(number);
const groups = (number: number, ...names: string[]) => writeGroups(object(number), names);
const define = (number: number, to: readonly string[] = [], flags = JOINED_GROUPS, priority = 2) =>
  writeGroups(object(1).u16(number).u8(priority).u8(flags), to);

/** Messages to the groups of session 1, until the executive reads no further. */
function sendUntilHeld(size = 1 << 14): void {
  const body = object(1)
    .u16(0)
    .rest(packed(Buffer.alloc(size)))
    .finish();
  for (let i = 0; i < 2000 && client.timers.size === 0; i++) {
    client.send(new BodyWriter().rest(body));
    world.advance(5);
  }
}

function begin(): void {
  client.ask(CONNECT);
  client.ask(OPEN, groups(1, 'g'));
  client.ask(DEFINE, define(0));
}

describe('What no library sends', () => {
  test.each<[string, number, () => BodyWriter]>([
    ['a function that there is not', 77, () => object(1)],
    ['a second CONNECT', CONNECT, () => new BodyWriter()],
    ['a session of the number of the connection', OPEN, () => groups(CONNECTION, 'g')],
    ['a session twice', OPEN, () => groups(1, 'g')],
    ['a group without a name', JOIN, () => groups(1, '')],
    ['a group with a long name', JOIN, () => groups(1, 'x'.repeat(256))],
    ['more groups than a call may have', LEAVE, () => groups(1, ...Array.from({ length: 1026 }, (_, i) => `g${i}`))],
    ['groups that are cut off', JOIN, () => object(1).u16(2).text('a')],
    ['a destination beyond the last', DEFINE, () => define(DESTINATIONS_MAX)],
    ['a priority that there is not', DEFINE, () => define(1, [], 0, 0)],
    ['flags that there are not', DEFINE, () => define(1, [], 8)],
    [
      'a destination with too many groups',
      DEFINE,
      () =>
        define(
          1,
          Array.from({ length: 1025 }, (_, i) => `g${i}`),
          0,
        ),
    ],
    ['more than a destination', DEFINE, () => define(1).u8(0)],
    ['a message that is cut off', SEND, () => new BodyWriter().u8(1)],
    ['a message to a destination that is not defined', SEND, () => object(1).u16(9)],
    [
      'a message that is too long',
      SEND,
      () =>
        object(1)
          .u16(0)
          .rest(packed(Buffer.alloc((1 << 20) + 1))),
    ],
    ['a message whose length is cut off', SEND, () => object(1).u16(0).rest(packed('x')).u16(1)],
    ['a message that is shorter than it says', SEND, () => object(1).u16(0).u32(2).u8(1)],
    ['a configuration that is no text', SEND_IN, () => object(1).u16(0).u16(1).u8(0xff)],
  ])('is refused: %s', (_, fn, body) => {
    begin();
    expect(() => client.ask(fn, body())).toThrow(BodyError);
  });

  test.each([
    ['DEFINE', DEFINE, () => define(1)],
    ['SEND', SEND, () => object(1).u16(0).rest(packed('x'))],
    ['CLOSE', CLOSE, () => object(1)],
  ])('is refused: %s with a tag, as it is never answered', (_, fn, body) => {
    begin();
    expect(() => client.request(fn, 5, body())).toThrow(BodyError);
  });

  test('is refused: to acknowledge more than was told', () => {
    begin();
    expect(() => client.connection.acknowledged(1, 1)).toThrow(BodyError);
    client.connection.acknowledged(9, 1);
  });

  test('Random bodies do nothing worse than that', () => {
    begin();
    const bodies = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.boolean(), fc.uint8Array({ maxLength: 30 }));
    fc.assert(
      fc.property(bodies, ([fn, isOfSession, bytes]) => {
        const body = isOfSession ? object(1).rest(bytes) : new BodyWriter().rest(bytes);
        if (isOfSession && fn === CLOSE) return;
        try {
          client.ask(fn, body);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyError);
        }
      }),
      { numRuns: 5000 },
    );
    world.advance(20);
    client.connection.closed();
  });
});

test('What comes for a session that is over is refused, or ignored if nobody waits for an answer', () => {
  begin();
  client.ask(CLOSE, object(1));
  for (const fn of [JOIN, LEAVE]) expect(client.code(fn, groups(1, 'g'))).toBe('SA_AIS_ERR_BAD_HANDLE');
  expect(client.code(PASSED, object(1))).toBe('SA_AIS_ERR_BAD_HANDLE');
  client.ask(SEND, object(1).u16(0));
  client.ask(CLOSE, object(1));
});

test('A join of too many groups is refused as in process', () => {
  begin();
  const names = Array.from({ length: 51 }, (_, i) => `g${i}`);
  expect(client.code(JOIN, groups(1, ...names))).toBe('EVS_ERR_TOO_MANY_GROUPS');
  expect(client.code(OPEN, groups(2, ...names))).toBe('EVS_ERR_TOO_MANY_GROUPS');
  expect(client.code(OPEN, groups(2, 'a'))).toBe('SA_AIS_OK');
});

test('A flush that is cancelled is answered, and not again when it is done', () => {
  begin();
  client.ask(SEND, object(1).u16(0).rest(packed('x')));
  const tag = client.ask(PASSED, object(1));
  expect(client.answers.has(tag)).toBe(false);
  client.connection.cancel(tag);
  client.connection.cancel(99);
  expect(client.answers.get(tag)).toMatchObject({ code: 'SA_AIS_ERR_INTERRUPT' });
  world.advance(20);
  expect(client.answers.get(tag)).toMatchObject({ code: 'SA_AIS_ERR_INTERRUPT' });
});

test('A session is told no more than its window, and more when it acknowledges', () => {
  begin();
  const size = 1 << 14;
  const told = () => client.heard(MESSAGE).length;
  for (let i = 0; i < 200; i++) {
    while (
      client.send(
        object(1)
          .u16(0)
          .rest(packed(Buffer.alloc(size))),
      ) !== undefined
    )
      world.advance(1);
  }
  world.advance(200);
  expect(told()).toBe(Math.ceil(SESSION_WINDOW / (size + 64)));
  expect(client.timers.size).toBe(1);
  client.connection.acknowledged(1, 64);
  world.advance(200);
  expect([told(), client.timers.size]).toEqual([Math.ceil(SESSION_WINDOW / (size + 64)), 1]);
  client.connection.acknowledged(1, SESSION_WINDOW / 2 + size);
  expect(client.timers.size).toBe(0);
  world.advance(200);
  expect(told()).toBe(Math.ceil((1.5 * SESSION_WINDOW + size + 64) / (size + 64)));
  for (const expire of [...client.timers]) expire();
  expect(client.heard(ENDED)).toHaveLength(1);
  world.advance(200);
  expect(stack.port.isPaused).toBe(false);
});

test('A session whose client acknowledges a little now and then is ended when it was held for the limit', () => {
  begin();
  client.ask(OPEN, groups(2, 'other'));
  sendUntilHeld();
  const [expire] = client.timers;
  for (let i = 0; i < 20; i++) {
    client.connection.acknowledged(1, 1);
    client.ask(OPEN, groups(3 + i, 'other'));
    client.ask(CLOSE, object(3 + i));
    world.advance(1);
  }
  expect([...client.timers]).toEqual([expire]);
  expire!();
  expect(client.heard(ENDED)).toHaveLength(1);
  expect(client.timers.size).toBe(0);
  world.advance(200);
  expect(stack.port.isPaused).toBe(false);
});

test.each([
  ['closes', () => client.ask(CLOSE, object(1))],
  ['is given up', () => [...client.timers][0]!()],
])('A session that %s gives its part of the window to the others', (_, end) => {
  begin();
  // All of them together reach the window of the connection before any of them reaches its own.
  const count = CONNECTION_WINDOW / SESSION_WINDOW + 1;
  for (let i = 2; i <= count; i++) client.ask(OPEN, groups(i, 'g'));
  const size = 1 << 14;
  sendUntilHeld(size);
  const told = (client.heard(MESSAGE).length / count) * (size + DELIVERY_COST);
  // Each of the others has less than half of its window, and the first one what makes it more than half of the connection's.
  const kept = CONNECTION_WINDOW / 2 / (count - 1) - size;
  for (let i = 2; i <= count; i++) client.connection.acknowledged(i, told - kept);
  expect(stack.port.isPaused).toBe(true);
  end();
  world.advance(20);
  expect(stack.port.isPaused).toBe(false);
});

test('Messages of one request that find no room together are sent piece by piece, each once', () => {
  begin();
  const messages = Array.from({ length: 600 }, (_, i) => Buffer.alloc(1 << 13, i));
  let waits = 0;
  const body = () =>
    object(1)
      .u16(0)
      .rest(packed(...messages));
  for (let pending = client.send(body()); pending !== undefined; pending = client.send(body(), pending.taken)) {
    waits++;
    world.advance(5);
    client.acknowledge();
  }
  expect(waits).toBeGreaterThan(0);
  client.ask(SEND, object(1).u16(0).rest(packed('last')));
  for (let i = 0; i < 50; i++) {
    world.advance(20);
    client.acknowledge();
  }
  const told = client.heard(MESSAGE).map((body) => body.subarray(MESSAGE_HEADER_SIZE));
  expect(told.map((data) => [data.length, data[0]])).toEqual([
    ...messages.map((data) => [data.length, data[0]]),
    [4, 'l'.charCodeAt(0)],
  ]);
});

test('A list of groups is told once, and numbers begin again when there are too many', () => {
  const told: number[] = [];
  const numbers = new GroupNumbers((number) => told.push(number));
  const lists = Array.from({ length: LISTS_MAX + 1 }, (_, i) => [`g${i}`]);
  for (const list of lists) for (let i = 0; i < 2; i++) numbers.of(list);
  expect(told).toHaveLength(LISTS_MAX + 1);
  expect(told.slice(-2)).toEqual([LISTS_MAX, 1]);
  expect(numbers.of(lists[0]!)).toBe(2);
});

test('Two messages to the same groups name them once', () => {
  begin();
  for (let i = 0; i < 2; i++) client.ask(SEND, object(1).u16(0).rest(packed('x')));
  world.advance(20);
  expect(client.heard(MESSAGE)).toHaveLength(2);
  expect(client.events.filter(({ object: of, fn }) => of === CONNECTION && fn === GROUPS)).toHaveLength(1);
});
