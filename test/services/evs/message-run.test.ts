import { beforeEach, describe, expect, test } from 'vitest';
import { RemoteInflow } from '../../../src/client/evs/remote-inflow.js';
import { RemoteLists } from '../../../src/client/evs/remote-lists.js';
import type { RemoteSession } from '../../../src/client/evs/remote-session.js';
import { BodyReader, BodyWriter } from '../../../src/ipc/body.js';
import type { EvsDelivery } from '../../../src/ipc/evs.js';
import { GROUPS, MESSAGE, MESSAGES, writeGroups } from '../../../src/ipc/evs-frames.js';
import type { Growing, RunLink, WindowLink } from '../../../src/ipc/link.js';
import { GroupNumbers } from '../../../src/services/evs/group-numbers.js';
import { MessageRun } from '../../../src/services/evs/message-run.js';

const GROUP = ['g'];
/** As the ring's thread writes them: frame header, message header, the services' part. */
const SKIP = 30;

interface Told {
  readonly fn: number;
  readonly body: Buffer;
}

/** Puts frames where the ring's thread would, and tells of them. */
class Source {
  readonly memory = Buffer.alloc(1 << 17);
  at = 0;

  delivery(text: string, changes: Partial<EvsDelivery> = {}): EvsDelivery {
    const { memory, at } = this;
    const start = at + SKIP;
    const end = start + memory.write(text, start, 'latin1');
    memory.writeUInt32LE(end - at, at);
    this.at = Math.ceil(end / 8) * 8;
    return { groups: GROUP, sender: 1, session: 2, priority: 2, isSafe: false, memory, start, end, at, ...changes };
  }
}

let source: Source;
let told: Told[];
let link: RunLink;
let run: MessageRun;

beforeEach(() => {
  source = new Source();
  told = [];
  let growing: Growing | undefined;
  link = {
    takenUp() {},
    answer() {},
    event(_service, _object, fn, body, data, start, end) {
      told.push({ fn, body: Buffer.concat([body, data?.subarray(start, end) ?? Buffer.alloc(0)]) });
    },
    expect() {},
    waiting: 0,
    whenRead: () => () => {},
    get growing() {
      return growing;
    },
    grow(event) {
      growing = event;
    },
    settle() {
      const event = growing;
      growing = undefined;
      event?.write();
    },
    end() {},
  };
  run = new MessageRun(
    link,
    7,
    new GroupNumbers((number, names) => {
      told.push({ fn: GROUPS, body: writeGroups(new BodyWriter().u32(number), names).finish() });
    }),
  );
});

/** What a library makes of what was told. */
function heard(events: readonly Told[], full: (text: string) => boolean = () => false) {
  const lists = new RemoteLists();
  const inflow = new RemoteInflow({ acknowledge() {} } as unknown as WindowLink, lists);
  const texts: string[] = [];
  const sink = {
    message: ({ groups, sender, session, priority, isSafe, memory, start, end }: EvsDelivery) => {
      const text = memory.toString('latin1', start, end);
      texts.push(`${groups} ${sender} ${session} ${priority}${isSafe ? ' safe' : ''} ${text}`);
      return !full(text);
    },
    configuration: () => true,
    endOfBatch() {},
    ended() {},
  };
  const session = { object: 7, sink, isTouched: false, consumed: 0 } as unknown as RemoteSession;
  inflow.add(session);
  for (const { fn, body } of events) {
    if (fn === GROUPS) lists.define(new BodyReader(body));
    else inflow.event(7, fn, body, 0, body.length);
  }
  return { texts, inflow, session };
}

describe('Messages that lie behind each other', () => {
  test('are one event, and come as they were', () => {
    const texts = ['a', '', 'three', 'x'.repeat(1000), 'last'];
    for (const text of texts) run.add(source.delivery(text));
    expect(told).toEqual([]);
    link.settle();
    expect(told.map(({ fn }) => fn)).toEqual([GROUPS, MESSAGES]);
    expect(heard(told).texts).toEqual(texts.map((text) => `g 1 2 2 ${text}`));
  });

  test('are as many events as they differ in anything but their data', () => {
    const changes: Partial<EvsDelivery>[] = [
      {},
      { sender: 3 },
      { session: 5 },
      { priority: 1 },
      { isSafe: true },
      { groups: ['h'] },
      {},
    ];
    for (const change of changes) for (const text of ['a', 'b']) run.add(source.delivery(text, change));
    link.settle();
    expect(told.filter(({ fn }) => fn === MESSAGES)).toHaveLength(changes.length);
    expect(heard(told).texts).toEqual(
      changes.flatMap(({ groups = GROUP, sender = 1, session = 2, priority = 2, isSafe }) =>
        ['a', 'b'].map((text) => `${groups} ${sender} ${session} ${priority}${isSafe ? ' safe' : ''} ${text}`),
      ),
    );
  });

  test('are two events where something is told between them, or something lies between them', () => {
    run.add(source.delivery('a'));
    link.settle();
    run.add(source.delivery('b'));
    source.delivery('of others');
    run.add(source.delivery('c'));
    source.at = 0;
    run.add(source.delivery('d'));
    link.settle();
    expect(told.map(({ fn }) => fn)).toEqual([GROUPS, MESSAGE, MESSAGE, MESSAGE, MESSAGE]);
    // What was behind the others was written over when it was told: only its place is looked at here.
    expect(heard(told).texts.map((text) => text.at(-1))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('are no longer than fits into one write', () => {
    for (let i = 0; i < 100; i++) run.add(source.delivery('x'.repeat(1000)));
    link.settle();
    for (const { body } of told) expect(body.length).toBeLessThan(34 << 10);
    expect(heard(told).texts).toHaveLength(100);
  });

  test('that lie alone are told one by one', () => {
    for (const text of ['a', 'b']) {
      const memory = Buffer.from(text);
      run.add({ ...source.delivery(text), memory, start: 0, end: 1, at: -1 });
    }
    link.settle();
    expect(heard(told).texts).toEqual(['g 1 2 2 a', 'g 1 2 2 b']);
  });
});

describe('A library that is told of many', () => {
  test('keeps those behind one at which its session was full', () => {
    for (const text of ['a', 'b', 'c']) run.add(source.delivery(text));
    link.settle();
    const { texts, inflow, session } = heard(told, (text) => text === 'b');
    expect(texts).toHaveLength(2);
    inflow.resume(session);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => expect(texts.at(-1)).toBe('g 1 2 2 c'));
  });

  test.each([
    ['no head', (body: Buffer) => body.subarray(0, 13)],
    ['a size beyond the end', (body: Buffer) => body.subarray(0, body.length - 1)],
    ['a size that is cut off', (body: Buffer) => Buffer.concat([body, Buffer.alloc(8)]).subarray(0, body.length + 7)],
    ['a frame without a size', (body: Buffer) => Buffer.concat([body.subarray(0, 14), Buffer.alloc(16)])],
  ])('refuses %s', (_, damage) => {
    for (const text of ['a', 'b']) run.add(source.delivery(text));
    link.settle();
    const [groups, messages] = told;
    expect(() => heard([groups!, { fn: MESSAGES, body: damage(messages!.body) }])).toThrow(/message/);
  });
});
