/** A child of the command: runs the seeds that it is given and reports each. */
import type { Assignment, FromChild } from './jobs.js';
import { reportSeed } from './seed-report.js';

process.on('message', async ({ seeds, options }: Assignment) => {
  for (const seed of seeds) {
    // Who gave them has ended.
    if (!process.connected) return;
    tell({ begins: seed });
    tell({ report: await reportSeed(seed, options) });
  }
});

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message);
}
