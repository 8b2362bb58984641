import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BodyError } from '../../src/ipc/body.js';
import { Dispatcher, type Pending, type PromptHandler, TURN_BYTES, type Wait } from '../../src/ipc/dispatcher.js';
import { type Answer, type ExecutiveLink, NO_WAIT, type RequestHandler } from '../../src/ipc/link.js';
import { Turns } from '../../src/ipc/turns.js';

const PROMPT = 1;
const OTHER = 64;

/** Function whose requests are taken in parts. */
const IN_PARTS = 2;

/** A dispatcher, a prompt service that takes requests up while it may, and another one that holds what it gets. */
class Stage {
  /** What was taken up, in order. */
  readonly done: string[] = [];
  readonly answers: [number, Answer][] = [];
  readonly events: string[] = [];
  readonly turns = new Turns();
  /** Bytes that the prompt service takes. */
  room = Number.POSITIVE_INFINITY;
  /** Requests that the other service has. */
  readonly atOther: string[] = [];
  taken = 0;
  /** The prompt service throws what is no fault of the client. */
  isFailing = false;
  readonly dispatcher: Dispatcher;
  #others!: ExecutiveLink;

  constructor() {
    const link: ExecutiveLink = {
      takenUp: (bytes) => {
        this.taken += bytes;
      },
      answer: (tag, answer) => this.answers.push([tag, answer]),
      event() {},
      expect: () => {},
      waiting: 0,
      whenRead: () => () => {},
      end: (reason) => this.events.push(`end ${reason.code}`),
    };
    const wait: Wait = (attempt) => this.turns.wait(attempt);
    const prompt: PromptHandler = {
      request: ({ fn, memory, start, end }, taken): Pending | undefined => {
        const text = memory.toString('latin1', start, end);
        if (text.startsWith('bad')) throw new BodyError('bad');
        if (this.isFailing) throw new TypeError('bug');
        const rest = end - start - taken;
        const bytes = fn === IN_PARTS ? Math.min(rest, this.room) : rest;
        if (this.room < bytes) return { wait, taken: 0 };
        this.room -= bytes;
        if (bytes > 0) this.done.push(text.slice(taken, taken + bytes).trim());
        return bytes < rest ? { wait, taken: taken + bytes } : undefined;
      },
      cancel: (tag) => this.events.push(`prompt cancel ${tag}`),
      acknowledged: (object, bytes) => this.events.push(`acknowledged ${object} ${bytes}`),
      closed: () => this.events.push('prompt closed'),
    };
    const others: RequestHandler = {
      request: (_service, _fn, _tag, _flags, body) => this.atOther.push(body.toString()),
      cancel: (tag) => this.events.push(`others cancel ${tag}`),
      closed: () => this.events.push('others closed'),
    };
    this.dispatcher = new Dispatcher(link, (own) => {
      this.#others = own;
      return { prompt: new Map([[PROMPT, prompt]]), others };
    });
  }

  ask(service: number, text: string, tag = 0, flags = 0, fn = 1): void {
    const memory = Buffer.from(text);
    this.dispatcher.request({ service, fn, tag, flags, memory, start: 0, end: memory.length });
  }

  /** The other service takes up its first request. */
  takeOther(): void {
    const text = this.atOther.shift()!;
    this.done.push(text);
    this.#others.takenUp(text.length);
  }

  makeRoom(bytes: number): void {
    this.room = bytes;
    this.turns.serve(() => this.room > 0);
  }
}

test('What waits holds those behind it, whoever serves them', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'a');
  stage.ask(OTHER, 'b');
  stage.ask(PROMPT, 'c');
  expect(stage.atOther).toEqual([]);
  stage.makeRoom(10);
  expect([stage.done, stage.atOther]).toEqual([['a'], ['b']]);
  stage.takeOther();
  expect(stage.done).toEqual(['a', 'b', 'c']);
  expect(stage.taken).toBe(3);
});

test('Those that hold requests themselves get them as they come, until another service is asked', () => {
  const stage = new Stage();
  stage.ask(OTHER, 'a');
  stage.ask(OTHER, 'b');
  stage.ask(PROMPT, 'c');
  stage.ask(OTHER, 'd');
  expect([stage.done, stage.atOther]).toEqual([[], ['a', 'b']]);
  stage.takeOther();
  expect(stage.done).toEqual(['a']);
  stage.takeOther();
  expect([stage.done, stage.atOther]).toEqual([['a', 'b', 'c'], ['d']]);
});

test('One that is not to wait is answered TRY_AGAIN instead, and the next is not held by it', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'a', 5, NO_WAIT);
  expect(stage.answers).toMatchObject([[5, { code: 'SA_AIS_ERR_TRY_AGAIN' }]]);
  stage.room = 10;
  stage.ask(PROMPT, 'b', 6, NO_WAIT);
  expect(stage.done).toEqual(['b']);
  stage.room = 0;
  stage.ask(PROMPT, 'c', 7);
  stage.room = 10;
  stage.ask(PROMPT, 'd', 8, NO_WAIT);
  expect(stage.answers[1]).toMatchObject([8, { code: 'SA_AIS_ERR_TRY_AGAIN' }]);
});

test('One that is cancelled while it waits is answered INTERRUPT, and those behind it go on', () => {
  const stage = new Stage();
  stage.room = 1;
  stage.ask(PROMPT, 'long', 5);
  stage.ask(PROMPT, 'c', 6);
  stage.ask(PROMPT, 'dd', 7);
  stage.dispatcher.cancel(7);
  stage.dispatcher.cancel(5);
  expect(stage.done).toEqual(['c']);
  expect(stage.answers).toMatchObject([
    [7, { code: 'SA_AIS_ERR_INTERRUPT' }],
    [5, { code: 'SA_AIS_ERR_INTERRUPT' }],
  ]);
  stage.dispatcher.cancel(9);
  expect(stage.events).toEqual(['prompt cancel 9', 'others cancel 9']);
  expect(stage.taken).toBe(7);
});

test('One of which a part was taken is neither refused nor given up, and the next begins at its own beginning', () => {
  const stage = new Stage();
  stage.room = 2;
  stage.ask(PROMPT, 'abcde', 5, NO_WAIT, IN_PARTS);
  stage.ask(PROMPT, 'fghij', 6, 0, IN_PARTS);
  stage.makeRoom(1);
  stage.dispatcher.cancel(5);
  expect([stage.done, stage.answers]).toEqual([['ab', 'c'], []]);
  stage.makeRoom(3);
  stage.dispatcher.cancel(6);
  expect([stage.done, stage.answers]).toEqual([['ab', 'c', 'de', 'f'], []]);
  stage.makeRoom(10);
  expect([stage.done, stage.taken]).toEqual([['ab', 'c', 'de', 'f', 'ghij'], 10]);
});

test('One of which a part was taken in its turn goes behind the others', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'abcd', 0, 0, IN_PARTS);
  stage.turns.wait(() => {
    stage.done.push('another');
    return true;
  });
  stage.makeRoom(1);
  stage.makeRoom(10);
  expect(stage.done).toEqual(['a', 'another', 'bcd']);
});

test('A handler that threw is asked again', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'a');
  stage.isFailing = true;
  expect(() => stage.makeRoom(10)).toThrow(TypeError);
  stage.isFailing = false;
  stage.makeRoom(10);
  expect(stage.done).toEqual(['a']);
});

test('A connection that has much to send lets others have their turn', () => {
  const stage = new Stage();
  stage.room = 0;
  const size = TURN_BYTES / 4;
  for (let i = 0; i < 10; i++) stage.ask(PROMPT, String(i).padEnd(size));
  stage.turns.wait(() => {
    stage.done.push('another');
    return true;
  });
  stage.makeRoom(100 * size);
  expect(stage.done).toEqual(['0', '1', '2', '3', 'another', '4', '5', '6', '7', '8', '9']);
});

test('One that is refused again keeps its place if it got nothing, else it goes behind the others', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'aaaa');
  stage.ask(PROMPT, 'bbbb');
  let others = 0;
  stage.turns.wait(() => {
    others++;
    return true;
  });
  stage.makeRoom(1);
  expect([stage.done, others]).toEqual([[], 0]);
  stage.makeRoom(5);
  expect([stage.done, others]).toEqual([['aaaa'], 1]);
});

test('A malformed request that waited ends the connection', () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'a');
  stage.ask(PROMPT, 'bad');
  stage.ask(PROMPT, 'c');
  stage.makeRoom(10);
  expect([stage.done, stage.events]).toEqual([['a'], ['end SA_AIS_ERR_LIBRARY']]);
});

test('After the end nothing that waited is done, and all are told', async () => {
  const stage = new Stage();
  stage.room = 0;
  stage.ask(PROMPT, 'a');
  stage.dispatcher.acknowledged(PROMPT, 3, 100);
  stage.dispatcher.acknowledged(OTHER, 3, 100);
  stage.dispatcher.closed();
  stage.makeRoom(10);
  await turn();
  expect([stage.done, stage.events]).toEqual([[], ['acknowledged 3 100', 'prompt closed', 'others closed']]);
});
