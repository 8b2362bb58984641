/** What `ais leave` asks: that an executive leaves the ring, and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { askExecutive, LEAVE } from './executive.js';

/** Milliseconds that the executive has between its answer, when the ring is left, and the end of its socket. */
const END_MS = 5000;

/**
 * Resolves when the executive that listens at `path` has left the ring and closed its socket.
 * @throws {AisError} As askExecutive(); SA_AIS_ERR_ACCESS: neither root nor the user of the executive asks.
 */
export function leaveRing(path: string, timeout: number): Promise<void> {
  return askExecutive(path, { operation: 'leave', fn: LEAVE, timeout }, async (_, ended) => {
    const patience = new AbortController();
    const over = delay(END_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([ended, over]);
    patience.abort();
  });
}
