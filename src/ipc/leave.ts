/** What `ais leave` asks: that an executive leaves the ring, and ends. */
import { askExecutive, LEAVE } from './executive.js';

/** Milliseconds between the answer, when the ring is left, and the end of the socket. */
const END_MS = 5000;

/**
 * Resolves when the executive that listens at `path` has left the ring and closed its socket.
 * @throws {AisError} As askExecutive(); SA_AIS_ERR_ACCESS: neither root nor the user of the executive asks.
 */
export function leaveRing(path: string, timeout: number): Promise<void> {
  return askExecutive(path, { operation: 'leave', fn: LEAVE, timeout }, (_, link) => {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, END_MS);
      link.onEnd = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  });
}
