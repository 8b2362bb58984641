/**
 * Real processes in network namespaces, with traffic from all at full speed, while they are killed, stopped, cut off and restarted. What
 * all of them recorded goes through the checker of the simulator.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { testbedProblem } from '../../bench/testbed.mjs';
import { formatViolation } from '../../src/sim/checker/index.js';
import { Hosts } from './support/hosts.js';

const problem = testbedProblem();
if (problem !== undefined) process.stderr.write(`no tests with real hosts: ${problem}\n`);

/** Large enough that the records of a flood stay few, and every message is in many packets. */
const MESSAGE = 32_768;

let hosts: Hosts | undefined;
afterEach(() => {
  hosts?.down();
  hosts = undefined;
});

async function flooded(count: number): Promise<{ hosts: Hosts; all: number[] }> {
  const made = new Hosts({ hosts: count, name: 'faults' });
  hosts = made;
  const all = Array.from({ length: count }, (_, index) => index + 1);
  for (const node of all) made.start(node);
  await made.together(all);
  for (const node of all) made.order(node, { do: 'flood', size: MESSAGE });
  await delay(500);
  return { hosts: made, all };
}

async function expectNoViolation(made: Hosts): Promise<void> {
  const { history, violations } = await made.verify();
  expect(violations.slice(0, 5).map(formatViolation)).toEqual([]);
  const delivered = history.traces.map(({ events }) => events.filter((event) => event.kind === 'deliver').length);
  expect(Math.max(...delivered)).toBeGreaterThan(100);
}

describe.skipIf(problem !== undefined).each([3, 5])('%i executives on hosts of their own', (count) => {
  test('agree while one is killed, and started again within the token time-out', async () => {
    const { hosts, all } = await flooded(count);
    await hosts.kill(2);
    await hosts.together(all.filter((node) => node !== 2));
    hosts.start(2);
    await hosts.together(all);
    hosts.order(2, { do: 'flood', size: MESSAGE });
    await delay(300);
    await hosts.kill(1);
    hosts.start(1);
    await delay(1000);
    await hosts.together(all);
    await expectNoViolation(hosts);
  });

  test('agree while one is stopped for 0.2 to 10 s and goes on', async () => {
    const { hosts, all } = await flooded(count);
    for (const pause of [200, 1000, 10_000]) {
      hosts.signal(2, 'SIGSTOP');
      await delay(pause);
      hosts.signal(2, 'SIGCONT');
      await delay(500);
      await hosts.together(all);
    }
    await expectNoViolation(hosts);
  });

  test('agree while a cable is cut, the network falls apart, and both heal', async () => {
    const { hosts, all } = await flooded(count);
    hosts.testbed.isolate(count);
    await hosts.together(all.slice(0, -1));
    hosts.testbed.heal();
    await hosts.together(all);
    const half = Math.ceil(count / 2);
    hosts.testbed.cut(all.slice(0, half), all.slice(half));
    await hosts.together(all.slice(0, half));
    await hosts.together(all.slice(half));
    await delay(300);
    hosts.testbed.heal();
    await hosts.together(all);
    await expectNoViolation(hosts);
  });

  test('agree with 1 % and 5 % of all packets lost, and stay together', async () => {
    const { hosts, all } = await flooded(count);
    for (const percent of [1, 5]) {
      hosts.testbed.lose(percent);
      await delay(1500);
    }
    hosts.testbed.lose(0);
    await delay(300);
    await hosts.together(all);
    await expectNoViolation(hosts);
  });
});
