import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cluster, until } from './support/cluster.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.make();
});
afterEach(() => cluster.close(), 30_000);

/** A node list of three, one vote each but the third's two. */
function listed(node: number) {
  const node_ = [1, 2, 3].map((nodeid) => ({
    nodeid,
    ring0_addr: `127.0.0.${nodeid}`,
    ...(nodeid === 3 && { name: 'gamma', quorum_votes: 2 }),
  }));
  return cluster.start(node, { nodelist: { node: node_ }, quorum: { expected_votes: 4 } });
}

test('The status names members by what they say, and the missing by the node list, with their votes', async () => {
  const [one] = await Promise.all([listed(1), listed(2)]);
  await cluster.form(1, 2);
  await until(() => one.status().synchronized);
  const { nodes, quorum, primary } = one.status();
  const said = { name: expect.any(String), bootTimestamp: expect.any(Number), votes: 1, member: true };
  expect(nodes).toEqual([
    { nodeId: 1, address: '127.0.0.1', ...said },
    { nodeId: 2, address: '127.0.0.2', ...said },
    { nodeId: 3, member: false, votes: 2, name: 'gamma', address: '127.0.0.3' },
  ]);
  expect({ quorum, primary }).toEqual({ quorum: { expectedVotes: 4, votes: 2, needed: 3 }, primary: false });
});

test('Without a node list the members are all that there is, and there is no quorum to tell', async () => {
  const status = (await cluster.start(1)).status();
  expect(status.nodes).toMatchObject([{ nodeId: 1, member: true, votes: 1, address: '127.0.0.1' }]);
  expect(status).not.toHaveProperty('quorum');
});

test('The status has its links, what the system granted, and what was counted', async () => {
  const { links, thread, ring, io } = (await cluster.start(1)).status();
  expect(links).toMatchObject([
    {
      number: 0,
      transport: 'udp',
      interface: 'lo',
      datagramBytes: 1472,
      endpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    },
  ]);
  expect(links![0]!.group).toMatch(/^239\.192\.84\.2:\d+$/);
  expect(links![0]!.receiveBuffer).toBeGreaterThan(0);
  expect(thread).toMatchObject({ memoryLocked: false, scheduling: expect.stringMatching(/^(nice|plain)$/) });
  expect(ring!.bytesSent).toBeGreaterThan(0);
  // A counter of what never happened is not there.
  expect(Object.values(ring!.dropped).every((packets) => packets > 0)).toBe(true);
  expect(io).toMatchObject({ receiveOverflows: 0, datagramsSent: expect.any(Number) });
});
