// An executive of the workload 'backpressure'. Once a second it says where it is and what memory it has; it ends with its standard input.

import { Executive } from '../dist/executive/index.js';

const executive = await Executive.start(JSON.parse(process.argv[2] ?? '{}'));

function report() {
  const { heapUsed, external } = process.memoryUsage();
  const { configuration } = executive.status();
  process.stdout.write(`${JSON.stringify({ members: configuration.members, heapUsed, external })}\n`);
}

setInterval(report, 1000);
process.stdin.on('end', () => process.exit(0)).resume();
