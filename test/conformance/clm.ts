/** The statements about CLM that have a meaning in TypeScript, by their numbers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterChange } from '../../src/client/clm/types.js';
import type { ClmEvtClient, ConformanceCluster } from './cluster.js';
import { Clients, expectCode, SOON, take } from './expect.js';

/** A change in short: what is not 'none', by node id. */
function inShort({ nodes }: ClusterChange): string {
  return nodes.map(({ nodeId, change, member }) => `${nodeId} ${change}${member ? '' : ' -'}`).join(', ');
}

export function clmConformance(makeCluster: () => Promise<ConformanceCluster<ClmEvtClient>>): void {
  describe('CLM', () => {
    let cluster: ConformanceCluster<ClmEvtClient>;
    let clients: Clients;
    let client: ClmEvtClient;
    beforeEach(async () => {
      cluster = await makeCluster();
      clients = new Clients(cluster);
      client = await clients.at(1);
    });
    afterEach(() => cluster.close());

    const idOf = async (node: number) => (await clients.at(node)).nodeId;

    test('C029: the local node is a member with a name, an address and a time of boot', async () => {
      const node = await client.clm.node('local');
      expect(node).toMatchObject({ nodeId: client.nodeId, member: true });
      expect(node.nodeId).toBeGreaterThan(0);
      expect(node.name.length).toBeGreaterThan(0);
      expect(node.address.length).toBeGreaterThan(0);
      expect(['IPv4', 'IPv6']).toContain(node.family);
      expect(node.bootTimestamp).toBeGreaterThan(0);
      expect(node.bootTimestamp).toBeLessThan(Date.now());
    });

    test('C030: by its id it is the same record, on every member', async () => {
      const local = await client.clm.node('local');
      for (const node of [1, 2, 3]) {
        const { clm } = await clients.at(node);
        expect(await clm.node(local.nodeId)).toEqual(local);
      }
    });

    test('C031: what is no node id is refused', async () => {
      for (const wrong of [undefined, null, 'all', -1, 0, 1.5, 2 ** 32, Number.NaN, {}]) {
        await expectCode(client.clm.node(wrong as never), 'SA_AIS_ERR_INVALID_PARAM');
      }
      await expectCode(client.clm.node('local', { timeout: -1 }), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C032: a time-out of 0 is over at once', async () => {
      await expectCode(client.clm.node('local', { timeout: 0 }), 'SA_AIS_ERR_TIMEOUT');
    });

    test('C033, C038: after close() nothing is answered', async () => {
      const other = await cluster.connect(1);
      await other.close();
      await expectCode(other.clm.node('local'), 'SA_AIS_ERR_BAD_HANDLE');
      await expectCode(other.clm.current(), 'SA_AIS_ERR_BAD_HANDLE');
      await expectCode(other.clm.track(), 'SA_AIS_ERR_BAD_HANDLE');
    });

    test('C035: any number of requests may be under way', async () => {
      const nodes = await Promise.all(Array.from({ length: 20 }, () => client.clm.node('local')));
      expect(nodes.map(({ nodeId }) => nodeId)).toEqual(nodes.map(() => client.nodeId));
    });

    test('C037: a node that is no member does not exist', async () => {
      await expectCode(client.clm.node(0xfffffff0), 'SA_AIS_ERR_NOT_EXIST');
      const gone = await idOf(3);
      await cluster.crash(3);
      await cluster.wait(SOON);
      await expectCode(client.clm.node(gone), 'SA_AIS_ERR_NOT_EXIST');
    });

    test('C039, C040: options that are none are refused', async () => {
      for (const wrong of [1, 'changes', null]) {
        await expectCode(client.clm.track(wrong as never), 'SA_AIS_ERR_INVALID_PARAM');
      }
      await expectCode(client.clm.track({ current: 1 as never }), 'SA_AIS_ERR_INVALID_PARAM');
      await expectCode(client.clm.track({ changesOnly: 'yes' as never }), 'SA_AIS_ERR_INVALID_PARAM');
    });

    test('C043, C045, C047: the current state lists all members, the same everywhere', async () => {
      const ids = await Promise.all([1, 2, 3].map(idOf));
      const state = await client.clm.current();
      expect(state.numberOfMembers).toBe(3);
      expect(state.nodes.map(({ nodeId }) => nodeId)).toEqual(ids.sort((a, b) => a - b));
      expect(state.nodes.every(({ member, change }) => member && change === 'none')).toBe(true);
      expect(await (await clients.at(3)).clm.current()).toEqual(state);
    });

    test('C044: each of several tracks has the current state first', async () => {
      const tracks = await Promise.all([1, 2, 3].map(() => client.clm.track({ current: true })));
      const state = await client.clm.current();
      for (const track of tracks) expect(await take(track, 1)).toEqual([state]);
    });

    test('C050, C052: a track is stopped once', async () => {
      const track = await client.clm.track();
      await track.stop();
      await expectCode(track.stop(), 'SA_AIS_ERR_NOT_EXIST');
      expect(await take(track, 1)).toEqual([]);
      const other = await cluster.connect(1);
      const closed = await other.clm.track();
      await other.close();
      await expectCode(closed.stop(), 'SA_AIS_ERR_BAD_HANDLE');
      expect(await take(closed, 1)).toEqual([]);
    });

    test('C055: with changesOnly a node that joins is the one item of the change', async () => {
      await cluster.crash(3);
      const track = await client.clm.track({ changesOnly: true });
      await cluster.restart(3);
      clients.forget(3);
      const [change] = await take(track, 1);
      expect(change!.nodes).toHaveLength(1);
      expect(change!.nodes[0]).toMatchObject({ nodeId: await idOf(3), change: 'joined', member: true });
      expect(change!.nodes[0]!.initialViewNumber).toBe(change!.viewNumber);
      expect(change!.numberOfMembers).toBe(3);
    });

    test('C056: without it all members are in the change, and what left is no member', async () => {
      const [all, only] = [await client.clm.track(), await client.clm.track({ changesOnly: true })];
      const [first, second, third] = await Promise.all([1, 2, 3].map(idOf));
      await cluster.crash(3);
      expect((await take(all, 1)).map(inShort)).toEqual([`${first} none, ${second} none, ${third} left -`]);
      const [change] = await take(only, 1);
      expect(inShort(change!)).toBe(`${third} left -`);
      expect(change!.numberOfMembers).toBe(2);
    });

    test('C058: what was not taken when a track is stopped is gone, and nothing breaks', async () => {
      const track = await client.clm.track({ current: true });
      await cluster.crash(3);
      await track.stop();
      expect(await take(track, 1)).toEqual([]);
    });

    test('C059: in a partition each side loses the other, and after the merge each sees the other join', async () => {
      const [a, b, c] = await Promise.all([1, 2, 3].map(idOf));
      const [onA, onC] = [1, 3].map(async (node) => (await clients.at(node)).clm.track({ changesOnly: true }));
      const tracks = [await onA!, await onC!] as const;
      await cluster.partition([1, 2], [3]);
      expect((await take(tracks[0], 1)).map(inShort)).toEqual([`${c} left -`]);
      expect((await take(tracks[1], 1)).map(inShort)).toEqual([`${a} left -, ${b} left -`]);
      await cluster.merge();
      const [left] = await take(tracks[0], 1);
      const [right] = await take(tracks[1], 1);
      expect(left!.nodes.map(({ nodeId, change }) => [nodeId, change])).toEqual([[c, 'joined']]);
      expect(right!.nodes.filter(({ change }) => change === 'joined').map(({ nodeId }) => nodeId)).toEqual([a, b]);
      expect(left!.viewNumber).toBe(right!.viewNumber);
      expect(left!.configuration).toBe(right!.configuration);
      const [onOne, onThree] = await Promise.all([1, 3].map(async (node) => (await clients.at(node)).clm.current()));
      expect(onOne).toEqual(onThree);
    });
  });
}
