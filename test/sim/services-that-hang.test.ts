import { afterEach, describe, expect, it } from 'vitest';
import { countsAndDigestsOf } from '../../src/executive/services.js';
import { Cluster } from '../../src/sim/cluster.js';
import { plainCluster } from '../../src/sim/defaults.js';
import type { Observer } from '../../src/sim/observer.js';
import type { ServiceHost } from '../../src/sim/services/host.js';
import type { ServicePlan } from '../../src/sim/services/plan.js';
import { MICROSECOND, MILLISECOND, SECOND } from '../../src/sim/time.js';

const SERVICES: ServicePlan = {
  interval: 20 * MILLISECOND,
  clients: 2,
  bytes: 200,
  events: 0.3,
  impatience: 0,
  deaths: 0,
  fleeting: 0.3,
  quorum: undefined,
};
const TIME = { timeout: 60_000 };
/** Between the last answer that may be too early and a new configuration with its state. */
const REACTION = SECOND;

const nothing = (): void => {};
const blind: Observer = {
  action: nothing,
  life: nothing,
  event: nothing,
  output: nothing,
  trace: nothing,
  read: nothing,
  submitted: nothing,
  packet: nothing,
};

let cluster: Cluster;
afterEach(() => cluster.close());

/** Nodes 1 and 2 have state, then node 3 comes. The first is the one to send it. */
async function joining(seed: number, observer?: Observer): Promise<void> {
  const plan = plainCluster(3, seed);
  const machines = plan.machines.map((machine) => ({
    ...machine,
    process: { ...machine.process, services: SERVICES },
  }));
  cluster = new Cluster({ ...plan, machines }, observer);
  for (const node of [0, 1]) cluster.apply({ do: 'start', node });
  await advance(2 * SECOND);
  expect(seen(1, 2)).toEqual(['1,2 synchronized', '1,2 synchronized']);
  cluster.apply({ do: 'start', node: 2 });
}

function advance(time: number): Promise<void> {
  return cluster.runInTurns(cluster.queue.now + time);
}

function host(node: number): ServiceHost {
  return cluster.machine(node - 1).process!.services!;
}

function seen(...nodes: number[]): string[] {
  return nodes.map((node) => {
    const { messaging, manager } = host(node);
    return `${messaging.regular?.members} ${manager.isSynchronized ? 'synchronized' : 'waits'}`;
  });
}

/** Calls back when node 1 has commanded that the ring of a new configuration is installed: its hello is to come. */
function installs(then: () => void): Observer {
  return {
    ...blind,
    output: (_time, { node }, output) => {
      if (node !== 1 || cluster.queue.now < 2 * SECOND) return;
      if (output.type === 'command' && output.command.type === 'install') then();
    },
  };
}

/** The loop of node 1 hangs as soon as it knows the configuration: it has said hello, and sends no state. */
async function donorHangs(time: number): Promise<void> {
  while (host(1).messaging.regular?.members.length !== 3) await advance(20 * MICROSECOND);
  cluster.apply({ do: 'stall', node: 0, for: time });
}

const timers = plainCluster(3, 1).machines[0]!.process.timers;
const HANG = timers.hang * MILLISECOND;
const LOOK = timers.look * MILLISECOND;

describe('Services whose synchronisation waits for a loop that hangs', () => {
  it('go on without it when it has not said hello, and take it in when it goes on', TIME, async () => {
    let isHung = false;
    await joining(
      1,
      installs(() => {
        if (!isHung) cluster.apply({ do: 'stall', node: 0, for: 3 * HANG });
        isHung = true;
      }),
    );
    while (!isHung) await advance(MILLISECOND);
    await advance(HANG);
    expect(seen(2, 3)).toEqual(['1,2,3 waits', '1,2,3 waits']);
    await advance(3 * LOOK + REACTION);
    expect(seen(2, 3)).toEqual(['2,3 synchronized', '2,3 synchronized']);
    await advance(3 * HANG);
    await expectOneState();
  });

  it('go on without it when it has the state to send, and take it in when it goes on', TIME, async () => {
    await joining(2);
    await donorHangs(3 * HANG);
    await advance(HANG);
    expect(seen(2, 3)).toEqual(['1,2,3 synchronized', '1,2,3 waits']);
    await advance(3 * LOOK + REACTION);
    expect(seen(2, 3)).toEqual(['2,3 synchronized', '2,3 synchronized']);
    await advance(3 * HANG);
    await expectOneState();
  });

  it('wait for it when it does not hang for long', TIME, async () => {
    await joining(3);
    await donorHangs(HANG - LOOK);
    const { id } = host(1).messaging.regular!;
    await advance(HANG);
    expect([1, 2, 3].map((node) => host(node).messaging.regular!.id)).toEqual([id, id, id]);
    await expectOneState();
  });

  it('wait no longer when it hangs whenever it has come back', TIME, async () => {
    await joining(
      4,
      installs(() => cluster.apply({ do: 'stall', node: 0, for: 2 * HANG })),
    );
    const waits: number[] = [];
    let waited = 0;
    for (let time = 0; time < 20 * HANG; time += 100 * MILLISECOND) {
      await advance(100 * MILLISECOND);
      const isWaiting = !host(2).manager.isSynchronized || !host(3).manager.isSynchronized;
      if (waited > HANG && !isWaiting) waits.push(waited);
      waited = isWaiting ? waited + 100 * MILLISECOND : 0;
      expect(waited).toBeLessThan(HANG + 3 * LOOK + REACTION);
    }
    expect(waits.length).toBeGreaterThan(2);
  });
});

describe('Services whose synchronisation waits for a loop that runs', () => {
  it('go on when its node gives up, which starts again', TIME, async () => {
    await joining(5);
    const before = cluster.machine(0).process!.identity;
    host(1).submit = () => false;
    await advance(timers.owed * MILLISECOND - SECOND);
    expect(seen(1, 2, 3)).toEqual(['1,2,3 waits', '1,2,3 waits', '1,2,3 waits']);
    expect(cluster.machine(0).process!.identity).toBe(before);
    await advance(5 * SECOND);
    expect(cluster.machine(0).process!.identity).not.toBe(before);
    await expectOneState();
  });
});

/** All three in one configuration, and nothing on the way. */
async function expectOneState(): Promise<void> {
  for (const node of [1, 2, 3]) host(node).quiet();
  await advance(SECOND);
  expect(seen(1, 2, 3)).toEqual(['1,2,3 synchronized', '1,2,3 synchronized', '1,2,3 synchronized']);
  const digests = [1, 2, 3].map((node) =>
    countsAndDigestsOf(host(node).manager.services.values()).map(({ digest }) => digest),
  );
  expect(digests[0]).toHaveLength(3);
  expect(digests[1]).toEqual(digests[0]);
  expect(digests[2]).toEqual(digests[0]);
}
