/** Real executives on loopback for the conformance suites: as processes behind their sockets, or in this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPort } from '../../../src/cli/demo/loopback.js';
import { connect } from '../../../src/client/connect.js';
import type { Ais, ConnectOptions } from '../../../src/client/types.js';
import { Executive, type ExecutiveConfig } from '../../../src/executive/index.js';
import { fetchStatus } from '../../../src/ipc/status.js';
import type { Status } from '../../../src/observe/status.js';
import { Cuts } from './partition.js';

const root = join(import.meta.dirname, '../../..');
const LIMIT_MS = 20_000;

/** How executives run and are connected to. */
export type Way = 'socket' | 'process';

interface Running {
  status(): Promise<Status>;
  connect(options: Omit<ConnectOptions, 'socketPath'>): Promise<Ais>;
  /** SIGKILL; in this process the nearest to it, a stop. */
  crash(): Promise<void>;
}

let clusters = 0;

export class RealCluster {
  readonly #way: Way;
  readonly #more: Partial<ExecutiveConfig>;
  readonly #nodes: readonly number[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'openais-cluster-'));
  readonly #cuts: Cuts;
  readonly #base: number;
  readonly #running = new Map<number, Running>();
  readonly #connections = new Set<Ais>();
  #port = 0;

  private constructor(way: Way, nodes: number, more: Partial<ExecutiveConfig>) {
    this.#way = way;
    this.#more = more;
    this.#nodes = Array.from({ length: nodes }, (_, index) => index + 1);
    clusters += 1;
    this.#cuts = new Cuts(`${process.pid}_${clusters}`);
    // Addresses that no other cluster of this process uses.
    this.#base = 40 + 10 * (clusters % 20);
    writeFileSync(join(this.#folder, 'key'), randomBytes(128), { mode: 0o400 });
  }

  /** `more`: sections of the configuration. */
  static async start(way: Way, nodes: number, more: Partial<ExecutiveConfig> = {}): Promise<RealCluster> {
    const cluster = new RealCluster(way, nodes, more);
    cluster.#port = await findPort(cluster.#nodes.map((node) => cluster.#address(node)));
    await Promise.all(cluster.#nodes.map((node) => cluster.#launch(node)));
    await cluster.#together([cluster.#nodes]);
    return cluster;
  }

  async connect(node: number, options: Omit<ConnectOptions, 'socketPath'> = {}): Promise<Ais> {
    const ais = await this.#running.get(node)!.connect(options);
    this.#connections.add(ais);
    void ais.closed.then(() => this.#connections.delete(ais));
    return ais;
  }

  async start(node: number): Promise<void> {
    await this.#launch(node);
    await this.merge();
  }

  async crash(node: number): Promise<void> {
    const running = this.#running.get(node)!;
    this.#running.delete(node);
    await running.crash();
    await this.merge();
  }

  async partition(...parts: readonly (readonly number[])[]): Promise<void> {
    this.#cuts.partition(parts.map((part) => part.map((node) => this.#address(node))));
    await this.#together(parts);
  }

  async merge(): Promise<void> {
    this.#cuts.heal();
    await this.#together([[...this.#running.keys()].sort((a, b) => a - b)]);
  }

  async close(): Promise<void> {
    this.#cuts.heal();
    await Promise.all([...this.#connections].map((ais) => ais[Symbol.asyncDispose]()));
    await Promise.all([...this.#running.values()].map((running) => running.crash()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Until each of these is a configuration, and synchronised. */
  async #together(parts: readonly (readonly number[])[]): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    for (const part of parts) {
      for (const node of part) {
        while (!isIn(await this.#running.get(node)!.status(), part)) {
          if (Date.now() > end) throw new Error(`node ${node} is not with ${part.join(', ')} within ${LIMIT_MS} ms`);
          await delay(10);
        }
      }
    }
  }

  #address(node: number): string {
    return `127.0.7.${this.#base + node}`;
  }

  #config(node: number): ExecutiveConfig {
    return {
      totem: {
        cluster_name: `cluster ${process.pid}`,
        nodeid: node,
        transport: 'udpu',
        keyfile: join(this.#folder, 'key'),
        interface: [{ bindnetaddr: this.#address(node), mcastport: this.#port }],
      },
      nodelist: { node: this.#nodes.map((nodeid) => ({ nodeid, ring0_addr: this.#address(nodeid) })) },
      ipc: { socket: this.#way === 'socket' ? this.socket(node) : false },
      state: { dir: join(this.#folder, `state-${node}`) },
      ...this.#more,
    };
  }

  /** Of an executive behind a socket. */
  socket(node: number): string {
    return join(this.#folder, `${node}.sock`);
  }

  async #launch(node: number): Promise<void> {
    const config = this.#config(node);
    this.#running.set(node, this.#way === 'socket' ? await this.#spawn(node, config) : await embed(config));
  }

  async #spawn(node: number, config: ExecutiveConfig): Promise<Running> {
    const program = join(root, 'test/integration/support/executive-process.mjs');
    const child: ChildProcess = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: 'inherit' });
    const path = this.socket(node);
    const end = Date.now() + LIMIT_MS;
    while ((await fetchStatus(path).catch(() => undefined)) === undefined) {
      if (Date.now() > end) throw new Error(`executive ${node} does not start`);
      await delay(10);
    }
    return {
      status: () => fetchStatus(path),
      connect: (options) => connect({ ...options, socketPath: path }),
      crash: async () => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }
}

async function embed(config: ExecutiveConfig): Promise<Running> {
  const executive = await Executive.start(config);
  return {
    status: async () => executive.status(),
    connect: (options) => executive.connect(options),
    crash: () => executive.stop(),
  };
}

function isIn({ configuration, synchronized }: Status, members: readonly number[]): boolean {
  return synchronized && configuration.members.join() === members.join();
}
