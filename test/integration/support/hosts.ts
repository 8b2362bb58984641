/**
 * Executives as processes of their own, each on a host of a testbed: the client of the benchmarks with an executive in it, and a trace. The
 * traces of all that ever ran go through the checker.
 */

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Testbed, type TestbedOptions } from '../../../bench/testbed.mjs';
import { readTraceFile } from '../../../src/native/trace-file.js';
import { check, type History, type ProcessTrace, type Violation } from '../../../src/sim/checker/index.js';

const program = 'bench/programs/client.mjs';
/** Records a process may write. */
const TRACE_RECORDS = 1 << 21;

interface Life {
  readonly node: number;
  readonly process: ChildProcess;
  readonly trace: string;
  members: readonly number[];
  endedAt?: number;
}

/** Nanoseconds of CLOCK_MONOTONIC, as in the traces. */
export const now = () => Number(process.hrtime.bigint());

export class Hosts {
  readonly testbed: Testbed;
  readonly #folder = mkdtempSync(join(tmpdir(), 'openais-hosts-'));
  readonly #lives: Life[] = [];
  readonly #running = new Map<number, Life>();
  readonly #totem: object;

  constructor(options: TestbedOptions, totem: object = {}) {
    this.testbed = new Testbed(options);
    writeFileSync(join(this.#folder, 'key'), randomBytes(128), { mode: 0o400 });
    this.#totem = totem;
  }

  /** Starts a host's executive. What it had on its disk is there again. */
  start(node: number): void {
    const trace = join(this.#folder, `trace-${this.#lives.length}`);
    const config = {
      totem: {
        nodeid: node,
        keyfile: join(this.#folder, 'key'),
        interface: [{ bindnetaddr: this.testbed.address(node), mcastaddr: '239.192.7.7', mcastport: 5405 }],
        ...this.#totem,
      },
      nodelist: {
        node: Array.from({ length: this.testbed.hosts }, (_, i) => ({
          nodeid: i + 1,
          ring0_addr: this.testbed.address(i + 1),
        })),
      },
      ipc: { socket: false },
      state: { dir: join(this.#folder, `state-${node}`) },
      logging: { to_stderr: false, trace_file: trace, trace_records: TRACE_RECORDS },
    };
    const child = this.testbed.spawn(node, [process.execPath, program, JSON.stringify({ config })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const life: Life = { node, process: child, trace, members: [] };
    if (child.stdout === null) throw new Error('no output of the host');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      if (answer.configuration !== undefined && answer.kind === 'regular') life.members = answer.configuration;
    });
    this.#lives.push(life);
    this.#running.set(node, life);
  }

  order(node: number, order: object): void {
    this.#life(node).process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  async kill(node: number): Promise<number> {
    const life = this.#life(node);
    const at = now();
    life.process.kill('SIGKILL');
    await once(life.process, 'exit');
    life.endedAt = now();
    this.#running.delete(node);
    return at;
  }

  signal(node: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#life(node).process.kill(signal);
  }

  /** Resolves when each of these has told that it is in a regular configuration of just these. */
  async together(nodes: readonly number[], limitMs = 20_000): Promise<void> {
    const wanted = nodes.join();
    const end = Date.now() + limitMs;
    while (nodes.some((node) => this.#life(node).members.join() !== wanted)) {
      if (Date.now() > end) {
        const seen = nodes.map((node) => `${node}: {${this.#life(node).members}}`).join(', ');
        throw new Error(`not together within ${limitMs} ms: ${seen}`);
      }
      await delay(5);
    }
  }

  /** Kills all, and gives their traces to the checker. */
  async verify(extra: Partial<History> = {}): Promise<{ history: History; violations: Violation[] }> {
    for (const node of [...this.#running.keys()]) {
      this.order(node, { do: 'quiet' });
    }
    await delay(300);
    for (const node of [...this.#running.keys()]) {
      this.signal(node, 'SIGCONT');
      await this.kill(node);
    }
    const traces: ProcessTrace[] = [];
    const crashes: { process: { node: number; incarnation: bigint }; time: number }[] = [];
    for (const life of this.#lives) {
      const events = readTraceFile(life.trace);
      const [start] = events;
      if (start?.kind !== 'start') continue;
      const member = { node: start.node, incarnation: start.incarnation };
      traces.push({ process: member, events });
      crashes.push({ process: member, time: life.endedAt ?? now() });
    }
    // Group messaging announces its groups in the same bytes again after each change.
    const contents = 'any' as const;
    const history: History = { traces, end: now(), crashes, othersSend: true, contents, clockError: 50e6, ...extra };
    return { history, violations: check(history) };
  }

  down(): void {
    for (const life of this.#running.values()) life.process.kill('SIGKILL');
    this.testbed.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #life(node: number): Life {
    const life = this.#running.get(node);
    if (life === undefined) throw new Error(`host ${node} runs nothing`);
    return life;
  }
}

/** When the last of `nodes` delivered its first regular configuration of just these after `from`, in ms after it. */
export function reconfigured(history: History, nodes: readonly number[], from: number): number {
  const wanted = nodes.join();
  const times = nodes.map((node) => {
    let first = Number.POSITIVE_INFINITY;
    for (const { process: member, events } of history.traces) {
      if (member.node !== node) continue;
      for (const event of events) {
        if (event.kind !== 'configuration' || event.configuration !== 'regular' || event.time < from) continue;
        if (event.members.map((m) => m.node).join() === wanted) first = Math.min(first, event.time);
      }
    }
    return first;
  });
  return (Math.max(...times) - from) / 1e6;
}
