// How the event loop of an application fares, and its memory.

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** ms between two looks at the loop: a delay that is told includes it. */
const RESOLUTION = 1;

/** @returns {Record<string, import('./client.mjs').Order>} */
export function loopOrders() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
  return {
    /** ms and MB, since it was asked last. */
    loop: () => {
      const { heapUsed, rss } = process.memoryUsage();
      const milliseconds = (/** @type {number} */ nanoseconds) => nanoseconds / 1e6;
      const told = {
        p50: milliseconds(delays.percentile(50)),
        p99: milliseconds(delays.percentile(99)),
        max: milliseconds(delays.max),
        heap: heapUsed / 1e6,
        resident: rss / 1e6,
      };
      delays.reset();
      delays.enable();
      return told;
    },
  };
}
