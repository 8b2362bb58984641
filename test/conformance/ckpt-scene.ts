/** What the statements of the checkpoint service share. */
import { expect } from 'vitest';
import type { AisErrorCode } from '../../src/ais-error.js';
import type { Checkpoint, CheckpointAttributes, Ckpt } from '../../src/client/ckpt/types.js';
import type { ConformanceClient, ConformanceCluster } from './cluster.js';

export const bytes = (text: string): Buffer => Buffer.from(text);
export const READ_WRITE = { read: true, write: true };

export function attributes(given: Partial<CheckpointAttributes> = {}): CheckpointAttributes {
  const { maxSections = 10, maxSectionSize = 1000 } = given;
  const sizes = { maxSections, maxSectionSize, checkpointSize: maxSections * maxSectionSize, maxSectionIdSize: 20 };
  return { ...sizes, retentionDuration: 60_000, ...given };
}

/** The error of a call that has to fail. */
export async function failure(promise: Promise<unknown>, code: AisErrorCode, index?: number): Promise<void> {
  await expect(promise).rejects.toMatchObject(index === undefined ? { code } : { code, index });
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What the statements share: a cluster, a client at its first node, and names that no other test has. */
export class Scene {
  readonly cluster: ConformanceCluster;
  readonly client: ConformanceClient;

  constructor(cluster: ConformanceCluster, client: ConformanceClient) {
    this.cluster = cluster;
    this.client = client;
  }

  get ckpt(): Ckpt {
    return this.client.ckpt;
  }

  create(given: Partial<CheckpointAttributes> = {}, name = 'a checkpoint'): Promise<Checkpoint> {
    return this.ckpt.open(name, { create: attributes(given), ...READ_WRITE });
  }

  /** With sections that hold their own ids. */
  async createWith(ids: string[], given: Partial<CheckpointAttributes> = {}): Promise<Checkpoint> {
    const checkpoint = await this.create(given);
    for (const id of ids) await checkpoint.createSection({ id, data: bytes(id) });
    return checkpoint;
  }

  readOnly(name = 'a checkpoint'): Promise<Checkpoint> {
    return this.ckpt.open(name, { read: true });
  }
}
