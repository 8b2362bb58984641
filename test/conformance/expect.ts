/** Words that conformance statements share. */
import { expect } from 'vitest';
import type { AisErrorCode } from '../../src/ais-error.js';
import type { ClmEvtClient, ConformanceCluster } from './cluster.js';

/** ms after which what was done on one node is heard on the others. */
export const SOON = 50;

export async function expectCode(promise: Promise<unknown>, code: AisErrorCode): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'AisError', code });
}

/** The next `count` items, or as many as come within the time that a busy machine needs. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

/** A connection to each node, made when it is first wanted. */
export class Clients {
  readonly #cluster: ConformanceCluster<ClmEvtClient>;
  readonly #clients = new Map<number, Promise<ClmEvtClient>>();

  constructor(cluster: ConformanceCluster<ClmEvtClient>) {
    this.#cluster = cluster;
  }

  at(node: number): Promise<ClmEvtClient> {
    const client = this.#clients.get(node) ?? this.#cluster.connect(node);
    this.#clients.set(node, client);
    return client;
  }

  /** Its executive is another process. */
  forget(node: number): void {
    this.#clients.delete(node);
  }
}
