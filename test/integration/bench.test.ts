/** The benchmarks: short runs, of which the document is looked at and not the figures. */

import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deliveryLimit, goodput } from '../../bench/limits.mjs';
import { Receiver, Sender } from '../../bench/programs/messages.mjs';
import { Histogram, median } from '../../bench/statistics.mjs';
import { Testbed, testbedProblem } from '../../bench/testbed.mjs';
import { createKeyFile } from '../../src/config/authkey.js';

const root = join(import.meta.dirname, '../..');
const problem = testbedProblem();

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/run.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const positive = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 0, 'a number above 0');

describe.skipIf(problem !== undefined)('npm run bench', () => {
  test('measures group messaging between clients, and prints one document', () => {
    const short = ['--nodes', '2', '--seconds', '0.3', '--warm-up', '0.2', '--runs', '1', '--link', '1gbit', '--json'];
    const { status, stdout, stderr } = bench('evs', ...short);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      workload: 'evs',
      parameters: { nodes: 2, link: '1gbit', size: 64, senders: 1, crypto: 'aes256gcm' },
      machine: expect.stringContaining('Linux'),
      commit: expect.any(String),
      messagesPerSecond: positive,
      megabytesPerSecond: positive,
      fractionOfLimit: positive,
      latency: { p50: positive, p99: positive, p999: positive, max: positive },
      cpuMicrosecondsPerMessage: { executive: positive, client: positive },
      retransmits: expect.any(Number),
      faults: { misordered: 0, corrupt: 0 },
      peer: null,
    });
  });

  test('measures on machines where agents run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-agents-'));
    const testbed = new Testbed({ name: 'agents', hosts: 3 });
    const agents: ChildProcess[] = [];
    try {
      const [key, machines] = [join(folder, 'key'), join(folder, 'machines')];
      await createKeyFile(key);
      writeFileSync(machines, `# two\n${testbed.address(1)}\n${testbed.address(2)}:5411\n`);
      for (const [host, port] of [[1, 5410] as const, [2, 5411] as const]) {
        const line = ['dist/cli/ais.js', 'bench-agent', '-k', key, '-l', `${testbed.address(host)}:${port}`];
        const agent = testbed.spawn(host, [process.execPath, ...line], { cwd: root });
        agents.push(agent);
        await once(agent.stdout!, 'data');
      }
      const short = ['--seconds', '0.3', '--warm-up', '0.2', '--runs', '1', '--json'];
      const line = ['bench/run.mjs', 'latency', '--hosts', machines, '--agent-key', key, ...short];
      const [command = '', ...args] = testbed.command(3, [process.execPath, ...line]);
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const latency = { p50: positive, p99: positive };
      expect(JSON.parse(stdout)).toMatchObject({ parameters: { nodes: 2 }, messagesPerSecond: positive, latency });
    } finally {
      for (const agent of agents) agent.kill();
      testbed.down();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('measures the time to a new configuration, and draws it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openais-charts-'));
    try {
      const { status, stderr } = bench(
        'charts',
        '--only',
        'configuration',
        '--nodes',
        '2',
        '--runs',
        '1',
        '--out',
        folder,
      );
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const data = JSON.parse(readFileSync(join(folder, 'configuration.json'), 'utf8'));
      expect(data).toMatchObject({ machine: expect.any(String), commit: expect.any(String), runs: 1 });
      expect(data.series['openais kill'][0]).toEqual([1, positive]);
      expect(readFileSync(join(folder, 'configuration.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('says what is wrong with a command line', () => {
    expect(bench('evs', '--link', '10gbit')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--link is one of'),
    });
    expect(bench('nothing')).toMatchObject({ status: 2, stderr: expect.stringContaining("no workload 'nothing'") });
  });
});

describe('What a benchmark counts with', () => {
  test('the limit of a link is that of full frames on Ethernet', () => {
    expect(goodput('100mbit', 1500)).toBeCloseTo(11.96, 2);
    expect(goodput('1gbit', 1500)).toBeCloseTo(119.6, 1);
    expect(goodput('none', 1500)).toBeNull();
    expect(deliveryLimit('100mbit', 1500, 3, 3)).toBeCloseTo(17.95, 2);
  });

  test('a percentile lies within a hundredth of the value', () => {
    const [one, all] = [new Histogram(), new Histogram()];
    for (let value = 1; value <= 10_000; value += 1) one.add(value);
    all.merge(one.take());
    const { p50, p99, max } = all.summary()!;
    expect(Math.abs(p50 - 5000)).toBeLessThan(50);
    expect(Math.abs(p99 - 9900)).toBeLessThan(99);
    expect(max).toBe(10_000);
    expect(one.summary()).toBeNull();
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test.each([16, 64, 1000])('a receiver of messages of %i bytes sees what is missing and what is changed', (size) => {
    const [sender, receiver] = [new Sender(7, size, 0), new Receiver(1)];
    const take = (spoil?: (data: Buffer) => void) => {
      const data = Buffer.from(sender.next(1));
      sender.accepted();
      spoil?.(data);
      receiver.take(7, data);
    };
    for (let i = 0; i < 40; i += 1) take();
    expect(receiver.report()).toMatchObject({ received: 40, misordered: 0, corrupt: 0 });
    sender.accepted();
    take();
    expect(receiver.report()).toMatchObject({ misordered: 1, corrupt: 0 });
    const last = size > 16 ? size - 1 : 0;
    take((data) => data.writeUInt8(data.readUInt8(last) ^ 1, last));
    expect(receiver.report()).toMatchObject({ misordered: 1, corrupt: 1 });
  });
});
