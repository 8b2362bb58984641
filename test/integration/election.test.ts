import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findPort } from '../../src/cli/demo/loopback.js';

/** The example of a service of one's own. It imports the package by its name, so the rest here is the built one, too. */
const root = join(import.meta.dirname, '../..');

test('A leader is elected, and when its client goes the next one leads', async () => {
  const { Candidate, Election } = await import(join(root, 'examples/leader-election/election.mjs'));
  const { Executive } = await import(join(root, 'dist/executive/index.js'));
  const folder = mkdtempSync(join(tmpdir(), 'openais-election-'));
  const addresses = ['127.0.3.1', '127.0.3.2'];
  const port = await findPort(addresses);
  const node = addresses.map((address, index) => ({ nodeid: index + 1, ring0_addr: address }));
  const start = (nodeid: number) =>
    Executive.start(
      {
        totem: {
          nodeid,
          transport: 'udpu',
          key: Buffer.alloc(128, 9),
          interface: [{ bindnetaddr: addresses[nodeid - 1], mcastport: port }],
        },
        nodelist: { node },
        ipc: { socket: false },
        state: { dir: join(folder, `${nodeid}`) },
      },
      { services: [new Election()] },
    );
  const executives = await Promise.all([start(1), start(2)]);
  try {
    while (executives.some((each) => each.status().configuration.members.length < 2 || !each.status().synchronized))
      await delay(10);
    const [one, two] = await Promise.all(executives.map((each) => each.connect()));
    const [first, second] = [new Candidate(one), new Candidate(two)];
    const told: (number | undefined)[] = [];
    await second.watch('x', (leader: { node: number } | undefined) => told.push(leader?.node));
    expect((await first.stand('x')).node).toBe(1);
    expect((await second.stand('x')).node).toBe(1);
    await expect(second.stand('x')).rejects.toMatchObject({ code: 'SA_AIS_ERR_EXIST' });
    await one.close();
    await expect.poll(() => told, { timeout: 5000 }).toEqual([undefined, 1, 2]);
  } finally {
    await Promise.all(executives.map((each) => each.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
});
