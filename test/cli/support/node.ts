/** One executive of this process, for command lines that use its services. */
import { join } from 'node:path';
import { Cluster } from '../../executive/support/cluster.js';
import { type Typed, type TypeOptions, type } from './type.js';

export class OneNode {
  readonly #cluster: Cluster;
  readonly folder: string;
  readonly socket: string;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.folder = cluster.directory;
    this.socket = join(cluster.directory, 'ais.sock');
  }

  static async start(): Promise<OneNode> {
    const node = new OneNode(await Cluster.make());
    await node.#cluster.start(1, { ipc: { socket: node.socket } });
    return node;
  }

  type(line: readonly string[], options?: TypeOptions): Promise<Typed> {
    return type([...line, '--socket', this.socket], options);
  }

  /** What it prints with --json. */
  async json(...line: string[]) {
    const { status, out, err } = await this.type([...line, '--json']);
    if (status !== 0) throw new Error(err);
    return JSON.parse(out);
  }

  stop(): Promise<void> {
    return this.#cluster.close();
  }
}
