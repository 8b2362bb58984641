import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { BodyReader, BodyWriter } from '../../../src/ipc/body.js';
import { EVT, PUBLISHER, SUBSCRIBER, writePublication } from '../../../src/ipc/evt.js';
import type { Answer } from '../../../src/ipc/link.js';
import {
  MAX_OPENS,
  MAX_RETAINED_BYTES,
  MAX_RETAINED_BYTES_A_CHANNEL,
  MAX_SUBSCRIPTIONS,
} from '../../../src/services/evt/limits.js';
import { type ModelLink, settled } from '../model.js';
import { connect, EvtCluster } from './support.js';

let cluster: EvtCluster;
let link: ModelLink;
beforeEach(() => {
  cluster = new EvtCluster();
  cluster.start(1, 2);
  link = connect(cluster, 1).link;
});

async function ask(fn: number, body: BodyWriter): Promise<Answer> {
  const answer = new Promise<Answer>((resolve) => link.request(4, fn, 0, body.finish(), resolve));
  return answer;
}

const open = (handle: number, flags: number, name = 'c') =>
  ask(EVT.open, new BodyWriter().u32(handle).u8(flags).text(name));
const subscribe = (handle: number, subscription: number) =>
  ask(EVT.subscribe, new BodyWriter().u32(handle).u32(subscription).u8(0));
const publication = { priority: 3, retentionTime: 0, publisherName: '', patterns: [], data: Buffer.alloc(1) };

test('whatever a client sends, it is answered, other nodes are not reached by what is malformed, and replicas are equal', async () => {
  const bodies = fc.array(fc.tuple(fc.integer({ min: 0, max: 17 }), fc.uint8Array({ maxLength: 60 })), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(bodies, async (all) => {
      for (const [fn, bytes] of all) link.request(4, fn, 0, Buffer.from(bytes));
      await settled();
      expect(new Set(cluster.digests(1, 2)).size).toBe(1);
    }),
    { numRuns: 200 },
  );
  expect(cluster.violations).toEqual([]);
});

test('handles, subscriptions and flags are checked again in the executive', async () => {
  expect(await open(1, SUBSCRIBER)).toMatchObject({ code: 'SA_AIS_ERR_NOT_EXIST' });
  expect(await open(1, 1 | SUBSCRIBER)).toMatchObject({ code: 'SA_AIS_OK' });
  expect(await open(1, 1 | SUBSCRIBER)).toMatchObject({ code: 'SA_AIS_ERR_EXIST' });
  expect(await open(2, PUBLISHER)).toMatchObject({ code: 'SA_AIS_OK' });
  expect(await open(3, 8)).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  expect(await open(3, 1, '')).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  expect(await subscribe(9, 1)).toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
  expect(await subscribe(2, 1)).toMatchObject({ code: 'SA_AIS_ERR_ACCESS' });
  expect(await subscribe(1, 1)).toMatchObject({ code: 'SA_AIS_OK' });
  expect(await subscribe(1, 1)).toMatchObject({ code: 'SA_AIS_ERR_EXIST' });
  const publishOn = (handle: number) =>
    ask(EVT.publish, writePublication(new BodyWriter().u64(0n).u32(handle), publication));
  expect(await publishOn(1)).toMatchObject({ code: 'SA_AIS_ERR_ACCESS' });
  expect(await publishOn(9)).toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
  expect(await publishOn(2)).toMatchObject({ code: 'SA_AIS_OK' });
  expect(await ask(EVT.close, new BodyWriter().u32(9))).toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
  expect(await ask(EVT.clear, new BodyWriter().u32(1).u64(1000n))).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
});

test('opens, subscriptions and channels of a client are bounded', async () => {
  await open(1, 1 | SUBSCRIBER);
  for (let i = 0; i < MAX_SUBSCRIPTIONS; i++) await subscribe(1, i);
  expect(await subscribe(1, MAX_SUBSCRIPTIONS)).toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
  for (let i = 2; i <= MAX_OPENS; i++) await open(i, SUBSCRIBER);
  expect(await open(MAX_OPENS + 1, SUBSCRIBER)).toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
  link = connect(cluster, 2).link;
  const answers = await Promise.all(Array.from({ length: 1024 }, (_, i) => open(i + 1, 1, `channel ${i}`)));
  expect(answers.filter(({ code }) => code !== 'SA_AIS_OK').map(({ code }) => code)).toEqual([
    'SA_AIS_ERR_NO_RESOURCES',
  ]);
});

test('a snapshot that is none is refused', () => {
  const { replica } = cluster.services.get(1)!;
  const wrong = [Buffer.from([255, 255, 255, 255]), Buffer.from([1, 0, 0, 0, 9]), Buffer.from([1, 0, 0, 0, 3])];
  for (const chunk of wrong) expect(() => replica.shadow().load(new BodyReader(chunk))).toThrow();
});

test('beyond what may be retained, an event is refused, and nothing of it is kept', async () => {
  const service = cluster.services.get(1)!;
  await open(1, 1 | PUBLISHER);
  const [channel] = [...service.state.channels()];
  const kept = { ...publication, retentionTime: Number.POSITIVE_INFINITY };
  const body = () => new BodyWriter().u64(0n).u32(1);
  const refused = { code: 'SA_AIS_ERR_NO_RESOURCES' };
  channel!.retainedBytes = MAX_RETAINED_BYTES_A_CHANNEL;
  expect(await ask(EVT.publish, writePublication(body(), kept))).toMatchObject(refused);
  channel!.retainedBytes = 0;
  service.state.retainedBytes = MAX_RETAINED_BYTES;
  expect(await ask(EVT.publish, writePublication(body(), kept))).toMatchObject(refused);
  expect(await ask(EVT.publish, writePublication(body(), publication))).toMatchObject({ code: 'SA_AIS_OK' });
  expect(service.status()).toMatchObject({ retainedEvents: 0 });
});

test('what is said to be kept or gone is ordered safe, and nothing else', async () => {
  const { library } = cluster.services.get(1)!;
  await open(1, 1 | PUBLISHER);
  const safe: boolean[] = [];
  const handle = (fn: number, body: BodyWriter) =>
    library[fn]!.handle({
      connection: link.connection,
      body: new BodyReader(body.finish()),
      answer: () => {},
      order: (_fn, _body, options) => safe.push(options?.safe ?? false),
      afterBarrier: () => {},
    });
  handle(EVT.publish, writePublication(new BodyWriter().u64(0n).u32(1), publication));
  handle(EVT.publish, writePublication(new BodyWriter().u64(0n).u32(1), { ...publication, retentionTime: 1 }));
  handle(EVT.unlink, new BodyWriter().u64(0n).text('c'));
  handle(EVT.clear, new BodyWriter().u32(1).u64(2000n));
  handle(EVT.close, new BodyWriter().u32(1));
  expect(safe).toEqual([false, true, true, true, false]);
});
