// Three hosts, and a client that does not read: nothing is lost, and no process takes more memory than its bounds.

import { backpressure } from '../backpressure.mjs';

/** @param {import('../options.mjs').Options} options */
export async function run({ seconds, size = 1024 }) {
  return { parameters: { seconds, size }, ...(await backpressure(seconds, size)) };
}
