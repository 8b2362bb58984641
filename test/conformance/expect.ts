/** Words that conformance statements share. */
import { expect } from 'vitest';
import type { AisErrorCode } from '../../src/ais-error.js';

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
