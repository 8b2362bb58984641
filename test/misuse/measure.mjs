// What a process holds, after all garbage is gone.

import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {{ heap: number, external: number, files: number, resources: Record<string, number> }} Holdings */

/** @returns {Promise<Holdings>} */
export async function measure() {
  // What finalizers and weak references hold goes in a turn of its own.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await delay(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  /** @type {Record<string, number>} */
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { heap: heapUsed, external, files: readdirSync('/proc/self/fd').length, resources };
}
