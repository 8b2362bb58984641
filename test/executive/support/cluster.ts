/** Executives of this process on loopback, each with a state directory of its own, all with one key. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPort } from '../../../src/cli/demo/loopback.js';
import { Executive, type ExecutiveConfig, type StartOptions } from '../../../src/executive/index.js';

export class Cluster {
  readonly directory: string;
  readonly executives = new Map<number, Executive>();
  readonly #key = randomBytes(128);
  readonly #port: number;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.#port = port;
  }

  static async make(): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), 'openais-test-'));
    return new Cluster(directory, await findPort(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']));
  }

  config(node: number, changes: Partial<ExecutiveConfig> = {}): ExecutiveConfig {
    return {
      totem: {
        cluster_name: 'test',
        nodeid: node,
        key: this.#key,
        interface: [{ bindnetaddr: `127.0.0.${node}`, mcastaddr: '239.192.84.2', mcastport: this.#port }],
      },
      ipc: { socket: false },
      state: { dir: join(this.directory, `node${node}`) },
      ...changes,
    };
  }

  async start(node: number, changes?: Partial<ExecutiveConfig>, options?: StartOptions): Promise<Executive> {
    const executive = await Executive.start(this.config(node, changes), options);
    this.executives.set(node, executive);
    return executive;
  }

  /** Until these executives are in one configuration. */
  async form(...nodes: readonly number[]): Promise<void> {
    const isFormed = () =>
      nodes.every((node) => this.executives.get(node)!.status().configuration.members.join() === nodes.join());
    await until(isFormed);
  }

  async close(): Promise<void> {
    await Promise.all([...this.executives.values()].map((executive) => executive.stop()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

export async function until(isSo: () => boolean, milliseconds = 20_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !isSo(); await delay(5)) {
    if (performance.now() > end) throw new Error(`not so within ${milliseconds} ms`);
  }
}
