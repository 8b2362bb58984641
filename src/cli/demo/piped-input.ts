/** Whether the demo gets its ledger by standard input. */
import { fstatSync } from 'node:fs';

/** Milliseconds for the first bytes of a pipe that may just be somebody's idle end. */
const FIRST_BYTES_MS = 300;

/** Whether standard input brings a ledger: a file, or a pipe that has something in it. */
export function hasPipedInput(): Promise<boolean> {
  let kind: ReturnType<typeof fstatSync>;
  try {
    kind = fstatSync(0);
  } catch {
    return Promise.resolve(false);
  }
  if (kind.isFile()) return Promise.resolve(kind.size > 0);
  if (!kind.isFIFO() && !kind.isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const decide = (isThere: boolean) => {
      clearTimeout(timer);
      process.stdin.off('readable', look);
      process.stdin.off('end', never);
      process.stdin.off('error', never);
      if (!isThere) process.stdin.unref?.();
      resolve(isThere);
    };
    const look = () => decide(process.stdin.readableLength > 0);
    const never = () => decide(false);
    const timer = setTimeout(never, FIRST_BYTES_MS);
    process.stdin.on('readable', look);
    process.stdin.on('end', never);
    process.stdin.on('error', never);
  });
}
