import { beforeEach, describe, expect, test } from 'vitest';
import { Aborts } from '../../../src/client/aborts.js';
import { Calls } from '../../../src/client/calls.js';
import { ClmClient } from '../../../src/client/clm/clm.js';
import { BACKLOG_NODES, type TrackClient } from '../../../src/client/clm/track.js';
import type { ClusterChange } from '../../../src/client/clm/types.js';
import { Deadlines } from '../../../src/client/deadlines.js';
import { ServiceCalls } from '../../../src/client/service-calls.js';
import { MAX_TRACKS } from '../../../src/services/clm/limits.js';
import { ClmService } from '../../../src/services/clm/service.js';
import { ModelCluster, type ModelLink, settled } from '../../services/model.js';

const own = { name: 'n', address: '::1', family: 'IPv6', bootTimestamp: 7 } as const;

let services: ClmService[];
let cluster: ModelCluster;
let link: ModelLink;
let clm: ClmClient;
beforeEach(() => {
  services = [];
  cluster = new ModelCluster(() => {
    const service = new ClmService(own);
    services.push(service);
    return service;
  });
  cluster.start(1, 2);
  link = cluster.node(1).connect();
  const calls = new Calls(new Deadlines(), new Aborts());
  clm = new ClmClient(new ServiceCalls(link, 2, calls, { timeout: Number.POSITIVE_INFINITY, tryAgain: 'wait' }));
});

async function next(iterator: AsyncIterator<ClusterChange>): Promise<ClusterChange> {
  return (await iterator.next()).value;
}

describe('Tracks', () => {
  test('none of many changes is dropped, however late they are taken', async () => {
    const track = await clm.track({ current: true, changesOnly: true });
    const first = (await clm.current()).viewNumber;
    for (let i = 0; i < 50; i++) cluster.form(1, 2);
    await settled();
    const iterator = track[Symbol.asyncIterator]();
    for (let i = 0; i <= 50; i++) {
      const change = await next(iterator);
      expect(change.viewNumber).toBe(first + i);
      expect(change.nodes).toHaveLength(i === 0 ? 2 : 0);
      expect(change.numberOfMembers).toBe(2);
    }
  });

  test('one that nobody takes from is ended with a reason, after what was kept', async () => {
    const track = await clm.track();
    const change = await clm.current();
    const told = (viewNumber: number) => (track as TrackClient).give({ ...change, viewNumber });
    for (let viewNumber = 1; viewNumber < BACKLOG_NODES / 2; viewNumber++) told(viewNumber);
    const iterator = track[Symbol.asyncIterator]();
    const first = (await next(iterator)).viewNumber;
    let last = first;
    const rest = async () => {
      for (;;) {
        const { viewNumber } = await next(iterator);
        expect(viewNumber).toBe(last + 1);
        last = viewNumber;
      }
    };
    await expect(rest()).rejects.toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
    expect(last - first).toBeGreaterThan(BACKLOG_NODES / 4);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await settled();
    expect(services[0]!.status()).toMatchObject({ tracks: 0 });
    await expect(track.stop()).rejects.toMatchObject({ code: 'SA_AIS_ERR_NOT_EXIST' });
  });

  test('one that is aborted at whatever moment is not left behind', async () => {
    for (let ticks = 0; ticks < 8; ticks++) {
      const abort = new AbortController();
      const tracking = clm.track({ signal: abort.signal }).then(
        (track) => track.stop(),
        () => {},
      );
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      abort.abort();
      await tracking;
      await settled();
      expect(services[0]!.status()).toMatchObject({ tracks: 0 });
    }
  });

  test('a client that is gone tracks no more, and its iterators end', async () => {
    const [track, other] = [await clm.track(), await clm.track()];
    const waiting = track[Symbol.asyncIterator]().next();
    clm.end();
    link.close();
    await settled();
    expect(await waiting).toMatchObject({ done: true });
    await track[Symbol.asyncDispose]();
    await expect(other.stop()).rejects.toMatchObject({ code: 'SA_AIS_ERR_BAD_HANDLE' });
    expect(services[0]!.status()).toMatchObject({ tracks: 0, members: 2 });
  });

  test('there is a bound of them for one connection', async () => {
    for (let i = 0; i < MAX_TRACKS; i++) await clm.track();
    await expect(clm.track()).rejects.toMatchObject({ code: 'SA_AIS_ERR_NO_RESOURCES' });
  });
});

test('before the first configuration there is nothing to say', async () => {
  const service = new ClmService(own);
  service.start({ nodeId: 1, order: () => {}, violation: () => {}, notice: () => {} });
  expect(service.status()).toEqual({ viewNumber: 0, members: 0, tracks: 0 });
});

test('a member whose greeting cannot be read is a member all the same', async () => {
  const view = (await clm.current()).viewNumber + 1;
  for (const greeting of [Buffer.from([1]), undefined]) {
    services[0]!.configurationChanged({
      id: 'c',
      viewNumber: view,
      members: [1, 2],
      left: [],
      joined: [],
      greetings: new Map([[1, Buffer.from(services[0]!.greeting())], ...(greeting ? [[2, greeting] as const] : [])]),
      time: 0,
    });
  }
  expect(await clm.node(2)).toMatchObject({ name: '2', address: '', member: true });
  expect(cluster.violations).toHaveLength(2);
});

test('what a client sends that is malformed is refused', async () => {
  for (const [fn, body] of [
    [1, [1]],
    [2, [1]],
    [3, [1, 0, 0, 0, 2]],
    [4, []],
    [9, []],
  ] as const) {
    const answer = await new Promise((resolve) => link.request(2, fn, 0, Buffer.from(body), resolve));
    expect(answer).toMatchObject({ code: 'SA_AIS_ERR_INVALID_PARAM' });
  }
  const stopped = await new Promise((resolve) => link.request(2, 4, 0, Buffer.from([9, 0, 0, 0]), resolve));
  expect(stopped).toMatchObject({ code: 'SA_AIS_ERR_NOT_EXIST' });
});
